"""From one report, the identities that were likely misused with it, and the odds.

Naive Bayes over what an identity's use has in common with the reported use. Each factor's likelihood ratio is
how frequent it is among people who reported the same kind of misuse, over how frequent among all others, both
with Jeffreys' half a count (so that with no other report to learn from it is even chances against what is
usual); their product orders the list. The odds start from the people known to be misused among all, which is
less than there are, as few report: they are a lower bound. Factors are taken as independent.
"""

from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import pyarrow as pa
import yaml

from app.detection.rule import FRONT, Parameter
from app.detection.tally import Tallies
from app.errors import CluegraphError, NotFoundError
from loaders.ledger.ledger import Ledger

FACTORS = ("place", "phone", "address", "company")
SHOWN = 10
"""Sales named for each identity; their count says how many there are."""
WORDS: dict[tuple[str, int], dict[str, str]] = {
    ("place", 2): {"en": "same platform on the same days", "zh": "同一平台、同一时段"},
    ("place", 1): {"en": "same platform, at another time", "zh": "同一平台、其他时段"},
    ("place", 0): {"en": "not on the platform", "zh": "不在该平台"},
    ("phone", 1): {"en": "a phone of the reported sale", "zh": "使用被举报交易的电话"},
    ("phone", 0): {"en": "no phone of the reported sale", "zh": "未使用被举报交易的电话"},
    ("address", 1): {"en": "an address of the reported sale", "zh": "使用被举报交易的地址"},
    ("address", 0): {"en": "no address of the reported sale", "zh": "未使用被举报交易的地址"},
    ("company", 1): {"en": "the same payment company", "zh": "同一支付企业"},
    ("company", 0): {"en": "another payment company", "zh": "其他支付企业"},
}
EXPLANATION = {
    "en": "Each factor is as many times as likely among people who reported misuse as among all others; odds "
    "are their product times the odds of any identity (people known to be misused : all others), and so a "
    "lower bound, as few report.",
    "zh": "每项因素的似然比为该特征在已举报冒用者中与其他人中出现频率之比；"
    "胜算为各项之积乘以任一身份的先验胜算（已知被冒用者 : 其他人）。由于举报者少，此为下限。",
}


@dataclass(frozen=True)
class _Counts:
    """How many people have each level of each factor, among those who reported and among the others."""

    hit: Counter[tuple[str, int]]
    other: Counter[tuple[str, int]]
    hits: int
    others: int

    def ratio(self, factor: str, level: int) -> float:
        """Likelihood ratio of a level of a factor."""
        half = 0.5 * sum(name == factor for name, _ in WORDS)
        among_hit = (self.hit[factor, level] + 0.5) / (self.hits + half)
        return among_hit / ((self.other[factor, level] + 0.5) / (self.others + half))


