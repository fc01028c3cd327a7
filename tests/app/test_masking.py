"""What is said to whoever typed a number of a person does not repeat it."""

import pytest

from app.masking import without_numbers_of_persons

NUMBER = "11010519491231002X"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"There is no report {NUMBER!r}.", "There is no report '***'."),
        (f"/v1/reports/{NUMBER.lower()}/likely-hit", "/v1/reports/***/likely-hit"),
        ("Got unexpected extra argument(s) (13800138000)", "Got unexpected extra argument(s) (***)"),
        ("110105194912310021 has another check character", "110105194912310021 has another check character"),
        ("4401968001|AK2025022529852898", "4401968001|AK2025022529852898"),
        ("There is no enterprise 91440101MA5XYZ1234.", "There is no enterprise 91440101MA5XYZ1234."),
    ],
)
def test_numbers_of_persons_are_masked_and_codes_stay(text: str, said: str) -> None:
    assert without_numbers_of_persons(text) == said
