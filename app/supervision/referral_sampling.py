"""A stratified sample of payments: how many, which, and what the replies say of all of them."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, inf

import numpy as np
from scipy import special


@dataclass(frozen=True)
class Stratum:
    """Payments of one stratum, and what is known of them: asked about, answered in substance, refuted."""

    population: int
    asked: int = 0
    answered: int = 0
    refuted: int = 0


@dataclass(frozen=True)
class Estimate:
    """Share of refuted payments among all of the referral's population that answered strata stand for.

    `covered`: share of the population in strata with an answer. `low`, `high` are 0 and 1 without any.
    """

    share: float | None
    low: float
    high: float
    covered: float


def sample_size(population: int, *, half_width: float, expected_share: float, level: float) -> int:
    """Payments to ask about, so that the interval of a share is no wider than ± `half_width`.

    n0 = z² p (1 − p) / h², with the finite population correction n = n0 / (1 + (n0 − 1) / N)
    (Cochran 1977, Sampling Techniques, 3rd ed., 4.3).
    """
    z = float(special.ndtri((1.0 + level) / 2.0))
    unlimited = z * z * expected_share * (1.0 - expected_share) / (half_width * half_width)
    return min(population, ceil(unlimited / (1.0 + (unlimited - 1.0) / max(population, 1))))


def allocate(populations: Mapping[str, int], size: int, *, least: int) -> dict[str, int]:
    """How many to ask about of each stratum: in proportion (largest remainders), and at least `least`.

    The least may bring the sum above `size`.
    """
    total = sum(populations.values())
    if not total:
        return {}
    exact = {name: size * populations[name] / total for name in sorted(populations)}
    given = {name: int(share) for name, share in exact.items()}
    for name in sorted(exact, key=lambda one: (given[one] - exact[one], one))[: size - sum(given.values())]:
        given[name] += 1
    return {name: min(populations[name], max(given[name], least)) for name in exact}


def draw(strata: Mapping[str, Sequence[int]], sizes: Mapping[str, int], reference: str) -> list[int]:
    """The payments drawn, in ascending order; the same reference draws the same of the same.

    `strata`: name → positions of its payments, in an order that depends on nothing else.
    """
    seed = int.from_bytes(hashlib.sha256(reference.encode()).digest()[:8])
    chance = np.random.default_rng(seed)
    drawn: list[int] = []
    for name in sorted(strata):
        drawn += chance.choice(np.asarray(strata[name]), sizes[name], replace=False).tolist()
    return sorted(drawn)


def estimate(strata: Sequence[Stratum], *, level: float) -> Estimate:
    """The share of refuted payments from the strata of a sample, each weighed by its payments.

    The interval is the exact one of as many independent replies as the sample is worth (Korn & Graubard 1998,
    Survey Methodology 24, 193-201): n' = p (1 − p) / variance. Strata where all replies agree vary as with
    half a reply more to either side, so that few replies never look certain; a stratum asked about and
    answered as a whole does not vary.
    """
    known = [one for one in strata if one.answered]
    total = sum(one.population for one in strata)
    covered = sum(one.population for one in known)
    if not covered:
        return Estimate(None, 0.0, 1.0, 0.0)
    share, smoothed, variance = 0.0, 0.0, 0.0
    for one in known:
        weight = one.population / covered
        own = (one.refuted + 0.5) / (one.answered + 1.0)
        share += weight * one.refuted / one.answered
        smoothed += weight * own
        variance += weight**2 * (1.0 - one.answered / one.population) * own * (1.0 - own) / one.answered
    worth = smoothed * (1.0 - smoothed) / variance if variance > 0 else inf
    if worth == inf:
        return Estimate(share, share, share, covered / total)
    tail = (1.0 - level) / 2.0
    found = share * worth
    low = float(special.betaincinv(found, worth - found + 1.0, tail)) if found > 0 else 0.0
    high = float(special.betaincinv(found + 1.0, worth - found, 1.0 - tail)) if found < worth else 1.0
    return Estimate(share, low, high, covered / total)
