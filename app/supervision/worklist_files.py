"""The work list as files that an inspector fills in: CSV, and XLSX with lists to choose results from."""

import csv
import shutil
import tempfile
from collections.abc import Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Any

import xlsxwriter

from app.errors import BadInputError, UnavailableError
from app.handout import safe_cell
from app.supervision.worklist import Worklist, goods_of, rows_of
from loaders.contract import KINDS

SHEET = "worklist"
GIVEN = (
    *("worklist", "verificationId", "place", "ebpCode", "name", "site", "selection", "score", "why"),
    *("check", "lastResult", "lastChecked", "barCode", "itemNo", "itemName", "itemLink"),
)
"""Columns that the list says."""
FILLED_IN = ("result", "checkedAt", "observed", "expected", "inspector", "note")
"""Columns that the inspector fills in."""
GOODS = ("worklist", "ebpCode", "name", "barCode", "itemNo", "itemName", "itemLink", "clearedSales")
RESULTS = KINDS["platform_verifications"].by_name["result"].choices
_HELP = (
    ("result", "pass, fail, unknown or not_applicable; a row without a result is left out"),
    ("", "核验结果；留空的行不计入"),
    ("checkedAt", "day or time of the check, 2025-06-30 or 2025-06-30 14:05, UTC+8 (核验时间)"),
    ("observed", "what was seen; for traffic_match the visits of a month, a number (所见；流量填月访问量)"),
    ("expected", "what should have been seen (应有)"),
    ("inspector", "who checked (核验人)"),
    ("note", "anything else (备注)"),
    ("", "Load it with: cluegraph platforms load-worklist FILE. Leave the other columns as they are."),
    ("", "其余各列请勿改动"),
)
_WIDTHS = {"why": 40, "name": 24, "verificationId": 20, "itemName": 30, "itemLink": 30, "note": 30}
_Rows = Sequence[Sequence[Any]]


def write_worklist(out: Path, worklist: Worklist) -> dict[str, int]:
    """Write the folder `out`: worklist.csv, goods.csv, worklist.xlsx; returns how many rows each list has.

    The folder appears whole or not at all. Raises BadInputError where it is there already and not an empty
    folder, UnavailableError where the disk refuses.
    """
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise BadInputError(f"{out} is there already and not an empty folder: name a new one for the list.")
    rows = [[row.get(name) for name in (*GIVEN, *FILLED_IN)] for row in rows_of(worklist)]
    goods = [[row[name] for name in GOODS] for row in goods_of(worklist)]
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
        try:
            _write_csv(scratch / "worklist.csv", (*GIVEN, *FILLED_IN), rows)
            _write_csv(scratch / "goods.csv", GOODS, goods)
            _write_xlsx(scratch / "worklist.xlsx", worklist, rows, goods)
            scratch.chmod(0o750)
            scratch.rename(out)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    except OSError as error:
        raise UnavailableError(f"The work list cannot be written to {out} ({error.strerror}).") from error
    return {"rows": len(rows), "goods": len(goods)}


def _write_csv(path: Path, columns: Sequence[str], rows: _Rows) -> None:
    # The byte order mark is for spreadsheet programs, which else take the Chinese for something else.
    with path.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(columns)
        writer.writerows([safe_cell(cell) for cell in row] for row in rows)


def _write_xlsx(path: Path, worklist: Worklist, rows: _Rows, goods: _Rows) -> None:
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        # The clock is not read: equal lists give an equal file.
        book.set_properties({"created": datetime.combine(worklist.as_of, time())})
        bold, fill = book.add_format({"bold": True}), book.add_format({"bold": True, "bg_color": "#FFF2CC"})
        sheet = _write_sheet(book, SHEET, (*GIVEN, *FILLED_IN), rows, bold)
        sheet.freeze_panes(1, 1 + GIVEN.index("ebpCode"))
        for column, name in enumerate(FILLED_IN, len(GIVEN)):
            sheet.write_string(0, column, name, fill)
        last = max(len(rows), 1)
        column = len(GIVEN) + FILLED_IN.index("result")
        sheet.data_validation(
            1,
            column,
            last,
            column,
            {
                "validate": "list",
                "source": list(RESULTS),
                "error_title": "result",
                "error_message": f"One of {', '.join(RESULTS)}.",
            },
        )
        day = len(GIVEN) + FILLED_IN.index("checkedAt")
        sheet.set_column(day, day, 18, book.add_format({"num_format": "yyyy-mm-dd hh:mm"}))
        _write_sheet(book, "goods", GOODS, goods, bold)
        _write_sheet(book, "help", ("column", "what to write"), _HELP, bold)


def _write_sheet(book: Any, name: str, columns: Sequence[str], rows: _Rows, bold: Any) -> Any:
    sheet = book.add_worksheet(name)
    sheet.write_row(0, 0, columns, bold)
    for column, title in enumerate(columns):
        sheet.set_column(column, column, _WIDTHS.get(title, 14))
    for number, row in enumerate(rows, 1):
        for column, cell in enumerate(row):
            if cell is not None:
                sheet.write(number, column, safe_cell(cell))
    return sheet
