"""The scorecard and the other data files: refused as a whole, with line, column and reason."""

from collections.abc import Callable
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from app.errors import BadInputError, NotFoundError
from app.supervision.credit import limits_of, read_credit_tables
from app.supervision.events import read_events
from app.supervision.scorecard import read_scorecards, scorecard_on

_CARD = files("app.supervision").joinpath("data/scorecard.yaml").read_text("utf-8")
_EVENTS = files("app.supervision").joinpath("data/events.yaml").read_text("utf-8")
_CREDIT = files("app.supervision").joinpath("data/credit_classes.yaml").read_text("utf-8")


def test_the_files_that_come_with_it_are_accepted() -> None:
    assert [card.version for card in read_scorecards().versions] == ["1.0.0"]
    assert read_events().versions
    assert read_credit_tables().versions


@pytest.mark.parametrize(
    ("old", "new", "at", "why"),
    [
        (
            "checks_passed: 14,",
            "checks_passed: 15,",
            "platform:",
            "the weights of platform add up to 101, not to 100",
        ),
        ("checks_passed: {dir", "luck: {dir", "luck:", "there is no indicator 'luck'"),
        (
            "gravest_finding: 22",
            "gravest: 22",
            "gravest: 22",
            "'gravest' is none of the indicators of this version",
        ),
        ("      payment:\n", "      bank:\n", "bank:", "there is no role 'bank'"),
        ("to: 75}", "to: 74}", "to: 74}", "there is a gap between 74 and 75"),
        ("to: 75}", "to: 76}", "to: 76}", "there is an overlap between 76 and 75"),
        ("{class: D, from: 0,", "{class: D, from: 1,", "from: 1,", "there is a gap between 0 and 1"),
        (
            "class: B, from: 75, to: 88",
            "class: C, from: 75, to: 88",
            "bands:",
            "the bands must be those of A, B, C, D",
        ),
        ("[0.85, 60], [1, 100]", "[0.85, 60], [0.8, 100]", "scale: [[0.5", "must rise"),
        (
            "checks_passed: {direction: higher",
            "checks_passed: {direction: lower",
            "scale: [[0.5",
            "do not go the way of 'lower'",
        ),
        ("neutral: 70", "neutral: 170", "neutral: 170", "less than or equal to 100"),
        ("hysteresis: 3", "hysteresis: wide", "hysteresis: wide", "valid number"),
        ("hysteresis: 3", "hysteresis: 3\n    luck: 1", "luck: 1", "Extra inputs are not permitted"),
        ("hysteresis: 3", "hysteresis: 3\n    neutral: 4", "neutral: 4", "'neutral' stands here twice"),
        (
            "[platform-unverified]",
            "[platform-unheard-of]",
            "platform-unheard-of",
            "there is no rule 'platform-unheard-of'",
        ),
        ("holds_from: 2019-01-01", "holds_from: 2019-13-01", "holds_from: 2019-13", "date"),
        (
            "holds_from: 2019-01-01",
            "holds_from: 2019-02-01\n    holds_until: 2019-01-01",
            "holds_until",
            "ends before it begins",
        ),
        ("  - version: 1.0.0", "  - version: [1", None, "no YAML"),
        ("neutral: 70", "neutral: &all [*all]", "*all", "aliases"),
        ("neutral: 70", "neutral: " + "[" * 9000, "[", "nested too deep"),
        ("neutral: 70", "? [neutral]\n    : 70", "[neutral]", "must be text"),
        ("neutral: 70", "neutral: !!binary aGk=", "!!binary", "the tag"),
        ("neutral: 70", "neutral: " + "7" * 5000, None, "no YAML"),
        ("neutral: 70", "neutral: 70 \x01", "\x01", "control character"),
        ("neutral: 70", "neutral: true", "neutral: true", "valid number"),
        ("neutral: 70", "neutral: '70'", "neutral: '70'", "valid number"),
        ("[0.85, 60], [1, 100]", "[.nan, 60], [1, 100]", ".nan", "finite"),
        ("[0.85, 60], [1, 100]", "[0.85, 60], [.inf, 100]", ".inf", "finite"),
        ("[platform-unverified]", "[../rules/platform-traffic]", "../", "there is no rule"),
        ("[platform-unverified]", f"[{'a' * 5000}]", "aaa", "there is no rule"),
        ("grave_from: medium", "grave_from: awful", "grave_from", "Input should be"),
    ],
)
def test_a_scorecard_with_a_mistake_is_refused_where_it_stands(
    tmp_path: Path, old: str, new: str, at: str | None, why: str
) -> None:
    assert old in _CARD
    text = _CARD.replace(old, new, 1)
    _refused(tmp_path, text, at, why, read_scorecards)


