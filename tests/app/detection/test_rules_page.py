"""docs/rules.md tells every rule, parameter and tally as the files have it."""

import pytest
from rules_page import PAGE, RULES, filled_in

from app.detection.tally import tally, tally_names


def test_the_page_tells_what_the_files_say() -> None:
    page = PAGE.read_text("utf-8")
    assert page == filled_in(page), "run: python tests/app/detection/rules_page.py"
    assert all(f"| `{rule}` " in page for rule in RULES)


@pytest.mark.parametrize("name", tally_names())
def test_a_tally_is_named_as_its_file(name: str) -> None:
    assert tally(name).front.id == name.replace("_", "-")
