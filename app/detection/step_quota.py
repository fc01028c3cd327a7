"""The personal limit: people over it, platforms that drive people there, people refused for it; and locks."""

from collections import Counter
from functools import cache
from importlib.resources import files
from typing import Any

import pyarrow as pa

from app.detection.peers import PeerParameters, alone, judge
from app.detection.significance import benjamini_hochberg, counts_against_peers
from app.detection.steps import Context, Rows, Step

OVER, EXHAUSTED, LOCKED = "consumer-quota", "consumer-quota-exhausted", "consumer-locked"


@cache
def _sql(name: str) -> str:
    return files("app.detection").joinpath(f"{name}.sql").read_text("utf-8")


def consumer_quota(context: Context) -> Rows:
    """People over the annual or the single limit: use by year, and the sales behind it.

    How many people there are is told in parts, as `quota_people` of platforms.
    """
    rows = Rows()
    context.tallies.keep("consumer_quota")
    asked = {"until": context.until, "years": context.parameters[OVER]["years"]}
    for row in context.tallies.query(_sql("quota_people"), asked).to_pylist():
        rows.put(row["platform"], {"quota_people": row["people"]})
    found = context.tallies.query(_sql("quota_over"), asked).to_pylist()
    people: dict[str, list[dict[str, Any]]] = {}
    for row in found:
        people.setdefault(row["consumer"], []).append(row)
    for consumer, years in people.items():
        rows.put(
            consumer,
            {f"quota_{name}": [year[column] for year in years] for name, column in _BY_YEAR.items()},
            label="Consumer",
        )
    over = pa.table(
        {
            "consumer": pa.array([row["consumer"] for row in found], pa.string()),
            "year": pa.array([row["year"] for row in found], pa.int32()),
            "annual": pa.array([row["used_e5"] > row["limit_e5"] for row in found], pa.bool_()),
        }
    )
    for row in context.tallies.query(_sql("quota_over_sales"), at_hand=over).to_pylist():
        sale, person = ("Transaction", row.pop("sale_id")), ("Consumer", row.pop("consumer"))
        rows.join("COUNTS_TOWARDS", sale, person, row)
    return rows


_BY_YEAR = {
    "years": "year",
    "used_e5": "used_e5",
    "given_back_e5": "given_back_e5",
    "limit_e5": "limit_e5",
    "sales": "sales",
    "over_single": "over_single",
}
"""Property `quota_<name>` of a consumer → column; lists of equal length, one entry a year."""


def quota_exhausted(context: Context) -> Rows:
    """Platforms by the share of their people who were driven to the limit, and people refused on many."""
    rows = Rows()
    parameters = context.parameters[EXHAUSTED]
    for name in ("consumer_quota", "quota_refusals"):
        context.tallies.keep(name)
    _platforms(context, rows, parameters)
    _refused_people(context, rows, parameters)
    return rows


def _platforms(context: Context, rows: Rows, parameters: dict[str, Any]) -> None:
    asked = {"until": context.until, "years": parameters["years"], "near": str(parameters["near"])}
    counts = context.tallies.query(_sql("quota_platforms"), asked).to_pylist()
    cells = alone([row["identities"] for row in counts], [row["exhausted"] for row in counts])
    limits = PeerParameters(
        minimum_sales=parameters["minimum_identities"],
        minimum_differing=parameters["minimum_exhausted"],
        minimum_peers=parameters["minimum_peers"],
        minimum_lift=parameters["minimum_lift"],
        level=parameters["level"],
    )
    verdicts = judge(cells, limits)[0][0] if counts else {}
    found: list[str] = []
    for place, row in enumerate(counts):
        platform = row.pop("platform")
        verdict = verdicts.get(place)
        near = {}
        if verdict is not None and verdict.found:
            near = {
                "low": verdict.low,
                "peers_share": verdict.peers_share,
                "p": verdict.p,
                "q": verdict.q,
                "grounds": len(context.flags.of(platform)),
            }
            found.append(platform)
        rows.put(platform, {f"quota_{name}": value for name, value in {**row, **near}.items()})
    if found:
        at_hand = pa.table({"platform": found})
        for row in context.tallies.query(_sql("quota_platform_sales"), asked, at_hand=at_hand).to_pylist():
            rows.join(
                "EVIDENCE_ABOUT",
                ("Transaction", row["sale_id"]),
                ("Enterprise", row["platform"]),
                {"quota": "Platform"},
            )


def _refused_people(context: Context, rows: Rows, parameters: dict[str, Any]) -> None:
    """Further platforms after the first are what tells: whoever was refused was refused on one.

    How many people were refused is told in parts, as `quota_refused_people` of platforms.
    """
    asked = {"until": context.until, "years": parameters["years"]}
    people = context.tallies.query(_sql("quota_refused_people"), asked).to_pylist()
    for platform, count in Counter(row["on_platforms"][0] for row in people).items():
        rows.put(platform, {"quota_refused_people": count})
    if len(people) < parameters["minimum_peers"]:
        return
    p, mean, _ = counts_against_peers([row["platforms"] - 1 for row in people])
    q = benjamini_hochberg(p)
    for row, p_of, q_of in zip(people, p.tolist(), q.tolist(), strict=True):
        if q_of > parameters["level"] or row["platforms"] < parameters["minimum_platforms"]:
            continue
        flagged = sum(bool(context.flags.of(platform)) for platform in row["on_platforms"])
        numbers = {
            "refusals": row["refusals"],
            "refused_platforms": row["platforms"],
            "peers_mean": mean + 1.0,
            "p": p_of,
            "q": q_of,
            "grounds": flagged,
        }
        rows.put(
            row["consumer"],
            {f"quota_{name}": value for name, value in numbers.items()},
            label="Consumer",
        )
        for sale in row["sales"]:
            rows.join("QUOTA_REFUSED", ("Transaction", sale), ("Consumer", row["consumer"]), {})


def consumer_locks(context: Context) -> Rows:
    """Sales that were declared in a locked name."""
    rows = Rows()
    locks = context.protections()
    if locks.num_rows:
        asked = {"until": context.until}
        for row in context.tallies.query(_sql("locked_sales"), asked, at_hand=locks).to_pylist():
            rows.join(
                "DECLARED_WHILE_LOCKED",
                ("Transaction", row["sale_id"]),
                ("Consumer", row["consumer"]),
                {"locked_since": row["since"], "declared": row["declared"]},
            )
    return rows


STEPS = (
    Step(
        name="consumer-quota-use",
        takes=frozenset({"years"}),
        run=consumer_quota,
        whole=frozenset({"Enterprise"}),  # how many people there are
    ),
    Step(
        name="consumer-quota-exhausted-shares",
        takes=frozenset(
            {
                "years",
                "near",
                "minimum_identities",
                "minimum_exhausted",
                "minimum_peers",
                "minimum_lift",
                "minimum_platforms",
                "level",
            }
        ),
        flags=True,
        run=quota_exhausted,
    ),
    Step(name="consumer-locks", run=consumer_locks),
)
