"""Split consignments: the same goods, sent to one destination within days in the names of many people."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from scipy import stats

from app.detection.significance import benjamini_hochberg
from app.detection.tally import Tallies

_SPLITS = files("app.detection").joinpath("goods_splits.sql").read_text(encoding="utf-8")


@dataclass(frozen=True)
class SplitParameters:
    """Every number that decides; they come from the rule's file."""

    identities: int  # people, least; a family has fewer
    days: int  # within which they must be declared
    single_limit: str  # CNY, what one person may have in one order
    minimum_share: float  # of what arrives in those days
    level: float  # false discovery rate over everything that arrived


@dataclass(frozen=True)
class Split:
    """One destination: the numbers of its strongest burst, the sales of all of them."""

    kind: str  # Address or Phone
    destination: str  # key
    goods: str
    first_day: str
    identities: int
    value_e5: int
    share: float  # of what arrived in those days
    market_share: float  # of what everybody else had sent in those days
    bursts: int
    sales: tuple[str, ...]
    flagged_share: float  # of the sales, on platforms with base flags
    p: float
    q: float


def find_splits(tallies: Tallies, parameters: SplitParameters, flagged: Collection[str]) -> list[Split]:
    """Destinations with a burst that chance and demand do not explain, one cause one finding.

    P(X ≥ sales of the goods) among all sales that arrived in those days, binomial with the share that the
    goods have everywhere else in the same days; Benjamini-Hochberg over every line that arrived at a busy
    destination, each of which might have begun a burst. Of a phone and an address that tell of mostly the
    same sales the one with more sales is named, the phone where they are equal.
    `flagged` are the platforms with base flags.
    """
    tallies.keep("crowd_uses")
    tallies.keep("declared_lines")
    rows = tallies.query(
        _SPLITS,
        {
            "identities": parameters.identities,
            "days": parameters.days,
            "single_limit": parameters.single_limit,
        },
    ).to_pylist()
    if not rows:
        return []
    for row in rows:
        others = row["market_sales"] - row["all_sales"]
        row["market_share"] = (row["market_goods"] - row["own_sales"] + 0.5) / (others + 1.0)
        row["share"] = row["own_sales"] / row["all_sales"]
        row["p"] = float(
            stats.binom.sf(row["own_sales"] - 1, row["all_sales"], min(row["market_share"], 1.0))
        )
    q = benjamini_hochberg([row["p"] for row in rows], candidates=rows[0]["looked_at"])
    for row, value in zip(rows, q.tolist(), strict=True):
        row["q"] = value
    bursts: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        if row["q"] <= parameters.level and row["share"] >= parameters.minimum_share:
            bursts.setdefault((row["kind"], row["destination"]), []).append(row)
    return [_split(found, flagged) for found in _one_cause(bursts)]


def _one_cause(bursts: Mapping[tuple[str, str], list[dict[str, Any]]]) -> list[list[dict[str, Any]]]:
    """Bursts by destination, without destinations most of whose sales another one tells of already."""
    told: set[str] = set()
    kept = []
    order = sorted(bursts.items(), key=lambda item: (-len(_sales(item[1])), item[0][0] != "Phone", item[0]))
    for _, found in order:
        sales = _sales(found).keys()
        if 2 * len(sales & told) <= len(sales):
            kept.append(found)
            told |= sales
    return kept


def _sales(found: list[dict[str, Any]]) -> dict[str, str]:
    """Sales of some bursts, each with its platform."""
    return {sale["id"]: sale["platform"] for row in found for sale in row["sales"]}


def _split(found: list[dict[str, Any]], flagged: Collection[str]) -> Split:
    best = min(found, key=lambda row: (-row["identities"], -row["value_e5"], row["goods"]))
    platform_of = _sales(found)
    return Split(
        kind=best["kind"],
        destination=best["destination"],
        goods=best["goods"],
        first_day=best["first_day"].isoformat(),
        identities=best["identities"],
        value_e5=best["value_e5"],
        share=best["share"],
        market_share=best["market_share"],
        bursts=len(found),
        sales=tuple(sorted(platform_of)),
        flagged_share=sum(platform in flagged for platform in platform_of.values()) / len(platform_of),
        p=best["p"],
        q=best["q"],
    )
