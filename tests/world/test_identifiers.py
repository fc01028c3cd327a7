"""Numbers of a world pass the checks of the standards, and belong to nobody."""

import numpy as np
import pytest

from world.identifiers import customs_codes, digits, identity_numbers, phones, social_credit_codes

USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def identity_check(number: str) -> str:
    """Check digit of GB 11643, as the standard writes it."""
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    return "10X98765432"[sum(int(c) * w for c, w in zip(number[:17], weights, strict=True)) % 11]


def uscc_check(code: str) -> str:
    """Check character of GB 32100."""
    return USCC[(31 - sum(USCC.index(c) * pow(3, i, 31) for i, c in enumerate(code[:17])) % 31) % 31]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def test_the_checks_themselves_know_a_real_number() -> None:
    assert identity_check("11010519491231002X") == "X"
    assert uscc_check("91350100M000100Y43") == "3"


def test_identity_numbers_are_different_and_right(rng: np.random.Generator) -> None:
    numbers = identity_numbers(rng, 3_000).to_pylist()
    assert len(set(numbers)) == 3_000
    assert all(len(n) == 18 and identity_check(n) == n[17] for n in numbers)
    for number in numbers[:300]:
        np.datetime64(f"{number[6:10]}-{number[10:12]}-{number[12:14]}")


def test_identity_numbers_name_no_province_that_exists(rng: np.random.Generator) -> None:
    real = {
        11,
        12,
        13,
        14,
        15,
        21,
        22,
        23,
        31,
        32,
        33,
        34,
        35,
        36,
        37,
        41,
        42,
        43,
        44,
        45,
        46,
        50,
        51,
        52,
        53,
        54,
    }
    real |= {61, 62, 63, 64, 65, 71, 81, 82}
    assert not real & {int(n[:2]) for n in identity_numbers(rng, 3_000).to_pylist()}


def test_social_credit_codes(rng: np.random.Generator) -> None:
    codes = social_credit_codes(rng, 200)
    assert len(set(codes)) == 200
    assert all(len(c) == 18 and uscc_check(c) == c[17] for c in codes)


def test_customs_codes_have_ten_characters_and_differ(rng: np.random.Generator) -> None:
    codes = customs_codes(rng, 900)
    assert len(set(codes)) == 900
    assert {len(c) for c in codes} == {10}


def test_phones_differ_from_call_to_call(rng: np.random.Generator) -> None:
    numbers = [*phones(rng, 500).to_pylist(), *phones(rng, 500, start=500).to_pylist()]
    assert len({n[3:] for n in numbers}) == 1_000
    assert all(len(n) == 11 and n.startswith("1") for n in numbers)


def test_digits_keep_their_width() -> None:
    assert digits(np.array([7, 1234, 98_765]), 4).to_pylist() == ["0007", "1234", "8765"]
