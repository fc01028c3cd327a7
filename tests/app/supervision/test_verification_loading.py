"""A filled-in work list comes back: all of it or nothing, once, with every mistake named."""

import csv
import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from inspectors import Office, open_office

from app.errors import BadInputError
from app.supervision.checks_in import Brought, bring_in, given_as_rows
from app.supervision.verification import register
from app.supervision.worklist import make_worklist
from app.supervision.worklist_files import write_worklist
from app.supervision.worklist_reading import read_worklist
from loaders.ledger import load

TODAY = date(2024, 7, 20)
AT = "2024-07-10"
Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A work list of two platforms of an office, not filled in."""
    folder = tmp_path_factory.mktemp("list")
    office = open_office(folder)
    write_worklist(folder / "out", make_worklist(office.ledger, office.casebook, size=2, random_share=0))
    return folder / "out"


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office that everything is refused by."""
    return open_office(tmp_path_factory.mktemp("untouched"))


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return open_office(tmp_path)


def rows_of(path: Path) -> Rows:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def written(rows: Rows, path: Path, encoding: str = "utf-8-sig") -> Path:
    with path.open("w", encoding=encoding, newline="") as handle:
        writer = csv.DictWriter(handle, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def filled(empty: Path, path: Path, **last: str) -> Path:
    """The list with results for the seven checks of the first platform; `last` changes the seventh."""
    rows = rows_of(empty / "worklist.csv")
    for row in rows[:7]:
        row |= {"result": "pass", "checkedAt": AT, "inspector": "Li"}
    rows[5] |= {"result": "fail", "observed": "1,200", "expected": "90000"}
    rows[6] |= last
    return written(rows, path)


def bring(office: Office, path: Path) -> Brought:
    return bring_in(office.ledger, office.desk.keys, read_worklist(path), today=TODAY)


def test_a_filled_in_list_is_in_the_ledger_once(office: Office, empty: Path, tmp_path: Path) -> None:
    path = filled(empty, tmp_path / "worklist.csv")
    assert bring(office, path) == Brought(new=7, known=0, left_out=7, ledger_version=2)
    code = rows_of(path)[0]["ebpCode"]
    one = register(office.ledger, office.casebook).platforms[code]
    traffic = next(check for check in one.checks if check.check == "traffic_match")
    assert (one.state, traffic.state, traffic.observed) == ("failed", "fail", "1,200")
    assert (traffic.inspector, traffic.selection, traffic.checked_at) == (
        "Li", rows_of(path)[0]["selection"], f"{AT}T00:00:00",
    )  # fmt: skip
    [stored] = office.desk.rows("SELECT name, format FROM files WHERE load_seq = 2")
    assert stored == {"name": "worklist.csv", "format": "csv"}

    assert bring(office, path) == Brought(new=0, known=7, left_out=7, ledger_version=2)
    # A list may come back in parts: what is known is known, and the rest is new.
    rows = rows_of(path)
    rows[7] |= {"result": "unknown", "checkedAt": "2024-07-11 09:30"}
    assert bring(office, written(rows, tmp_path / "more.csv")).new == 1
    assert office.desk.rows("SELECT count(*) AS n FROM rejects") == [{"n": 0}]


def test_a_spreadsheet_comes_back_as_well(office: Office, empty: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(empty / "worklist.xlsx")
    sheet = book["worklist"]
    column = {cell.value: cell.column for cell in sheet[1]}
    for row, day in ((2, datetime(2024, 7, 10, 9, 5)), (3, "2024/7/9 9:05"), (4, "2024-07-08")):
        sheet.cell(row, column["result"], "fail")
        sheet.cell(row, column["checkedAt"], day)
    sheet.cell(7, column["result"], "fail")
    sheet.cell(7, column["checkedAt"], date(2024, 7, 7))
    sheet.cell(7, column["observed"], 12.0)
    book.save(tmp_path / "back.xlsx")
    assert bring(office, tmp_path / "back.xlsx") == Brought(new=4, known=0, left_out=10, ledger_version=2)
    found = office.desk.rows(
        "SELECT observed, strftime(checkedAt + INTERVAL 8 HOUR, '%m-%d %H:%M') AS at "
        "FROM platform_verifications WHERE load_seq = 2 ORDER BY checkedAt"
    )
    assert [row["at"] for row in found] == ["07-07 00:00", "07-08 00:00", "07-09 09:05", "07-10 09:05"]
    assert found[0]["observed"] == "12"
    assert bring(office, tmp_path / "back.xlsx").known == 4


def test_a_list_saved_where_the_system_speaks_chinese_is_read(
    office: Office, empty: Path, tmp_path: Path
) -> None:
    rows = rows_of(filled(empty, tmp_path / "utf.csv", note="无营业执照"))
    assert bring(office, written(rows, tmp_path / "gbk.csv", "gb18030")).new == 7
    assert {"note": "无营业执照"} in office.desk.rows("SELECT note FROM platform_verifications")


MISTAKES: dict[str, tuple[Callable[[Rows], object], str]] = {
    "an unknown platform": (lambda rows: rows[1].update(ebpCode="NOBODY"), "line 3, ebpCode: is no platform"),
    "an unknown check": (lambda rows: rows[1].update(check="can_dance"), "line 3, check: "),
    "an unknown result": (lambda rows: rows[2].update(result="maybe"), "line 4, result: "),
    "no day": (lambda rows: rows[3].update(checkedAt=""), "line 5, checkedAt: "),
    "an impossible day": (lambda rows: rows[3].update(checkedAt="2024-02-30"), "line 5, checkedAt: "),
    "no day at all": (lambda rows: rows[3].update(checkedAt="soon"), "line 5, checkedAt: is not a time"),
    "a day to come": (
        lambda rows: rows[3].update(checkedAt="2024-07-21"),
        "line 5, checkedAt: is after today, 2024-07-20",
    ),
    "visits that are no number": (lambda rows: rows[5].update(observed="few"), "line 7, observed: is no num"),
    "a day without a result": (
        lambda rows: rows[3].update(result=""),
        "line 5, result: is missing, though checkedAt is filled in",
    ),
    "something observed without a result": (
        lambda rows: rows[9].update(observed="1200"),
        "line 11, result: is missing, though observed is filled in",
    ),
    "a row filled down": (
        lambda rows: rows[1].update(verificationId=rows[0]["verificationId"]),
        "line 3, verificationId: is that of line 2",
    ),
    "a row of another list": (
        lambda rows: rows[1].update(verificationId="WL-1"),
        "line 3, verificationId: is not that of this list",
    ),
    "an unknown reason": (lambda rows: rows[1].update(selection="whim"), "line 3, selection: "),
    "a code left out": (lambda rows: rows[1].update(ebpCode=""), "line 3, ebpCode: "),
}


@pytest.mark.parametrize("what", MISTAKES)
def test_a_list_with_a_mistake_is_refused_as_a_whole(
    untouched: Office, empty: Path, tmp_path: Path, what: str
) -> None:
    spoil, told = MISTAKES[what]
    rows = rows_of(filled(empty, tmp_path / "good.csv"))
    spoil(rows)
    before = untouched.desk.state()
    with pytest.raises(BadInputError) as error:
        bring(untouched, written(rows, tmp_path / "worklist.csv"))
    assert told in str(error.value)
    assert "worklist.csv is refused as a whole, and nothing changed" in str(error.value)
    assert (untouched.ledger.version, untouched.desk.state()) == (1, before)
    assert untouched.desk.rows("SELECT file_id FROM files WHERE load_seq > 1") == []


def test_every_mistake_is_named(untouched: Office, empty: Path, tmp_path: Path) -> None:
    rows = rows_of(filled(empty, tmp_path / "good.csv"))
    for what in ("an unknown platform", "no day", "visits that are no number"):
        MISTAKES[what][0](rows)
    with pytest.raises(BadInputError) as error:
        bring(untouched, written(rows, tmp_path / "worklist.csv"))
    for told in ("line 3, ebpCode", "line 5, checkedAt", "line 7, observed"):
        assert told in str(error.value)
    assert str(error.value).count("; line ") == 3  # the code that was changed is not that of its id, too


def test_a_correction_is_checked_later(office: Office, empty: Path, tmp_path: Path) -> None:
    bring(office, filled(empty, tmp_path / "first.csv"))
    rows = rows_of(filled(empty, tmp_path / "second.csv"))
    rows[0]["result"] = "fail"
    with pytest.raises(BadInputError, match="line 2, checkedAt: the ledger has this check otherwise"):
        bring(office, written(rows, tmp_path / "second.csv"))
    rows[0]["checkedAt"] = "2024-07-12"
    assert bring(office, written(rows, tmp_path / "second.csv")).new == 1
    state = register(office.ledger, office.casebook).platforms[rows[0]["ebpCode"]].checks[0].state
    assert state == "fail"
    # The first list again is known, and changes nothing.
    assert bring(office, tmp_path / "first.csv").new == 0


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "lacks the column worklist"),
        (b"a,b\n1,2\n", "lacks the column worklist"),
        (b"PK\x03\x04 but no zip", "damaged, or no XLSX"),
        (b"\xff\xfe\x00\xff", "neither UTF-8 nor GB 18030"),
        (b'worklist,"x\n', "is no CSV"),
    ],
)
def test_what_is_no_work_list_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "some.csv"
    path.write_bytes(content)
    with pytest.raises(BadInputError, match=told):
        read_worklist(path)


