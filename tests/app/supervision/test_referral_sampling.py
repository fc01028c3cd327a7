"""How many payments are asked about, and which."""

import pytest

from app.supervision.referral_sampling import allocate, draw, sample_size

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
