"""Whether an identity, or whoever stands behind one phone or address, buys as people do.

Sources and reasons: docs/significance.md, "Identities".
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize, special, stats

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Habit:
    """How often people begin to use another phone: of those with `orders[i]` orders after the first, the
    share `rate[i]` of these brings one. The more orders, the smaller the share: who has a second phone has
    used it by then."""

    orders: Ints  # increasing
    rate: Floats  # never increasing

    def usual(self, orders: Ints) -> Floats:
        """Expected number of new phones in so many orders after the first."""
        at = np.searchsorted(self.orders, orders, side="right") - 1
        return np.asarray(self.rate[np.maximum(at, 0)] * orders, dtype=np.float64)

    def tail(self, new: Ints, orders: Ints) -> Floats:
        """P(X ≥ new) new phones in so many orders after the first."""
        share = self.usual(orders) / np.maximum(orders, 1)
        return np.asarray(stats.binom.sf(new - 1, orders, share), dtype=np.float64)


ANYTHING = Habit(np.ones(1, dtype=np.int64), np.ones(1))
"""With nobody to go by every order may bring a phone."""


def habit_of(new: Ints, orders: Ints, people: Ints, *, apart: float = 1e-2, rounds: int = 100) -> Habit:
    """The habit of most people: `people[i]` of them began `new[i]` phones in `orders[i]` > 0 later orders.

    Fitted without whoever the rest makes improbable (P < `apart`): it starts with everybody and only ever
    leaves out those who change phones more than the others, so that stolen identities do not set the habit.
    The rate never rises with the number of orders (isotonic regression), and is never below that of all who
    are left: where few have so many orders, those with fewer tell.
    """
    if not (people * orders).sum():
        return ANYTHING
    kept = np.ones(len(orders), dtype=np.bool_)
    habit = ANYTHING
    for _ in range(rounds):
        habit = _fit(new[kept], orders[kept], people[kept])
        fits = kept & (habit.tail(new, orders) >= apart)
        if (fits == kept).all() or not fits.any():
            break
        kept = fits
    return habit


def _fit(new: Ints, orders: Ints, people: Ints) -> Habit:
    at, group = np.unique(orders, return_inverse=True)
    begun = np.bincount(group, weights=people * new)
    chances = np.bincount(group, weights=people * orders)
    rate = optimize.isotonic_regression(begun / chances, weights=chances, increasing=False).x
    return Habit(at, np.maximum(rate, (begun.sum() + 0.5) / (chances.sum() + 1.0)))


def occupancy(orders: int, share: Floats) -> Floats:
    """Probability of each platform to be among so many orders, each placed by the platforms' shares."""
    return np.asarray(-np.expm1(orders * np.log1p(-np.minimum(share, 1.0 - 1e-12))), dtype=np.float64)


def occupancy_tail(platforms: Ints, orders: int, share: Floats) -> Floats:
    """P(X ≥ platforms) different platforms in so many orders, each placed by the platforms' shares of sales.

    The orders that lead to no new platform have a mean and a variance that are known exactly (classical
    occupancy: Johnson & Kotz 1977, Urn Models); the variance is less than the mean, and a binomial with both
    gives their lower tail. Against the exact law (a test works it out) it is right to a few per cent where
    chance often leads, and too great in the far tail: the test errs towards silence.
    """
    absent = 1.0 - occupancy(orders, share)
    both = np.maximum(1.0 - share[:, None] - share[None, :], 0.0) ** orders - np.outer(absent, absent)
    variance = float(both.sum() - np.trace(both) + (absent * (1.0 - absent)).sum())
    repeats = orders - float((1.0 - absent).sum())
    if repeats <= 0.0:
        return np.where(platforms > orders, 0.0, 1.0)
    chance = min(max(1.0 - variance / repeats, 1e-9), 1.0 - 1e-9)
    seen = np.maximum(orders - platforms, 0)
    tail = special.betainc(np.maximum(repeats / chance - seen, 1e-9), seen + 1.0, 1.0 - chance)
    return np.where(platforms > orders, 0.0, tail)


def together(identities: Ints, of: Ints, share: Floats, choices: Ints) -> Floats:
    """P that as many identities of a crowd meet on one platform (chapter, stretch of days) by chance.

    Binomial against the share that everybody's sales give it, times the `choices` there were (Bonferroni).
    """
    return np.asarray(np.minimum(stats.binom.sf(identities - 1, of, share) * choices, 1.0), dtype=np.float64)
