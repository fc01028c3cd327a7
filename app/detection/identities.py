"""Whether an identity, or whoever stands behind one phone or address, buys as people do.

Sources and reasons: docs/significance.md, "Identities".
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Habit:
    """How often people begin to use another phone: mean share of the orders after the first, and how much
    people differ in it (intra-class correlation of a beta-binomial)."""

    rate: float
    dispersion: float

    def tail(self, new: Ints, orders: Ints) -> Floats:
        """P(X ≥ new) new phones in so many orders after the first."""
        if self.dispersion <= 0.0:
            return np.asarray(stats.binom.sf(new - 1, orders, self.rate), dtype=np.float64)
        total = 1.0 / self.dispersion - 1.0
        a, b = self.rate * total, (1.0 - self.rate) * total
        return np.asarray(stats.betabinom.sf(new - 1, orders, a, b), dtype=np.float64)


def habit_of(new: Ints, orders: Ints, people: Ints, *, apart: float = 1e-3, rounds: int = 50) -> Habit:
    """The habit of most people: `people[i]` of them began `new[i]` phones in `orders[i]` > 0 later orders.

    Fitted by moments without whoever the rest makes improbable (P < `apart`): it starts with everybody and
    only ever leaves out those who change phones more than the others, so that stolen identities do not set
    the habit. With nobody to go by every order may bring a phone.
    """
    n, x, weight = orders.astype(np.float64), new.astype(np.float64), people.astype(np.float64)
    if not (weight * n).sum():
        return Habit(1.0, 0.0)
    kept = np.ones(len(n), dtype=np.bool_)
    rate = 1.0
    for _ in range(rounds):
        rate = float(((weight * x)[kept].sum() + 0.5) / ((weight * n)[kept].sum() + 1.0))
        fits = Habit(rate, 0.0).tail(new, orders) >= apart
        if (fits == kept).all():
            break
        kept &= fits
    return Habit(rate, _dispersion(x[kept], n[kept], weight[kept], rate))


def _dispersion(x: Floats, n: Floats, weight: Floats, rate: float) -> float:
    """Intra-class correlation by moments (Kleinman 1973, doi:10.1080/01621459.1973.10481332)."""
    chance = rate * (1.0 - rate)
    total = float((weight * n).sum())
    degrees = float(weight.sum()) - 1.0
    inflation = total - float((weight * n**2).sum()) / total - degrees
    if inflation <= 0.0 or chance <= 0.0:
        return 0.0
    spread = float((weight * n * (x / n - rate) ** 2).sum())
    return float(min(max((spread - degrees * chance) / (chance * inflation), 0.0), 0.5))


def occupancy(orders: int, share: Floats) -> Floats:
    """Probability of each platform to be among so many orders, each placed by the platforms' shares."""
    return np.asarray(-np.expm1(orders * np.log1p(-np.minimum(share, 1.0 - 1e-12))), dtype=np.float64)


def occupancy_tail(platforms: int, orders: int, share: Floats) -> float:
    """P(X ≥ platforms) different platforms in so many orders, each to a platform by its share of all sales.

    Whether a platform is among them is an event of its own, 1 − (1 − share)^orders; their sum is taken as if
    they were independent (Poisson-binomial). They are negatively associated, so the true sum is smaller in
    convex order (Shao 2000, doi:10.1023/A:1007849609234): the test errs towards silence.
    """
    law = np.ones(1)
    for p in occupancy(orders, share).tolist():
        law = np.convolve(law, (1.0 - p, p))
    return float(min(law[platforms:].sum(), 1.0))


def together(identities: Ints, of: Ints, share: Floats, choices: Ints) -> Floats:
    """P that as many identities of a crowd meet on one platform (chapter, stretch of days) by chance.

    Binomial against the share that everybody's sales give it, times the `choices` there were (Bonferroni).
    """
    return np.asarray(np.minimum(stats.binom.sf(identities - 1, of, share) * choices, 1.0), dtype=np.float64)
