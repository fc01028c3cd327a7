"""Who stands behind a community: its members grouped by the company they settle with."""

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from app.detection.significance import hypergeometric_tail


@dataclass(frozen=True)
class SettlementGroup:
    """A company and the members it is the main settler of.

    Of `population` platforms `platforms` settle mainly with it; of the community's members, those in
    `members`. `p` is the chance of that many by drawing members blindly: it names the small company before
    the wallet that everybody uses.
    """

    company: str | None  # None: members with no payment known
    members: tuple[str, ...]
    platforms: int
    population: int
    lift: float
    p: float


def settlement_groups(settlements: pa.Table, members: tuple[str, ...]) -> list[SettlementGroup]:
    """Members grouped by the company that settles most of their sales (ties: the smaller code), most
    enriched company first.

    `settlements`: platform, company (null where unknown), transactions.
    """
    settler = _main_settlers(settlements)
    population = len(settler)
    of_company: dict[str | None, list[str]] = {}
    for platform, company in settler.items():
        of_company.setdefault(company, []).append(platform)
    inside = [member for member in members if member in settler]
    groups: dict[str | None, list[str]] = {}
    for member in inside:
        groups.setdefault(settler[member], []).append(member)
    result = []
    for company, group in groups.items():
        total = len(of_company[company])
        p = float(hypergeometric_tail(len(group), population, total, len(inside)))
        lift = len(group) * population / (total * len(inside))
        result.append(SettlementGroup(company, tuple(sorted(group)), total, population, lift, p))
    return sorted(
        result, key=lambda group: (group.company is None, group.p, -group.lift, group.company or "")
    )


def _main_settlers(settlements: pa.Table) -> dict[str, str | None]:
    known = settlements.filter(pc.is_valid(settlements["company"])).sort_by(
        [("platform", "ascending"), ("transactions", "descending"), ("company", "ascending")]
    )
    settler: dict[str, str | None] = {}
    for platform, company in zip(known["platform"].to_pylist(), known["company"].to_pylist(), strict=True):
        settler.setdefault(platform, company)
    for platform in sorted(set(settlements["platform"].to_pylist()) - settler.keys()):
        settler[platform] = None
    return settler
