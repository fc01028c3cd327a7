"""docs/rules.md tells every rule, parameter, tally and number as the files have it."""

import re
from pathlib import Path

import pytest

from app.detection.catalogue import STEPS
from app.detection.rulebook import load_rules
from app.detection.tally import tally, tally_names

PAGE = (Path(__file__).parents[3] / "docs" / "rules.md").read_text("utf-8")
RULES = load_rules(STEPS)


@pytest.mark.parametrize("rule", sorted(RULES))
def test_the_page_tells_every_rule(rule: str) -> None:
    front = RULES[rule].front
    (row,) = re.findall(rf"^\| `{rule}` (.*)$", PAGE, re.MULTILINE)[:1]
    assert row.startswith(front.version)
    for text in (front.title.en, front.title.zh, *RULES[rule].subjects, *front.silent_on):
        assert text in row
    group = "document-*" if rule.startswith("document-") else rule
    for parameter in front.parameters:
        assert f"| `{group}` | `{parameter.name}` | {parameter.default} | {parameter.unit} |" in PAGE, (
            parameter.name
        )


def test_the_rules_about_documents_share_their_parameters() -> None:
    """The page has one row for all of them."""
    sets = {repr(rule.front.parameters) for name, rule in RULES.items() if name.startswith("document-")}
    assert len(sets) == 1


@pytest.mark.parametrize("name", tally_names())
def test_the_page_tells_every_tally(name: str) -> None:
    front = tally(name).front
    assert front.id == name.replace("_", "-")
    assert f"| `{name}` | {front.meaning.strip()} |" in PAGE
    for parameter in front.parameters:
        assert f"| tally `{name}` | `{parameter.name}` | {parameter.default} | {parameter.unit} |" in PAGE


def test_the_page_tells_nothing_that_is_not_there() -> None:
    told = set(re.findall(r"^\| `([a-z]+(?:-[a-z]+)+)` \d", PAGE, re.MULTILINE))
    assert told == RULES.keys()
