"""Clues handed out: findings as JSON, CSV and XLSX with a manifest, in one folder, whole or not at all."""

import csv
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from app.casebook.findings import FindingRecord
from app.errors import BadInputError, UnavailableError
from app.supervision.cells import safe_cell

FORMAT_VERSION = 1
XLSX_MOST_ROWS = 1_048_576  # rows of a sheet, header included (the format's own limit)
XLSX_LONGEST_CELL = 32_767  # characters of a cell (the format's own limit)

Rows = list[Sequence[Any]]


@dataclass(frozen=True)
class Table:
    """One table of the export: a CSV file and a sheet."""

    name: str
    columns: tuple[str, ...]
    rows: Rows


def export_clues(out: Path, findings: Sequence[FindingRecord], about: dict[str, Any]) -> dict[str, Any]:
    """Writes the folder `out` and returns its manifest.

    `about` goes into the manifest as it is (versions, since, application). The files hold keys and masked
    names only, as findings do. The folder is written beside `out` and renamed: whoever looks sees all of it
    or nothing. Raises BadInputError where `out` is there already and not an empty folder, UnavailableError
    where the disk refuses.
    """
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise BadInputError(f"{out} is there already and not an empty folder: name a new one for the export.")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
        try:
            manifest = _write(scratch, findings, about)
            scratch.chmod(0o750)
            scratch.rename(out)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    except OSError as error:
        raise UnavailableError(f"The export cannot be written to {out} ({error.strerror}).") from error
    return manifest


def _write(folder: Path, findings: Sequence[FindingRecord], about: dict[str, Any]) -> dict[str, Any]:
    tables = tables_of(findings)
    rows = [finding.as_dict() for finding in findings]
    (folder / "findings.json").write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", "utf-8")
    for table in tables:
        _write_csv(folder / f"{table.name}.csv", table)
    cut = _write_xlsx(
        folder / "clues.xlsx", tables, max((finding.as_of for finding in findings), default=None)
    )
    counts = {table.name: len(table.rows) for table in tables}
    files = [
        {
            "name": path.name,
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in sorted(folder.iterdir())
    ]
    manifest = {
        "format_version": FORMAT_VERSION,
        **about,
        "counts": counts,
        "cut_in_xlsx": cut,
        "files": files,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", "utf-8")
    for path in folder.iterdir():
        with path.open("rb") as handle:
            os.fsync(handle.fileno())
    return manifest


def tables_of(findings: Iterable[FindingRecord]) -> tuple[Table, ...]:
    """The findings, their members, their numbers and their evidence as flat tables."""
    heads: Rows = []
    members: Rows = []
    numbers: Rows = []
    evidence: Rows = []
    for finding in findings:
        subject = finding.subject
        heads.append(
            [finding.id, finding.rule, finding.rule_version, finding.severity, finding.score]
            + [subject["kind"], subject["key"], subject.get("name")]
            + [finding.reason["en"], finding.reason["zh"], len(finding.members), finding.evidence["count"]]
            + [finding.denominator.get(name) for name in ("looked_at", "judgeable", "found")]
            + [finding.as_of.isoformat(), finding.ledger_version, finding.first_seen, finding.last_seen]
            + ["yes" if finding.present else "no", finding.decision, finding.query]
        )
        members += [[finding.id, part["kind"], part["key"], part.get("name")] for part in finding.members]
        numbers += [
            [finding.id, name, number["value"], number.get("unit")]
            for name, number in sorted(finding.numbers.items())
        ]
        evidence += [[finding.id, identity] for identity in finding.evidence["ids"]]
    head_columns = (
        "id rule rule_version severity score subject_kind subject_key subject_name reason_en reason_zh "
        "members evidence looked_at judgeable found as_of ledger_version first_seen last_seen present "
        "decision query"
    )
    return (
        Table("findings", tuple(head_columns.split()), heads),
        Table("members", ("finding", "kind", "key", "name"), members),
        Table("numbers", ("finding", "name", "value", "unit"), numbers),
        Table("evidence", ("finding", "id"), evidence),
    )


def _write_csv(path: Path, table: Table) -> None:
    # The byte order mark is for spreadsheet programs, which else take the Chinese for something else.
    with path.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(table.columns)
        writer.writerows([safe_cell(cell) for cell in row] for row in table.rows)


def _write_xlsx(path: Path, tables: Iterable[Table], day: Any) -> int:
    """Writes one sheet a table; returns how many rows and cells were cut to the limits of the format."""
    cut = 0
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), {**options, "constant_memory": True}) as book:
        # The clock is not read: equal findings give an equal file.
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
                    sheet.write(number, column, cell)
    return cut
