"""A stratified sample of payments: how many, and which."""

import hashlib
from collections.abc import Mapping, Sequence
from math import ceil

import numpy as np
from scipy import special


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