def _refused(tmp_path: Path, text: str, at: str | None, why: str, read: Callable[[Path], Any]) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(BadInputError) as refused:
        read(path)
    assert why in str(refused.value)
    name, line, column, _ = str(refused.value).split(":", 3)
    assert name == "mine.yaml"
    if at is not None:
        begin = text.splitlines()[int(line) - 1]
        assert begin[int(column) - 1 :].startswith(at), begin


def test_versions_for_one_day_are_refused(tmp_path: Path) -> None:
    body = _CARD[_CARD.index("  - version: 1.0.0") :]
    second = body.replace("1.0.0", "1.1.0").replace("2019-01-01", "2024-01-01", 1)
    text = "versions:\n" + body.replace("2019-01-01\n", "2019-01-01\n    holds_until: 2024-01-01\n", 1)
    _refused(
        tmp_path,
        text + second,
        "holds_from: 2024",
        "2024-01-01 the version that holds from 2019",
        read_scorecards,
    )
    same = second.replace("1.1.0", "1.0.0")
    _refused(tmp_path, "versions:\n" + body + same, "version: 1.0.0", "1.0.0 already", read_scorecards)
    path = tmp_path / "good.yaml"
    path.write_text("versions:\n" + body + second, "utf-8")
    assert scorecard_on(date(2023, 12, 31), path).version == "1.0.0"
    assert scorecard_on(date(2024, 1, 1), path).version == "1.1.0"
    with pytest.raises(NotFoundError, match="holds on 2018-12-31"):
        scorecard_on(date(2018, 12, 31), path)


@pytest.mark.parametrize(
    ("old", "new", "at", "why"),
    [
        ("fact: seizures", "fact: rumours", "fact: rumours", "Input should be"),
        ("[platform, merchant]", "[platform, platform]", "platform]", "'platform' stands here twice"),
        ("severity: high\n", "severity: high\n        share: 0.5\n", "share", "only a fact has share"),
        ("to: D", "to: A", "to: A", "never raises"),
        ("roles: [platform, merchant]", "roles: [platform, bank]", "bank", "there is no role 'bank'"),
        ("finding: platform-failed-checks", "finding: platform-rumour", "finding:", "there is no rule"),
        ("severity: high\n", "\n", "id: failed-checks", "a finding needs a severity"),
        ("fact: seizures", "note: x", "note", "Extra inputs"),
        ("        fact: seizures\n", "", "id: seizure", "either a fact or a finding"),
        ("id: seizure\n", "id: refuted-payments\n", "id: refuted-payments", "already"),
        ("        level: 0.001\n", "", "id: burst-of-reports", "need each other"),
        ("to: D", "to: E", "to: E", "Input should be"),
    ],
)
def test_a_table_of_events_with_a_mistake_is_refused(
    tmp_path: Path, old: str, new: str, at: str, why: str
) -> None:
    assert old in _EVENTS
    _refused(tmp_path, _EVENTS.replace(old, new, 1), at, why, read_events)


def test_a_floor_above_its_ceiling_is_refused(tmp_path: Path) -> None:
    text = _CREDIT.replace("失信: {at_best: D}", "失信: {at_best: D, at_least: B}", 1)
    _refused(tmp_path, text, "at_least: B", "cannot be at least B and at best D", read_credit_tables)


def test_no_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no file"):
        read_scorecards(tmp_path / "none.yaml")
    (tmp_path / "empty.yaml").write_text("")
    with pytest.raises(BadInputError, match=r"empty.yaml:1:1"):
        read_scorecards(tmp_path / "empty.yaml")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(BadInputError, match="UTF-8"):
        read_scorecards(tmp_path / "bytes.yaml")


def test_an_official_class_is_read_by_the_table_of_its_day() -> None:
    tables = read_credit_tables()
    assert limits_of(tables, "失信", date(2026, 3, 31)).at_best == "D"
    assert limits_of(tables, "失信", date(2026, 4, 1)).at_best == "C"
    assert limits_of(tables, "严重失信", date(2026, 4, 1)).at_best == "D"
    assert limits_of(tables, "认证", date(2026, 4, 1)).at_least == "C"
    for unknown in ("认证", None, "其他"):
        assert limits_of(tables, unknown, date(2025, 1, 1)).model_dump() == {
            "at_least": None,
            "at_best": None,
        }
    assert limits_of(tables, "失信", date(2020, 1, 1)).at_best is None
