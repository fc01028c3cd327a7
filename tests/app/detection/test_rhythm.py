"""Hours of payments: a machine's are told from people's, and an evening of its own is no machine's."""

import numpy as np

from app.detection.rhythm import HOURS, without_rhythm

# How people pay: few at night, most in the evening.
_PEOPLE = np.array([18, 9, 5, 3, 2, 3, 7, 15, 28, 42, 52, 50, 46, 44, 46, 48, 47, 45, 48, 58, 72, 80, 68, 40])


def shops(rng: np.random.Generator, number: int, size: int) -> dict[str, list[int]]:
    shares = _PEOPLE / _PEOPLE.sum()
    return {f"S{n}": rng.multinomial(size, shares).tolist() for n in range(number)}


def test_who_pays_at_any_hour_is_no_person() -> None:
    rng = np.random.default_rng(1)
    told = without_rhythm(
        shops(rng, 40, 100) | {"MACHINE": rng.multinomial(100, [1 / HOURS] * HOURS).tolist()},
        minimum=30,
        minimum_peers=5,
    )
    assert [name for name, (_, q) in told.items() if q <= 0.05] == ["MACHINE"]
    assert told["MACHINE"][0] < 0 < told["S0"][0]


def test_an_evening_or_office_hours_of_its_own_are_no_sign() -> None:
    evening, office = [0] * HOURS, [0] * HOURS
    evening[20] = 200
    office[9:18] = [20] * 9
    counts = shops(np.random.default_rng(2), 40, 100) | {"LIVE": evening, "OFFICE": office}
    told = without_rhythm(counts, minimum=30, minimum_peers=5)
    assert told["LIVE"][1] == told["OFFICE"][1] == 1.0


def test_honest_shops_are_hardly_ever_told() -> None:
    """The p-value holds without further assumptions: of two thousand shops of any size none stands out."""
    rng = np.random.default_rng(3)
    counts = {
        f"{size} {name}": hours for size in (30, 300) for name, hours in shops(rng, 1_000, size).items()
    }
    told = without_rhythm(counts, minimum=30, minimum_peers=5)
    assert len(told) == 2_000
    assert [name for name, (_, q) in told.items() if q <= 0.05] == []


def test_too_few_say_nothing() -> None:
    counts = shops(np.random.default_rng(4), 5, 100)
    assert without_rhythm(counts, minimum=101, minimum_peers=5) == {}
    assert without_rhythm(counts, minimum=30, minimum_peers=6) == {}
    assert without_rhythm({}, minimum=30, minimum_peers=0) == {}
