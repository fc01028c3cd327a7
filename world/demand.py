"""What a world may demand: whether the checks that it deals among a company's captives can show anything.

Small rings and small worlds have few checks: three failures among five can be chance where a tenth of all
checked platforms fail. Whoever reads such a world must not be expected to name that company.
"""

from math import comb

import numpy as np

from world.cast import Cast
from world.checks import SEEN, Checks
from world.identifiers import Ints
from world.sales import Sales

KINDS = 5  # of flags that a reader may test: checks, documents, replies, consumers, inspections
LEAST = 3  # flagged captives
LEVEL = 0.05  # false discovery rate over companies


def captives(cast: Cast, sales: Sales) -> dict[int, Ints]:
    """Platforms with enough sales to see, of which a company settles at least half, by company."""
    company = sales.company
    if cast.alias is not None:
        company = np.where(company == cast.alias[0], cast.alias[1], company)
    shape = len(cast.platforms), len(cast.companies)
    settled = np.bincount(sales.platform * shape[1] + company, minlength=shape[0] * shape[1]).reshape(shape)
    total = settled.sum(axis=1, keepdims=True)
    depends = (total >= SEEN) & (2 * settled >= total)
    return {int(one): np.flatnonzero(depends[:, one]) for one in np.flatnonzero(depends.any(axis=0))}


def shown_by_checks(cast: Cast, checks: Checks, sales: Sales) -> set[int]:
    """Companies whose captives failed checks more often than checked platforms do, beyond chance.

    Hypergeometric tail among the checked platforms, times the kinds of flags, Benjamini-Hochberg over
    the companies of which at least three captives were checked.
    """
    latest: dict[tuple[int, int], str] = {}
    for platform, _, check, result, _ in sorted(checks.rows, key=lambda row: row[1]):
        if result in ("pass", "fail"):
            latest[platform, check] = result
    checked = {platform for platform, _ in latest}
    failed = {platform for (platform, _), result in latest.items() if result == "fail"}
    p: dict[int, float] = {}
    for company, platforms in captives(cast, sales).items():
        mine = set(platforms.tolist())
        drawn, found = len(mine & checked), len(mine & failed)
        if drawn >= LEAST:
            chance = tail(found, len(checked), len(failed), drawn) if found >= LEAST else 1.0
            p[company] = min(1.0, KINDS * chance)
    ranked = sorted(p, key=lambda company: p[company])
    places = [place for place, one in enumerate(ranked, 1) if p[one] <= LEVEL * place / len(ranked)]
    return set(ranked[: max(places, default=0)])


def tail(found: int, population: int, marked: int, drawn: int) -> float:
    """P(X ≥ found) when `drawn` of a population with `marked` marked ones are taken blindly."""
    ways = sum(comb(marked, x) * comb(population - marked, drawn - x) for x in range(found, drawn + 1))
    return ways / comb(population, drawn)
