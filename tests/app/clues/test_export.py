"""The export: whole or not at all, equal for equal findings, safe to open in a spreadsheet."""

import csv
import hashlib
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from app.casebook.findings import FindingRecord
from app.clues.export import export_clues
from app.errors import BadInputError, UnavailableError
from app.handout import safe_cell

FINDING = FindingRecord(
    id="f-1",
    rule="ring-platforms",
    rule_version="1.0.0",
    parameters={"lift": 3},
    window=12,
    as_of=date(2024, 6, 30),
    ledger_version=3,
    graph_version={"load_seq": 3},
    subject={"kind": "Community", "key": "c-1", "name": "c-1"},
    members=[
        {"kind": "Platform", "key": "4401968001", "name": "=HYPERLINK(0)"},
        {"kind": "Platform", "key": "4401968002", "name": "乙"},
    ],
    severity="high",
    score=12.5,
    reason={"en": "2 platforms share 40 consumers.", "zh": "两个平台共有40名消费者。"},
    numbers={"shared": {"value": 40, "unit": "consumers"}, "lift": {"value": 12.5, "unit": "times"}},
    denominator={"looked_at": 100, "judgeable": 90, "found": 1},
    evidence={"ids": ["4401968001|A-1", "+4401968002|A-2"], "count": 2},
    query="MATCH (c:Community {id: 'c-1'}) RETURN c",
    picture="MATCH (c:Community {id: 'c-1'}) RETURN c",
    first_seen=2,
    last_seen=3,
    history=[],
    present=True,
    decision="open",
    snoozed_until=None,
    materially_changed=False,
)
ABOUT = {"versions": {"ledger": 3}}


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.reader(handle))


def test_three_formats_say_the_same_and_the_manifest_holds_them_to_it(tmp_path: Path) -> None:
    manifest = export_clues(tmp_path / "out", [FINDING], ABOUT)

    out = tmp_path / "out"
    assert json.loads((out / "manifest.json").read_text("utf-8")) == manifest
    assert manifest["versions"] == {"ledger": 3}
    assert manifest["counts"] == {"findings": 1, "members": 2, "numbers": 2, "evidence": 2}
    assert {file["name"] for file in manifest["files"]} == {
        path.name for path in out.iterdir() if path.name != "manifest.json"
    }
    for file in manifest["files"]:
        assert hashlib.sha256((out / file["name"]).read_bytes()).hexdigest() == file["sha256"]
    assert json.loads((out / "findings.json").read_text("utf-8")) == [FINDING.as_dict()]
    book = openpyxl.load_workbook(out / "clues.xlsx")
    for name in ("findings", "members", "numbers", "evidence"):
        cells = [["" if c is None else str(c) for c in row] for row in book[name].iter_rows(values_only=True)]
        assert cells == rows_of(out / f"{name}.csv")


def test_a_name_that_is_a_formula_stays_text(tmp_path: Path) -> None:
    export_clues(tmp_path / "out", [FINDING], ABOUT)

    assert rows_of(tmp_path / "out" / "members.csv")[1][3] == "'=HYPERLINK(0)"
    cell = openpyxl.load_workbook(tmp_path / "out" / "clues.xlsx")["members"]["D2"]
    assert (cell.data_type, cell.value) == ("s", "'=HYPERLINK(0)")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_every_start_of_a_formula_is_made_harmless(text: str) -> None:
    assert safe_cell(text) == "'" + text


def test_numbers_and_plain_text_stay_as_they_are() -> None:
    assert [safe_cell(value) for value in (-1, 1.5, None, "a=b", "")] == [-1, 1.5, None, "a=b", ""]


def test_equal_findings_give_equal_files(tmp_path: Path) -> None:
    first = export_clues(tmp_path / "one", [FINDING], ABOUT)
    second = export_clues(tmp_path / "two", [FINDING], ABOUT)

    assert first == second


def test_no_findings_are_an_export_too(tmp_path: Path) -> None:
    manifest = export_clues(tmp_path / "deep" / "out", [], ABOUT)

    assert manifest["counts"] == {"findings": 0, "members": 0, "numbers": 0, "evidence": 0}
    assert len(rows_of(tmp_path / "deep" / "out" / "findings.csv")) == 1


def test_a_cell_too_long_for_the_format_is_cut_and_counted(tmp_path: Path) -> None:
    manifest = export_clues(tmp_path / "out", [replace(FINDING, query="x" * 40_000)], ABOUT)

    assert manifest["cut_in_xlsx"] == 1
    assert len(rows_of(tmp_path / "out" / "findings.csv")[1][-1]) == 40_000


def test_an_empty_folder_is_filled_and_anything_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    export_clues(tmp_path / "empty", [FINDING], ABOUT)
    (tmp_path / "file").write_text("mine")

    for taken in ("empty", "file"):
        with pytest.raises(BadInputError, match="not an empty folder"):
            export_clues(tmp_path / taken, [FINDING], ABOUT)
    assert (tmp_path / "file").read_text() == "mine"


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    # NaN has no place in a cell: the workbook refuses it half-way through.
    with pytest.raises(TypeError):
        export_clues(tmp_path / "out", [replace(FINDING, score=float("nan"))], ABOUT)
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UnavailableError, match="cannot be written"):
        export_clues(tmp_path / "file" / "out", [FINDING], ABOUT)

    assert [path.name for path in tmp_path.iterdir()] == ["file"]
