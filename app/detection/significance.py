"""Tests and intervals: many candidates at once, small counts, no assumptions beyond those written here."""

import numpy as np
import numpy.typing as npt
from scipy import special, stats

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def poisson_tail(observed: npt.ArrayLike, expected: npt.ArrayLike) -> Floats:
    """P(X ≥ observed) for X ~ Poisson(expected), element by element; 1 where nothing was observed."""
    seen = np.asarray(observed, dtype=np.float64)
    # P(X >= o) is the regularised lower incomplete gamma function at (o, e).
    tail = special.gammainc(np.maximum(seen, 1.0), np.asarray(expected, dtype=np.float64))
    return np.asarray(np.where(seen > 0, tail, 1.0), dtype=np.float64)


def benjamini_hochberg(p: npt.ArrayLike, *, candidates: int | None = None) -> Floats:
    """q-values (Benjamini & Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x), in the order of `p`.

    `candidates` is how many were tested where that is more than len(p): the others have p = 1.
    """
    values = np.asarray(p, dtype=np.float64)
    if not values.size:
        return np.zeros(0)
    total = values.size if candidates is None else max(candidates, values.size)
    order = np.argsort(values, kind="stable")
    ranked = values[order] * total / np.arange(1, values.size + 1)
    q = np.empty_like(values)
    q[order] = np.minimum(np.minimum.accumulate(ranked[::-1])[::-1], 1.0)
    return q


def holm(p: npt.ArrayLike) -> Floats:
    """p-values adjusted for all of `p` (Holm 1979), in its order; the smallest is the family's."""
    values = np.asarray(p, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    raised = values[order] * (values.size - np.arange(values.size))
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(np.maximum.accumulate(raised), 1.0) if values.size else raised
    return adjusted


def hypergeometric_tail(
    found: npt.ArrayLike, population: npt.ArrayLike, marked: npt.ArrayLike, drawn: npt.ArrayLike
) -> Floats:
    """P(X ≥ found) when `drawn` of a `population` with `marked` marked ones are taken blindly."""
    return np.asarray(
        stats.hypergeom.sf(
            np.asarray(found) - 1, np.asarray(population), np.asarray(marked), np.asarray(drawn)
        ),
        dtype=np.float64,
    )


def counts_against_peers(counts: npt.ArrayLike) -> tuple[Floats, float, float]:
    """P(X ≥ count) of each count among its peers: (p, mean, variance of a peer).

    A negative binomial with mean and variance from median and MAD, which a few guilty peers cannot move.
    Counting blurs both: the mean of a Poisson variable is at most its median + ln 2 (Choi 1994,
    doi:10.1090/S0002-9939-1994-1195477-8), a MAD of integers may be half more than it shows, and a variance
    below the mean is taken as the mean (Poisson). All three err towards silence.
    """
    values = np.asarray(counts, dtype=np.float64)
    if not values.size:
        return np.zeros(0), 0.0, 0.0
    median = float(np.median(values))
    mean = median + float(np.log(2.0))
    deviation = float(np.median(np.abs(values - median))) + 0.5
    spread = 1.4826 * deviation  # MAD of a normal variable to its standard deviation
    variance = max(spread * spread, mean)
    if variance <= mean * (1.0 + 1e-9):
        return poisson_tail(values, mean), mean, mean
    shape = mean * mean / (variance - mean)
    p = stats.nbinom.sf(values - 1, shape, mean / variance)
    return np.asarray(p, dtype=np.float64), mean, variance


def wilson(found: npt.ArrayLike, of: npt.ArrayLike, *, level: float) -> tuple[Floats, Floats]:
    """Interval of a share, (low, high) (Wilson 1927); (0, 1) where there is nothing to judge."""
    k, n = np.asarray(found, dtype=np.float64), np.asarray(of, dtype=np.float64)
    z2 = float(special.ndtri((1.0 + level) / 2.0)) ** 2
    safe = np.maximum(n, 1.0)
    centre = (k + z2 / 2.0) / (safe + z2)
    half = np.sqrt(z2) / (safe + z2) * np.sqrt(k * (safe - k) / safe + z2 / 4.0)
    low = np.where(n > 0, np.where(k == 0, 0.0, centre - half), 0.0)
    high = np.where(n > 0, np.where(k == n, 1.0, centre + half), 1.0)
    return np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)


def jeffreys(found: npt.ArrayLike, of: npt.ArrayLike, *, level: float) -> tuple[Floats, Floats]:
    """Interval of a share, (low, high): quantiles of Beta(k+½, n−k+½), 0 and 1 at the ends.

    Brown, Cai & DasGupta 2001, doi:10.1214/ss/1009213286.
    """
    k, n = np.asarray(found, dtype=np.float64), np.asarray(of, dtype=np.float64)
    tail = (1.0 - level) / 2.0
    low = np.where(k > 0, special.betaincinv(k + 0.5, n - k + 0.5, tail), 0.0)
    high = np.where(k < n, special.betaincinv(k + 0.5, n - k + 0.5, 1.0 - tail), 1.0)
    return np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)


def poisson_interval(count: npt.ArrayLike, *, level: float) -> tuple[Floats, Floats]:
    """Interval of the mean of a Poisson count, (low, high): quantiles of Gamma(k+½), 0 where k is 0.

    Jeffreys' interval; Brown, Cai & DasGupta 2003, Statistica Sinica 13, 19-49.
    """
    k = np.asarray(count, dtype=np.float64)
    tail = (1.0 - level) / 2.0
    low = np.where(k > 0, special.gammaincinv(k + 0.5, tail), 0.0)
    high = special.gammaincinv(k + 0.5, 1.0 - tail)
    return np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
