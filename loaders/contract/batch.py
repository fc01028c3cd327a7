"""What passes between the sources and the contract, and from there to the ledger."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import pyarrow as pa

from loaders.contract.model import REJECTS_SCHEMA


@dataclass(frozen=True)
class SourceFile:
    """One file, or one member of an archive, as it was received.

    `path` holds the original bytes; of an archive's member only while its archive is being read. `file_id` is
    their SHA-256.
    """

    file_id: str
    name: str
    size: int
    format: str
    path: Path
    kind: str | None = None
    unknown_columns: tuple[str, ...] = ()
    skipped: str | None = None
    """Why nothing of it was read, for files that are none of ours."""

    def open(self) -> IO[bytes]:
        """The original bytes."""
        return self.path.open("rb")


Locate = Callable[[str, Sequence[int]], Mapping[int, "Place"]]
"""(file_id, positions) → the place of each position that is known."""


@dataclass(frozen=True)
class Place:
    """Where a row begins in the original: byte offset, and line (1 is the first) where it has lines."""

    offset: int
    line: int | None = None


@dataclass(frozen=True)
class RawBatch:
    """Raw rows of some files: text as it was declared, before any check.

    A table has text columns under the contract's names (absent ones are null), `file_id`, `message_guid`,
    `position`, `copCode`, `dxpId`, and `document`: rows of one unit (a document and its lines) land or fall
    together; null is a row of its own. `message` says that the rows come from messages, which must carry
    their envelope in the schema's own form. A file is listed in the first batch that holds anything of it.
    """

    files: tuple[SourceFile, ...] = ()
    tables: Mapping[str, pa.Table] = field(default_factory=dict)
    rejects: pa.Table = field(default_factory=REJECTS_SCHEMA.empty_table)
    message: bool = False
    file_names: Mapping[str, str] = field(default_factory=dict)
    """Name of every file that has rows here, by its id."""
    locate: Locate | None = None
    """Where rows stand in their file, asked for refused rows only."""

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.num_rows for table in self.tables.values())


@dataclass(frozen=True)
class Conformed:
    """Checked, typed, hashed and keyed rows in the ledger's columns, and what was refused."""

    tables: Mapping[str, pa.Table]
    rejects: pa.Table


@dataclass(frozen=True)
class Reject:
    """One refusal; never holds a value."""

    file_id: str | None
    file_name: str
    reason: str
    kind: str | None = None
    field: str | None = None
    message_guid: str | None = None
    position: int | None = None
    offset: int | None = None


def rejects_table(rejects: Iterable[Reject]) -> pa.Table:
    """Rejects as a table of REJECTS_SCHEMA."""
    rows = [{name: getattr(reject, name) for name in REJECTS_SCHEMA.names} for reject in rejects]
    return pa.Table.from_pylist(rows, schema=REJECTS_SCHEMA)
