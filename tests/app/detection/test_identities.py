"""How people change phones and choose platforms, and what stands out against it."""

import numpy as np
import pytest
from scipy import special, stats

from app.detection.identities import ANYTHING, Habit, habit_of, occupancy, occupancy_tail, together


def drawn(rate: float, people: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    orders = rng.geometric(0.35, people)
    return rng.binomial(orders, rate), orders


def one_by_one(new: np.ndarray, orders: np.ndarray) -> Habit:
    return habit_of(new, orders, np.ones(len(new), dtype=np.int64))


def test_the_habit_is_that_of_most_people_whoever_is_among_them() -> None:
    new, orders = drawn(0.02, 20_000, 1)
    honest = one_by_one(new, orders)
    some = np.array([1, 5, 30])
    assert honest.usual(some) == pytest.approx(0.02 * some, rel=0.2)
    # Two thousand stolen identities, each with another phone for nearly every order.
    stolen = np.full(2_000, 8)
    among = one_by_one(np.append(new, stolen), np.append(orders, stolen + 1))
    assert among.usual(some) == pytest.approx(honest.usual(some), rel=0.15)
    assert among.tail(np.array([8]), np.array([9])) < 1e-10


def test_people_may_be_counted_by_the_cell() -> None:
    new, orders = drawn(0.05, 3_000, 2)
    (x, n), people = np.unique(np.stack([new, orders]), axis=1, return_counts=True)
    assert habit_of(x, n, people).rate == pytest.approx(one_by_one(new, orders).rate)


def test_the_habit_goes_by_the_number_of_orders_and_never_rises() -> None:
    """A second phone is new once: with many orders the share of new ones is small."""
    rng = np.random.default_rng(3)
    orders = rng.geometric(0.2, 20_000)
    new = np.where(rng.random(20_000) < 0.2, np.minimum(rng.binomial(orders, 0.3), 1), 0)
    habit = one_by_one(new, orders)
    assert (np.diff(habit.rate) <= 0).all()
    assert habit.rate[0] > 2 * habit.rate[-1] > 0
    # Where nobody has so many orders, those with fewer tell.
    assert habit.usual(np.array([10_000])) == pytest.approx(10_000 * habit.rate[-1])


def test_without_anybody_every_order_may_bring_a_phone() -> None:
    none = np.zeros(0, dtype=np.int64)
    assert habit_of(none, none, none) is ANYTHING
    assert ANYTHING.tail(np.array([5]), np.array([5])) == [1.0]


def law_of_platforms(orders: int, share: np.ndarray) -> np.ndarray:
    """P(so many different platforms in so many orders), exactly: (orders + 1) × (orders + 1)."""
    law = np.zeros((orders + 1, orders + 1))
    law[0, 0] = 1.0
    number = np.arange(orders + 1)
    for part in share.tolist():
        more = law.copy()
        for times in range(1, orders + 1):
            ways = special.comb(number, times) * part**times
            more[times:, 1:] += ways[times:, None] * law[: orders + 1 - times, :-1]
        law = more
    return law


@pytest.mark.parametrize(("spread", "platforms"), [(1.2, 120), (1.9, 60)])
def test_the_law_of_platforms_is_near_the_exact_one_and_errs_towards_silence(
    spread: float, platforms: int
) -> None:
    weight = np.random.default_rng(4).lognormal(0, spread, platforms)
    share = weight / weight.sum()
    exact = law_of_platforms(40, share)
    for orders in (10, 25, 40):
        usual = occupancy(orders, share).sum()
        assert usual == pytest.approx(exact[orders] @ np.arange(41))
        for seen in range(int(usual), orders + 1):
            tail = exact[orders, seen:].sum()
            assert occupancy_tail(np.array(seen), orders, share) >= 0.75 * tail
            if tail > 1e-4:
                assert occupancy_tail(np.array(seen), orders, share) == pytest.approx(tail, rel=2.0)


def test_no_order_leads_to_two_platforms() -> None:
    share = np.array([0.5, 0.3, 0.2])
    assert occupancy_tail(np.array(4), 3, share) == 0.0
    assert occupancy_tail(np.array(1), 1, share) == 1.0


def test_what_a_crowd_has_in_common_is_told_against_everybodys_share_and_all_choices() -> None:
    met, of = np.array([9, 1]), np.array([10, 10])
    p = together(met, of, np.array([0.1, 0.1]), np.array([50, 50]))
    assert p[0] == pytest.approx(50 * stats.binom.sf(8, 10, 0.1))
    assert p[1] == 1.0
