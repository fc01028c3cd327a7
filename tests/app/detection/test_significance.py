"""Tests and intervals against their definitions, and their promise kept on simulated candidates."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from app.detection.significance import (
    benjamini_hochberg,
    counts_against_peers,
    holm,
    hypergeometric_tail,
    jeffreys,
    poisson_interval,
    poisson_tail,
    wilson,
)

probabilities = st.lists(st.floats(0, 1), min_size=1, max_size=30)


def test_poisson_tail_is_the_sum_of_its_probabilities() -> None:
    assert poisson_tail(3, 1.5) == pytest.approx(1 - stats.poisson.cdf(2, 1.5))
    assert poisson_tail([0, 5], [2.0, 0.001]) == pytest.approx([1.0, stats.poisson.sf(4, 0.001)], rel=1e-9)


@given(probabilities)
def test_q_values_are_scipys(p: list[float]) -> None:
    np.testing.assert_allclose(benjamini_hochberg(p), stats.false_discovery_control(p), atol=1e-12)


@given(probabilities, st.integers(0, 50))
def test_candidates_never_seen_count_as_p_one(p: list[float], more: int) -> None:
    padded = benjamini_hochberg([*p, *[1.0] * more])[: len(p)]
    np.testing.assert_allclose(benjamini_hochberg(p, candidates=len(p) + more), padded)


def test_holm_of_a_textbook_example() -> None:
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])
    assert holm([]).size == benjamini_hochberg([]).size == 0


def test_hypergeometric_tail_counts_draws() -> None:
    """Of 10 platforms 4 are flagged; three of them drawn: all flagged in 4 of 120 draws."""
    assert hypergeometric_tail(3, 10, 4, 3) == pytest.approx(4 / 120)
    assert hypergeometric_tail(0, 10, 4, 3) == 1.0


def test_intervals_of_a_known_example() -> None:
    """15 of 50 at 95 %: Wilson .1910-.4375, Jeffreys from Beta(15.5, 35.5)."""
    assert np.ravel(wilson(15, 50, level=0.95)) == pytest.approx([0.19104, 0.43752], abs=1e-4)
    assert np.ravel(jeffreys(15, 50, level=0.95)) == pytest.approx(stats.beta.ppf([0.025, 0.975], 15.5, 35.5))


@pytest.mark.parametrize("interval", [wilson, jeffreys])
def test_intervals_at_the_ends_and_without_data(interval: type) -> None:
    low, high = interval([0, 5, 0], [5, 5, 0], level=0.95)
    assert low[0] == 0
    assert 0.3 < high[0] < 0.6
    assert high[1] == 1
    assert 0.4 < low[1] < 0.7
    assert (low[2], high[2]) == (0, 1)


@pytest.mark.parametrize("interval", [wilson, jeffreys])
def test_intervals_cover_as_promised(interval: type) -> None:
    rng = np.random.default_rng(1)
    share = rng.uniform(0.02, 0.5, 4000)
    low, high = interval(rng.binomial(60, share), np.full(4000, 60), level=0.95)
    assert np.mean((low <= share) & (share <= high)) == pytest.approx(0.95, abs=0.02)


def test_intervals_of_a_poisson_mean_cover_it() -> None:
    rng = np.random.default_rng(3)
    mean = rng.uniform(3, 60, 4000)
    low, high = poisson_interval(rng.poisson(mean), level=0.95)
    assert np.mean((low <= mean) & (mean <= high)) == pytest.approx(0.95, abs=0.02)
    assert poisson_interval([0], level=0.95)[0].tolist() == [0.0]


def test_one_company_far_beyond_its_peers_stands_out_and_honest_peers_do_not() -> None:
    rng = np.random.default_rng(2)
    false = found = 0
    for _ in range(200):
        honest = 1 + rng.negative_binomial(1.6, 1.6 / (1.6 + 2.6), 25)
        p, _, _ = counts_against_peers([*honest, 43])
        q = benjamini_hochberg(p)
        found += q[-1] <= 0.05
        false += int((q[:-1] <= 0.05).sum())
    assert found >= 199
    assert false <= 0.02 * 200 * 25


def test_equal_peers_do_not_accuse_each_other() -> None:
    p, mean, variance = counts_against_peers([4] * 10)
    assert variance >= mean > 4
    assert p.min() > 0.05
    assert counts_against_peers([])[0].size == 0
