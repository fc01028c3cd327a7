"""Tables handed out as CSV and XLSX, formula-safe, in a folder that appears whole or not at all."""

import csv
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from app.errors import BadInputError, UnavailableError

XLSX_MOST_ROWS = 1_048_576  # rows of a sheet, header included (the format's own limit)
XLSX_LONGEST_CELL = 32_767  # characters of a cell (the format's own limit)
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")

Rows = list[Sequence[Any]]


@dataclass(frozen=True)
class Table:
    """One table that is handed out: a CSV file and a sheet."""

    name: str
    columns: tuple[str, ...]
    rows: Rows


@contextmanager
def whole_folder(out: Path, what: str = "export", *, mode: int = 0o750) -> Iterator[Path]:
    """A folder to write into, which becomes `out` when the block ends without an error.

    It is written beside `out`, for its owner alone, and renamed: whoever looks sees all of it or nothing;
    `mode` says who may read it then. Raises BadInputError
    where `out` is there already and not an empty folder, UnavailableError where the disk refuses.
    """
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise BadInputError(f"{out} is there already and not an empty folder: name a new one for the {what}.")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
        try:
            yield scratch
            for path in scratch.iterdir():
                with path.open("rb") as handle:
                    os.fsync(handle.fileno())
            scratch.chmod(mode)
            scratch.rename(out)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    except OSError as error:
        raise UnavailableError(f"The {what} cannot be written to {out} ({error.strerror}).") from error


@contextmanager
def whole_file(out: Path, what: str = "export") -> Iterator[Path]:
    """A file to write, which becomes `out` when the block ends without an error; raises as `whole_folder`."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
        try:
            draft = scratch / out.name
            yield draft
            with draft.open("rb") as handle:
                os.fsync(handle.fileno())
            os.link(draft, out)  # fails where the name is taken
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    except FileExistsError:
        raise BadInputError(f"{out} is there already: name a new file for the {what}.") from None
    except OSError as error:
        raise UnavailableError(f"The {what} cannot be written to {out} ({error.strerror}).") from error


def write_json(path: Path, value: Any) -> None:
    """Writes one JSON value, its last line ended."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", "utf-8")


def files_of(folder: Path) -> list[dict[str, Any]]:
    """Name, size and SHA-256 of each file of a folder, by name."""
    return [
        {
            "name": path.name,
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in sorted(folder.iterdir())
    ]


def safe_cell(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets a leading apostrophe; everything else as it is."""
    if isinstance(value, list | dict):
        value = json.dumps(value, ensure_ascii=False, sort_keys=True)
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    return value


def as_written(text: str) -> str:
    """The text that `safe_cell` made safe, as it was before."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_STARTS) else text


def write_csv(path: Path, table: Table) -> None:
    """Writes a table as CSV with a header."""
    # The byte order mark is for spreadsheet programs, which else take the Chinese for something else.
    with path.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(table.columns)
        writer.writerows([safe_cell(cell) for cell in row] for row in table.rows)


def write_xlsx(path: Path, tables: Iterable[Table], day: date | None) -> int:
    """Writes one sheet a table, made on `day`; returns how many rows and cells the format's limits cut.

    The clock is not read: equal tables of a day give an equal file.
    """
    import xlsxwriter

    cut = 0
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), {**options, "constant_memory": True}) as book:
        book.set_properties(
            {"created": datetime.combine(day, datetime.min.time()) if day else datetime(2000, 1, 1)}
        )
        bold = book.add_format({"bold": True})
        for table in tables:
            sheet = book.add_worksheet(table.name)
            sheet.freeze_panes(1, 0)
            sheet.write_row(0, 0, table.columns, bold)
            cut += max(0, len(table.rows) - (XLSX_MOST_ROWS - 1))
            for number, row in enumerate(table.rows[: XLSX_MOST_ROWS - 1], 1):
                for column, cell in enumerate(map(safe_cell, row)):
                    if isinstance(cell, str) and len(cell) > XLSX_LONGEST_CELL:
                        cell, cut = cell[:XLSX_LONGEST_CELL], cut + 1
                    if isinstance(cell, str) and cell:
                        sheet.write_string(number, column, cell)
                    else:
                        sheet.write(number, column, cell)
    return cut