def likely_hit(ledger: Ledger, report: str, *, limit: int = 50) -> dict[str, Any]:
    """The identities most likely misused with the one of a report, at most `limit`, the likeliest first.

    `report`, `ledger_version`, `data` (key, likelihood_ratio, odds, factors, evidence), `count` (how many
    have something in common and a ratio above one), `looked_at`, `reported` (people who reported misuse
    besides), `prior_odds`, `explanation`. Raises NotFoundError for an unknown report, or one about no sale
    that is known.
    """
    version = ledger.version
    with ledger.connect(version) as connection:
        asked = "SELECT 1 FROM current_consumer_reports WHERE reportId = $report"
        if not connection.execute(asked, {"report": report}).fetchall():
            raise NotFoundError(f"There is no report {report!r} in the ledger.")
        ((until,),) = connection.execute(
            "SELECT coalesce(max(last_date), DATE '1970-01-01') FROM transactions"
        ).fetchall()
        tallies = Tallies(
            connection, since=None, until=until, keys=pa.table({"key": pa.array([], pa.string())})
        )
        features, parameters = _features()
        values = {**parameters, "report": report}
        groups = tallies.query(
            f"SELECT {_NAMES}, reported, count(*) AS people FROM ({features}) GROUP BY ALL", values
        ).to_pylist()
        if not groups:
            raise NotFoundError(f"Report {report!r} names no sale that the ledger knows.")
        counts = _count(groups)
        ratios = _ratios(groups, counts)
        at_hand = pa.table(
            {
                **{
                    name: [combination[place] for combination in ratios] for place, name in enumerate(FACTORS)
                },
                "ratio": pa.array(ratios.values(), pa.float64()),
            },
            schema=_RATIOS,
        )
        rows = tallies.query(
            f"SELECT found.*, at_hand.ratio FROM ({features}) AS found JOIN at_hand USING ({_NAMES}) "
            "WHERE NOT found.reported "
            "ORDER BY at_hand.ratio DESC, len(found.sales) DESC, found.person LIMIT $limit",
            {**values, "limit": limit},
            at_hand=at_hand,
        ).to_pylist()
    prior = (counts.hits + 1) / max(counts.others, 1)
    return {
        "report": report,
        "ledger_version": version,
        "data": [_told(row, counts, prior) for row in rows],
        "count": sum(
            group["people"] for group in groups if not group["reported"] and _combination(group) in ratios
        ),
        "looked_at": counts.hits + counts.others,
        "reported": counts.hits,
        "prior_odds": _figure(prior),
        "explanation": EXPLANATION,
    }


_NAMES = ", ".join(FACTORS)
_RATIOS = pa.schema(
    [
        ("place", pa.int32()),
        ("phone", pa.bool_()),
        ("address", pa.bool_()),
        ("company", pa.bool_()),
        ("ratio", pa.float64()),
    ]
)


def _combination(row: dict[str, Any]) -> tuple[int, ...]:
    return tuple(row[name] for name in FACTORS)


def _count(groups: list[dict[str, Any]]) -> _Counts:
    hits = sum(group["people"] for group in groups if group["reported"])
    others = sum(group["people"] for group in groups if not group["reported"])
    counts = _Counts(Counter(), Counter(), hits, others)
    for group in groups:
        of = counts.hit if group["reported"] else counts.other
        for name in FACTORS:
            of[name, int(group[name])] += group["people"]
    return counts


def _ratios(groups: list[dict[str, Any]], counts: _Counts) -> dict[tuple[int, ...], float]:
    """Likelihood ratio of every combination that has something in common with the report, if above one."""
    ratios: dict[tuple[int, ...], float] = {}
    for group in groups:
        ratio = 1.0
        for name in FACTORS:
            ratio *= counts.ratio(name, int(group[name]))
        if ratio > 1.0 and (group["place"] or group["phone"] or group["address"]):
            ratios[_combination(group)] = ratio
    return ratios


def _told(row: dict[str, Any], counts: _Counts, prior: float) -> dict[str, Any]:
    sales = row["sales"] or []
    factors = []
    for name in FACTORS:
        level = int(row[name])
        factors.append(
            {
                "factor": name,
                "what": WORDS[name, level],
                "likelihood_ratio": _figure(counts.ratio(name, level)),
                "among_reported": [counts.hit[name, level], counts.hits],
                "among_others": [counts.other[name, level], counts.others],
            }
        )
    return {
        "key": row["person"],
        "likelihood_ratio": _figure(row["ratio"]),
        "odds": _figure(row["ratio"] * prior),
        "factors": factors,
        "evidence": {"ids": sales[:SHOWN], "count": len(sales)},
    }


def _figure(value: float) -> float:
    """Three significant digits: more would say more than the counts do."""
    return float(f"{value:.3g}")


@cache
def _features() -> tuple[str, dict[str, Any]]:
    """The statement that tells everybody's features, and its parameters by name."""
    name = "likely_hit_features.sql"
    text = files("app.supervision").joinpath("sql", name).read_text("utf-8")
    match = FRONT.match(text)
    if match is None:
        raise CluegraphError(f"{name}: it begins with front matter between '/*' and '*/'.")
    rows = [Parameter.model_validate(row) for row in yaml.safe_load(match["front"])["parameters"]]
    return match["body"], {row.name: row.default for row in rows}
