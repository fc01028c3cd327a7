"""Reading a filled-in work list, CSV or XLSX, as text with the line of each row."""

import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from app.errors import BadInputError
from app.handout import as_written
from app.supervision.worklist_files import FILLED_IN, SHEET
from loaders.contract import KINDS

COLUMNS = tuple(KINDS["platform_verifications"].by_name)
NEEDED = ("worklist", "verificationId", "ebpCode", "check", "selection", *FILLED_IN[:2])
_MOST_BYTES = 64 << 20
"""Of a list, unpacked: a work list has kilobytes."""
_OF_A_CHECK = ("checkedAt", "observed")
"""Columns that nobody fills in before the check was made."""
_TOLD = 20
"""Mistakes that an error names; it counts the others."""
_DAY = re.compile(r"(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?)?")


@dataclass(frozen=True)
class Given:
    """Checks as somebody gave them: rows of text by column of the contract (absent and empty ones left out),
    each with its line, in a file of that name whose bytes are at `path`; `left_out` rows have no result."""

    name: str
    format: str
    path: Path
    file_id: str
    rows: tuple[tuple[int, dict[str, str]], ...]
    left_out: int = 0


def read_worklist(path: Path) -> Given:
    """A filled-in work list. Raises BadInputError for a file that is no work list, with what it lacks."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInputError(f"{path} cannot be read ({error.strerror}).") from error
    packed = content[:4] == b"PK\x03\x04"
    if len(content) > _MOST_BYTES:
        raise BadInputError(f"{path.name} is too large for a work list.")
    lines = _xlsx_lines(path, content) if packed else _csv_lines(path, content)
    number, header = next(lines, (1, []))
    missing = [name for name in NEEDED if name not in header]
    if missing:
        raise BadInputError(
            f"{path.name} is no work list: line {number} lacks the column {missing[0]}; "
            "fill in one that `cluegraph platforms worklist` made."
        )
    twice = next((name for name in header if name and header.count(name) > 1), None)
    if twice is not None:
        raise BadInputError(f"{path.name} is refused: line {number} has the column {twice} twice.")
    rows = [(line, _row(path, line, header, cells)) for line, cells in lines if any(cells)]
    _refuse_half_filled(path, rows)
    filled = tuple((line, row) for line, row in rows if row.get("result"))
    return Given(
        name=path.name,
        format="xlsx" if packed else "csv",
        path=path,
        file_id=hashlib.sha256(content).hexdigest(),
        rows=filled,
        left_out=len(rows) - len(filled),
    )


def _refuse_half_filled(path: Path, rows: Sequence[tuple[int, dict[str, str]]]) -> None:
    """A check that was made and whose result was forgotten is not left out in silence."""
    half = [
        f"line {line}, result: is missing, though {name} is filled in"
        for line, row in rows
        for name in [next((name for name in _OF_A_CHECK if name in row), None)]
        if name is not None and "result" not in row
    ]
    if half:
        more = f"; and {len(half) - _TOLD} more" if len(half) > _TOLD else ""
        raise BadInputError(
            f"{path.name} is refused as a whole, and nothing changed: {'; '.join(half[:_TOLD])}{more}."
        )


def _row(path: Path, line: int, header: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    if any(cells[len(header) :]):
        raise BadInputError(f"{path.name} is refused: line {line} has more cells than there are columns.")
    named = {name: as_written(cell) for name, cell in zip(header, cells, strict=False) if cell}
    row = {name: value for name, value in named.items() if name in (*COLUMNS, "worklist")}
    if "checkedAt" in row:
        row["checkedAt"] = _iso(row["checkedAt"])
    return row


def _iso(text: str) -> str:
    """A day or time as spreadsheets write it (2025/6/3 9:05) in ISO form; anything else as it is."""
    found = _DAY.fullmatch(text)
    if found is None:
        return text
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"


def _csv_lines(path: Path, content: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:  # what spreadsheet programs write where the system speaks Chinese
            text = content.decode("gb18030")
        except UnicodeDecodeError:
            raise BadInputError(f"{path.name} is neither UTF-8 nor GB 18030 text.") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, [cell.strip() for cell in cells]
            line = reader.line_num + 1
    except csv.Error:
        raise BadInputError(f"{path.name} is refused: line {line} is no CSV.") from None


def _xlsx_lines(path: Path, content: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(info.file_size for info in archive.infolist()) > _MOST_BYTES:
                raise BadInputError(f"{path.name} is too large for a work list.")
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
        if SHEET not in book.sheetnames:
            raise BadInputError(f"{path.name} is no work list: it has no sheet {SHEET!r}.")
        rows: Iterable[Sequence[Any]] = book[SHEET].iter_rows()
        lines = [(line, [_text(path, line, cell) for cell in cells]) for line, cells in enumerate(rows, 1)]
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        if isinstance(error, BadInputError):
            raise
        raise BadInputError(f"{path.name} cannot be opened: it is damaged, or no XLSX.") from None
    yield from lines


def _text(path: Path, line: int, cell: Any) -> str:
    """A cell as the contract's text: days and times in ISO form, whole numbers without a point.

    Raises BadInputError for a formula: what it comes to depends on who opens the file, and when.
    """
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        raise BadInputError(
            f"{path.name} is refused: line {line}, cell {cell.coordinate}, holds a formula: write its value."
        )
    if isinstance(value, datetime):
        return value.replace(microsecond=0).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