def test_a_spreadsheet_of_something_else_is_refused(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "other.xlsx")
    with pytest.raises(BadInputError, match="no sheet 'worklist'"):
        read_worklist(tmp_path / "other.xlsx")


def test_an_empty_list_leaves_everything_out(untouched: Office, empty: Path) -> None:
    assert bring(untouched, empty / "worklist.csv") == Brought(0, 0, 14, 1)


def test_load_skips_work_lists_and_they_can_be_loaded_after(
    office: Office, empty: Path, tmp_path: Path
) -> None:
    path = filled(empty, tmp_path / "platform_verifications.csv")
    report = load(office.ledger, office.desk.keys, [path, empty / "worklist.xlsx", empty])
    assert (report.load_seq, report.rejects) == (None, 0)
    assert len(report.skipped_files) == 5
    assert all("load-worklist" in reason for _, reason in report.skipped_files)
    assert bring(office, path).new == 7


def test_rows_are_taken_by_the_same_rules(office: Office) -> None:
    row = {"verificationId": "V1", "ebpCode": "BIG", "checkedAt": AT, "check": "can_login", "result": "fail"}
    with given_as_rows([row], "checks.jsonl") as given:
        assert bring_in(office.ledger, office.desk.keys, given, today=TODAY).new == 1
        assert bring_in(office.ledger, office.desk.keys, given, today=TODAY).known == 1
        original = json.loads(office.ledger.originals.open(given.file_id).read())
    assert original == row
    with (
        given_as_rows([row | {"verificationId": "V2"}, row | {"ebpCode": "NOBODY"}], "checks.jsonl") as given,
        pytest.raises(BadInputError, match="line 2, ebpCode"),
    ):
        bring_in(office.ledger, office.desk.keys, given, today=TODAY)


@pytest.mark.parametrize("column", ["result", "checkedAt", "note"])
def test_a_formula_is_refused_with_its_cell(
    untouched: Office, empty: Path, tmp_path: Path, column: str
) -> None:
    book = openpyxl.load_workbook(empty / "worklist.xlsx")
    sheet = book["worklist"]
    at = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(2, at["result"], "pass")
    sheet.cell(2, at["checkedAt"], AT)
    cell = sheet.cell(2, at[column], '=IF(1,"pass","fail")')
    book.save(tmp_path / "back.xlsx")
    before = untouched.ledger.version
    with pytest.raises(BadInputError, match=f"line 2, cell {cell.coordinate}, holds a formula"):
        bring(untouched, tmp_path / "back.xlsx")
    assert untouched.ledger.version == before
