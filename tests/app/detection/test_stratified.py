"""Shares estimated from strata: what the replies say of all payments, and how sure that is."""

import numpy as np
import pytest

from app.detection.stratified import Estimate, Stratum, estimate


def test_every_stratum_weighs_as_much_as_it_has_payments() -> None:
    found = estimate([Stratum(900, 20, 0), Stratum(100, 20, 20)], level=0.95)
    assert found.share == pytest.approx(0.1)
    assert found.low < 0.1 < found.high < 0.2


def test_a_whole_that_was_answered_leaves_no_doubt_and_nothing_answered_leaves_all() -> None:
    whole = estimate([Stratum(40, 40, 10)], level=0.95)
    assert (whole.share, whole.low, whole.high, whole.covered) == (0.25, 0.25, 0.25, 1.0)
    assert estimate([Stratum(40, 0, 0)], level=0.95) == Estimate(None, 0.0, 1.0, 0.0, 0.0)
    assert estimate([], level=0.95) == Estimate(None, 0.0, 1.0, 0.0, 0.0)


def test_strata_without_an_answer_are_not_spoken_for() -> None:
    half = estimate([Stratum(50, 10, 5), Stratum(150, 0, 0)], level=0.95)
    assert half.covered == 0.25
    assert half.share == 0.5


def test_few_replies_that_agree_are_not_certain() -> None:
    found = estimate([Stratum(500, 10, 10)], level=0.95)
    assert found.share == 1.0
    assert found.low < 0.8
    assert found.high == 1.0


def test_the_interval_holds_the_true_share_as_often_as_it_says() -> None:
    chance = np.random.default_rng(5)
    strata = [np.arange(400) < 300, np.arange(200) < 20, np.arange(1_400) < 70]  # refuted payments of each
    truth = sum(int(one.sum()) for one in strata) / 2_000
    held = 0
    for _ in range(400):
        asked = [
            chance.choice(one, size, replace=False) for one, size in zip(strata, (40, 20, 140), strict=True)
        ]
        found = estimate(
            [Stratum(len(one), len(some), int(some.sum())) for one, some in zip(strata, asked, strict=True)],
            level=0.95,
        )
        held += found.low <= truth <= found.high
    assert held >= 0.94 * 400


def test_the_tail_is_the_binomial_one_and_a_share_as_usual_is_no_surprise() -> None:
    found = estimate([Stratum(10**9, 20, 5)], level=0.95)
    assert found.worth == pytest.approx(20, abs=1e-6)
    assert found.tail(0.05) == pytest.approx(0.002574, rel=1e-2)
    assert estimate([Stratum(100, 20, 0)], level=0.95).tail(0.05) == 1.0
    whole = estimate([Stratum(40, 40, 10)], level=0.95)
    assert (whole.tail(0.1), whole.tail(0.25)) == (0.0, 1.0)
