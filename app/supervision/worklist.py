"""The work list: which platforms to check next, what a check would tell, and the goods to look for there."""

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pyarrow as pa
import yaml
from pydantic import BaseModel, ConfigDict

from app.casebook.models import SEVERITIES
from app.casebook.store import Casebook
from app.detection.rule import Parameter
from app.errors import BadInputError
from app.supervision.verification import (
    Platform,
    Register,
    Row,
    last_day,
    read_register,
    read_sql,
    tallies_on,
)
from loaders.ledger.ledger import Ledger

LOOKED_FOR = ("can_purchase", "goods_shipped", "goods_on_sale")
"""Checks that need goods to look for: each is given another one."""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    version: str
    parameters: list[Parameter]


@dataclass(frozen=True)
class Chosen:
    """A platform on the list: its place, the score by which it came there (see `score_of`), and why."""

    platform: Platform
    place: int
    score: float
    selection: str
    why: str
    goods: tuple[Row, ...]

    def as_dict(self) -> Row:
        """Plain JSON values."""
        rest = {name: getattr(self, name) for name in ("place", "score", "selection", "why")}
        return {**rest, "goods": list(self.goods), **self.platform.as_dict()}


@dataclass(frozen=True)
class Worklist:
    """Platforms to check, in order; `id` is that of every list made of the same data in the same way."""

    id: str
    as_of: date
    seed: int
    parameters_version: str
    chosen: tuple[Chosen, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many platforms were chosen for each reason."""
        names = ("random", "suspicion", "routine")
        return {name: sum(one.selection == name for one in self.chosen) for name in names}


@cache
def _file() -> _File:
    text = files("app.supervision").joinpath("worklist.yaml").read_text("utf-8")
    return _File.model_validate(yaml.safe_load(text))


def parameters_on(day: date) -> dict[str, Any]:
    """Name → value of every parameter that holds on a day."""
    holding = sorted(
        (one for one in _file().parameters if one.holds_from <= day), key=lambda one: one.holds_from
    )
    return {one.name: one.default for one in holding}


def score_of(platform: Platform, parameters: Mapping[str, Any]) -> float:
    """What a check of the platform would tell: log10(1 + sales) · doubt · (1 + points).

    Sales are those of the window; doubt is the share of the checks' results that is unknown or forgotten
    (see `doubt`); points are those of the gravest finding about it.
    """
    points = _points(platform, parameters)
    doubted = doubt(platform, parameters["half_life_days"])
    return math.log10(1 + platform.window_sales) * doubted * (1 + points)


def doubt(platform: Platform, half_life_days: float) -> float:
    """Mean over the checks that apply: 1 where there is no result, else 1 − ½^(age / half life); 0 to 1."""
    each = [
        1.0 - 0.5 ** (max(check.age_days, 0) / half_life_days)
        if check.state in ("pass", "fail") and check.age_days is not None
        else 1.0
        for check in platform.checks
        if check.state != "not_applicable"
    ]
    return sum(each) / len(each) if each else 0.0


def make_worklist(
    ledger: Ledger,
    casebook: Casebook,
    *,
    size: int,
    random_share: float,
    seed: int = 0,
    as_of: date | None = None,
) -> Worklist:
    """`size` platforms to check (fewer where there are fewer), a share of them drawn at random.

    The random ones (at least one, unless the share is 0) are drawn first, from all platforms that sold in the
    window, whatever is known of them, so that they stand for all; the others follow by score. The same data,
    day, numbers and seed give the same list. Raises BadInputError for a size below 1 or a share that is none.
    """
    if size < 1 or not 0.0 <= random_share <= 1.0:
        raise BadInputError("A work list has at least 1 platform and a random share from 0 to 1.")
    with ledger.connect() as connection:
        day = as_of or last_day(connection)
        tallies = tallies_on(connection, day)
        known = read_register(tallies, casebook.findings(), day)
        parameters = parameters_on(day)
        drawn = _choose(known, parameters, size, random_share, seed)
        at_hand = pa.table({"platform": pa.array([code for code, _ in drawn], pa.string())})
        goods: dict[str, list[Row]] = defaultdict(list)
        found = tallies.query(read_sql("platform_goods"), {"most": parameters["goods"]}, at_hand=at_hand)
        for row in found.to_pylist():
            goods[row.pop("platform")].append(row)
    chosen = []
    for place, (code, selection) in enumerate(drawn, 1):
        platform = known.platforms[code]
        score = round(score_of(platform, parameters), 6)
        why = _why(platform, parameters)
        chosen.append(Chosen(platform, place, score, selection, why, tuple(goods[code])))
    made_from = (ledger.version, casebook.seq(), day.isoformat(), size, random_share, seed, _file().version)
    identity = f"WL{day:%Y%m%d}-{hashlib.sha256(repr(made_from).encode()).hexdigest()[:8]}"
    return Worklist(identity, day, seed, _file().version, tuple(chosen))


def _choose(
    known: Register, parameters: Mapping[str, Any], size: int, share: float, seed: int
) -> list[tuple[str, str]]:
    """(code, selection) in the order of the list: by score, the random ones among the others."""
    score = {code: score_of(one, parameters) for code, one in known.platforms.items()}
    selling = sorted(code for code, one in known.platforms.items() if one.window_sales > 0)
    wanted = min(max(round(size * share), 1 if share > 0 else 0), len(selling))
    lots = np.random.default_rng(seed).permutation(len(selling))[:wanted].tolist()
    random = {selling[lot] for lot in lots}
    rest = sorted(known.platforms.keys() - random, key=lambda code: (-score[code], code))
    selection = dict.fromkeys(random, "random")
    for code in rest[: max(size - len(random), 0)]:
        one = known.platforms[code]
        suspected = one.state == "failed" or _points(one, parameters) > 0
        selection[code] = "suspicion" if suspected else "routine"
    return sorted(selection.items(), key=lambda pair: (-score[pair[0]], pair[0]))


def _counted(platform: Platform, parameters: Mapping[str, Any]) -> Iterable[Row]:
    for finding in platform.findings:
        if finding["rule"] not in parameters["not_counted"] and finding["decision"] != "false alarm":
            yield finding


def _points(platform: Platform, parameters: Mapping[str, Any]) -> float:
    points = parameters["finding_points"]
    return max(
        (float(points[SEVERITIES.index(one["severity"])]) for one in _counted(platform, parameters)),
        default=0.0,
    )


def _why(platform: Platform, parameters: Mapping[str, Any]) -> str:
    """The parts of the score in words."""
    checked = "never checked" if platform.age_days is None else f"last result {platform.age_days} days ago"
    failed = [check.check for check in platform.checks if check.state == "fail"]
    rules = sorted({f"{one['rule']} ({one['severity']})" for one in _counted(platform, parameters)})
    parts = [checked, f"{platform.window_sales} sales in the window"]
    parts += [f"failed: {', '.join(failed)}"] if failed else []
    parts += [f"findings: {', '.join(rules)}"] if rules else []
    return "; ".join(parts)


def rows_of(worklist: Worklist) -> list[Row]:
    """One row a check of a platform, to be filled in: what the list says, and columns that are empty.

    `verificationId` is the list's, the platform's and the check's: a list that is loaded twice is known.
    """
    rows: list[Row] = []
    for one in worklist.chosen:
        goods = iter([*one.goods, *one.goods, *one.goods])
        for check in one.platform.checks:
            good = next(goods, {}) if check.check in LOOKED_FOR else {}
            rows.append(
                {
                    "worklist": worklist.id,
                    "verificationId": f"{worklist.id}-{one.platform.code}-{check.check}",
                    "place": one.place,
                    "ebpCode": one.platform.code,
                    "name": one.platform.name,
                    "site": one.platform.site,
                    "selection": one.selection,
                    "score": one.score,
                    "why": one.why,
                    "check": check.check,
                    "lastResult": check.state,
                    "lastChecked": check.checked_at,
                    "barCode": good.get("bar_code"),
                    "itemNo": good.get("item_no"),
                    "itemName": good.get("item_name"),
                    "itemLink": good.get("item_link"),
                }
            )
    return rows


def goods_of(worklist: Worklist) -> list[Row]:
    """One row a good of a platform to look for, those with most cleared sales first."""
    return [
        {"worklist": worklist.id, "ebpCode": one.platform.code, "name": one.platform.name}
        | {
            "barCode": good["bar_code"],
            "itemNo": good["item_no"],
            "itemName": good["item_name"],
            "itemLink": good["item_link"],
            "clearedSales": good["sales"],
        }
        for one in worklist.chosen
        for good in one.goods
    ]


def as_json(worklist: Worklist) -> Row:
    """The list as plain JSON values."""
    return {
        "id": worklist.id,
        "as_of": worklist.as_of.isoformat(),
        "seed": worklist.seed,
        "parameters_version": worklist.parameters_version,
        "counts": worklist.counts,
        "platforms": [one.as_dict() for one in worklist.chosen],
    }
