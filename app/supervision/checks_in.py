"""Checks of platforms into the ledger: all of a list or nothing, every mistake told with line and column."""

import hashlib
import json
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from app.errors import BadInputError
from app.supervision.verification import read_sql
from app.supervision.worklist_reading import COLUMNS, Given
from loaders.contract import Conformed, Keys, Place, RawBatch, SourceFile, conform
from loaders.ledger.ledger import Ledger
from loaders.ledger.load import land
from loaders.ledger.lock import writer_lock

KIND = "platform_verifications"
_TOLD = 20
"""Mistakes that an error names; it counts the others."""
_NUMBER = re.compile(r"\d{1,3}(,\d{3})+|\d{1,15}")
Mistake = tuple[int, str, str]


@dataclass(frozen=True)
class Brought:
    """What came in: checks that are new and that were known, rows left out for want of a result."""

    new: int
    known: int
    left_out: int
    ledger_version: int


def bring_in(ledger: Ledger, keys: Keys, given: Given, *, today: date, wait: float = 0.0) -> Brought:
    """Load checks into the ledger through its loader; the same again changes nothing.

    `today` is the day (UTC+8) after which nothing can have been checked; `wait` how many seconds to wait for
    another writer (negative: for ever). Raises BadInputError that names line and column of every mistake, and
    then nothing changes; BusyError where another writer is at work.
    """
    with writer_lock(ledger.folder.parent, wait=wait):
        batch = _batch(given)
        mistakes = _by_hand(ledger, given)
        ready = conform(batch, keys)
        mistakes += [(row["position"], row["field"], row["reason"]) for row in ready.rejects.to_pylist()]
        if not mistakes:
            mistakes = _against_ledger(ledger, ready, today)
        if mistakes:
            raise refusal(given.name, mistakes)
        if not given.rows:
            return Brought(0, 0, given.left_out, ledger.version)
        report = land(ledger, keys, lambda: [batch], at=datetime.now(UTC), wait=wait)
    new = report.kinds[KIND].new if KIND in report.kinds else 0
    return Brought(new, len(given.rows) - new, given.left_out, ledger.version)


@contextmanager
def given_as_rows(rows: Sequence[Mapping[str, str]], name: str) -> Iterator[Given]:
    """Checks that came as rows by column of the contract, as a file of JSON Lines for as long as it takes."""
    content = "".join(json.dumps(dict(row), ensure_ascii=False, sort_keys=True) + "\n" for row in rows)
    with tempfile.TemporaryDirectory(prefix="cluegraph-") as folder:
        path = Path(folder) / name
        path.write_text(content, "utf-8")
        digest = hashlib.sha256(content.encode()).hexdigest()
        yield Given(name, "jsonl", path, digest, tuple((at, dict(row)) for at, row in enumerate(rows, 1)))


def refusal(name: str, mistakes: Sequence[Mistake]) -> BadInputError:
    """The error that refuses a list as a whole."""
    ordered = sorted(set(mistakes))
    told = "; ".join(
        f"line {line}, {column}: {_bare(line, column, reason)}" for line, column, reason in ordered[:_TOLD]
    )
    more = f"; and {len(ordered) - _TOLD} more" if len(ordered) > _TOLD else ""
    return BadInputError(f"{name} is refused as a whole, and nothing changed: {told}{more}.")


def _bare(line: int, column: str, reason: str) -> str:
    """A reason of the contract without the line and the column that stand before it."""
    return reason.removeprefix(f"line {line}: ").removeprefix(f"{column} ")


def _batch(given: Given) -> RawBatch:
    columns: dict[str, pa.Array] = {
        name: pa.array([row.get(name) for _, row in given.rows], pa.string()) for name in COLUMNS
    }
    columns["file_id"] = pa.array([given.file_id] * len(given.rows), pa.string())
    columns["message_guid"] = pa.nulls(len(given.rows), pa.string())
    columns["position"] = pa.array([line for line, _ in given.rows], pa.int64())
    file = SourceFile(
        given.file_id, given.name, given.path.stat().st_size, given.format, given.path, kind=KIND
    )

    def locate(_file: str, positions: Sequence[int]) -> Mapping[int, Place]:
        return {line: Place(0, line) for line in positions}

    names = {given.file_id: given.name}
    return RawBatch((file,), {KIND: pa.table(columns)}, file_names=names, locate=locate)


def _by_hand(ledger: Ledger, given: Given) -> list[Mistake]:
    """What the contract cannot know: codes, numbers of visits, rows that a hand in a spreadsheet moved."""
    with ledger.connect() as connection:
        known = {code for (code,) in connection.execute(read_sql("platform_codes")).fetchall()}
    mistakes: list[Mistake] = []
    lines: dict[str, list[int]] = defaultdict(list)
    for line, row in given.rows:
        code, identity = row.get("ebpCode", ""), row.get("verificationId", "")
        if code and code not in known:
            mistakes.append((line, "ebpCode", "is no platform that a sale, a check or the register names"))
        if "worklist" in row and identity != f"{row['worklist']}-{code}-{row.get('check')}":
            mistakes.append((line, "verificationId", "is not that of this list, platform and check"))
        if row.get("check") == "traffic_match":
            mistakes += [
                (line, name, "is no number of visits")
                for name in ("observed", "expected")
                if name in row and not _NUMBER.fullmatch(row[name])
            ]
        lines[identity].append(line)
    for identity, several in lines.items():
        if identity:
            mistakes += [(line, "verificationId", f"is that of line {several[0]}") for line in several[1:]]
    return mistakes


def _against_ledger(ledger: Ledger, ready: Conformed, today: date) -> list[Mistake]:
    """Checks of days to come, and those that the ledger has otherwise without being older."""
    with ledger.connect() as connection:
        connection.register("given", ready.tables[KIND])
        rows: list[dict[str, Any]] = connection.sql(read_sql("checks_at_odds")).to_arrow_table().to_pylist()
    mistakes: list[Mistake] = []
    for row in rows:
        if row["day"] > today:
            mistakes.append((row["line"], "checkedAt", f"is after today, {today.isoformat()}"))
        if row["at_odds"]:
            mistakes.append(
                (
                    row["line"],
                    "checkedAt",
                    "the ledger has this check otherwise: a correction is checked later",
                )
            )
    return mistakes
