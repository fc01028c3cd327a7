"""How many payments are asked about, which, and what the replies say of all of them."""

import numpy as np
import pytest

from app.supervision.referral_sampling import Estimate, Stratum, allocate, draw, estimate, sample_size

WANTED = {"half_width": 0.05, "expected_share": 0.5, "level": 0.95}


@pytest.mark.parametrize(
    ("population", "asked"), [(10_000_000, 385), (2_000, 323), (400, 197), (30, 28), (1, 1), (0, 0)]
)
def test_size_follows_from_the_half_width_and_the_population(population: int, asked: int) -> None:
    assert sample_size(population, **WANTED) == asked


def test_a_narrower_interval_needs_more_and_a_share_far_from_half_fewer() -> None:
    assert sample_size(100_000, half_width=0.02, expected_share=0.5, level=0.95) > 2_000
    assert sample_size(100_000, half_width=0.05, expected_share=0.1, level=0.95) < 140


def test_strata_are_asked_in_proportion_and_none_is_left_out() -> None:
    sizes = allocate({"large": 900, "middle": 90, "small": 9, "one": 1}, 100, least=2)
    assert sizes == {"large": 90, "middle": 9, "small": 2, "one": 1}
    assert sum(allocate({"a": 333, "b": 333, "c": 334}, 100, least=2).values()) == 100
    assert allocate({}, 0, least=2) == {}


def test_a_reference_draws_the_same_payments_for_ever() -> None:
    strata = {"a": list(range(50)), "b": list(range(50, 60))}
    drawn = draw(strata, {"a": 10, "b": 2}, "PR-2026-00001")
    assert drawn == draw(dict(reversed(strata.items())), {"a": 10, "b": 2}, "PR-2026-00001")
    assert drawn != draw(strata, {"a": 10, "b": 2}, "PR-2026-00002")
    assert sum(place < 50 for place in drawn) == 10
    assert len(set(drawn)) == 12
    assert drawn == sorted(drawn)


def test_every_stratum_weighs_as_much_as_it_has_payments() -> None:
    found = estimate([Stratum(900, 20, 20, 0), Stratum(100, 20, 20, 20)], level=0.95)
    assert found.share == pytest.approx(0.1)
    assert found.low < 0.1 < found.high < 0.2


def test_a_whole_that_was_answered_leaves_no_doubt_and_nothing_answered_leaves_all() -> None:
    whole = estimate([Stratum(40, 40, 40, 10)], level=0.95)
    assert (whole.share, whole.low, whole.high, whole.covered) == (0.25, 0.25, 0.25, 1.0)
    assert estimate([Stratum(40, 10, 0, 0)], level=0.95) == Estimate(None, 0.0, 1.0, 0.0)
    assert estimate([], level=0.95) == Estimate(None, 0.0, 1.0, 0.0)


def test_strata_without_an_answer_are_not_spoken_for() -> None:
    half = estimate([Stratum(50, 10, 10, 5), Stratum(150, 30, 0, 0)], level=0.95)
    assert half.covered == 0.25
    assert half.share == 0.5


def test_few_replies_that_agree_are_not_certain() -> None:
    found = estimate([Stratum(500, 10, 10, 10)], level=0.95)
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
            [
                Stratum(len(one), len(some), len(some), int(some.sum()))
                for one, some in zip(strata, asked, strict=True)
            ],
            level=0.95,
        )
        held += found.low <= truth <= found.high
    assert held >= 0.94 * 400
