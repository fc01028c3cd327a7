"""Files into the ledger: read, conform, append, commit, refresh transactions."""

import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from loaders.ahead import ahead
from loaders.contract import CONTRACT_VERSION, KINDS, Conformed, Keys, RawBatch, SourceFile, conform
from loaders.errors import BadInputError
from loaders.ledger.known import stored_columns, unknown_rows
from loaders.ledger.ledger import Ledger
from loaders.ledger.lock import writer_lock
from loaders.ledger.refresh import refresh
from loaders.ledger.schemas import FILES, LOADS, REJECTS
from loaders.ledger.views import connection, rows_of

Progress = Callable[[str, int], None]
"""Told what is being done (`reading`, `transactions`, `done`, or for whom we wait) and the rows so far."""

MAX_ROWS = 200_000
"""Rows of a batch: enough to be fast, little enough for memory."""


@dataclass(frozen=True)
class Counts:
    """Rows of one kind (documents, or lines of documents) in a load."""

    new: int = 0
    known: int = 0
    rejected: int = 0


@dataclass
class FileReport:
    """What a load took of one file: new rows by kind, rows known before, and what it refused."""

    name: str
    new: Counter[str] = field(default_factory=Counter)
    known: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class LoadReport:
    """What a load did; `load_seq` is None where it brought nothing that was not known."""

    load_seq: int | None
    files: int
    known_files: int
    skipped_files: tuple[tuple[str, str], ...]
    """Files that are none of ours, with the reason."""
    kinds: dict[str, Counts]
    rejects: int
    unknown_columns: dict[str, tuple[str, ...]]
    """Columns that the contract does not know, by file."""
    seconds: float
    transactions_seconds: float
    """Of `seconds`, those that the current transactions took."""
    touched_sales: int
    of_files: dict[str, "FileReport"] = field(default_factory=dict)
    """By file_id, where it was asked for."""

    @property
    def documents(self) -> int:
        """New rows of all kinds."""
        return sum(counts.new for counts in self.kinds.values())


def load(
    ledger: Ledger,
    keys: Keys,
    paths: Sequence[str | Path],
    *,
    progress: Progress | None = None,
    at: datetime | None = None,
    workers: int = 2,
    max_rows: int = MAX_ROWS,
    wait: float = 0.0,
    of_files: bool = False,
) -> LoadReport:
    """Load files, folders and archives as one load; all of it is seen, or nothing.

    `at` is noted as the time of the load; `wait` is how many seconds to wait for another writer (negative:
    for ever); `of_files`: whether the report tells of each file. Raises BusyError where another writer is at
    work, BadInputError where the ledger was keyed with another key.
    """
    from loaders.sources import read

    data = ledger.folder.parent.resolve()
    return land(
        ledger,
        keys,
        lambda: read(paths, workers=workers, max_rows=max_rows, scratch=ledger.unpacked, exclude=data),
        progress=progress,
        at=at,
        wait=wait,
        of_files=of_files,
    )


def land(
    ledger: Ledger,
    keys: Keys,
    batches: Callable[[], Iterable[RawBatch]],
    *,
    progress: Progress | None = None,
    at: datetime | None = None,
    wait: float = 0.0,
    of_files: bool = False,
) -> LoadReport:
    """Like `load`, of batches that are read already."""
    tell = progress or (lambda _stage, _rows: None)
    started = time.perf_counter()
    with writer_lock(ledger.folder.parent, wait=wait, on_wait=lambda text: tell(text, 0)):
        committed = ledger.recover()
        _check_key(ledger, keys)
        with _emptied(ledger.unpacked), _Landing(ledger, committed + 1, tell, of_files) as landing:
            for batch in ahead(batches()):  # the next one is read while one is at work
                landing.take(batch, keys)
            landing.finish()
            if landing.is_new:
                landing.commit(keys, at)
        touched, landed = 0, time.perf_counter()
        if landing.is_new:
            tell("transactions", landing.rows)
            # What the batches took is not needed any more; the transactions of a million sales need it.
            pa.default_memory_pool().release_unused()
            touched = refresh(ledger.tables, landing.load_seq, ledger.scratch)
            for name in [*landing.new, "loads", "files", "touched"]:
                ledger.tables.compact(name)
            ledger.tables.tidy("transactions")
        tell("done", landing.rows)
    ended = time.perf_counter()
    return landing.report(ended - started, ended - landed, touched)


@contextmanager
def _emptied(folder: Path) -> Iterator[None]:
    """The folder, empty and the owner's alone, for a while; what a killed load left there goes first."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _check_key(ledger: Ledger, keys: Keys) -> None:
    with connection(ledger.scratch) as con:
        found = con.execute(
            f"SELECT DISTINCT key_id FROM ({rows_of(ledger.tables.files('loads'), LOADS)}) WHERE key_id <> ?",
            [keys.key_id],
        ).fetchall()
    if found:
        raise BadInputError(
            f"The ledger in {ledger.folder} was keyed with key {found[0][0]}, this one is {keys.key_id}: "
            "put the first one back from your backup, or start another data folder."
        )


@dataclass
class _Landing:
    """One load under way: nothing of it is seen before `commit`."""

    ledger: Ledger
    load_seq: int
    tell: Progress
    counts_files: bool = False
    rows: int = 0
    new: Counter[str] = field(default_factory=Counter)
    known: Counter[str] = field(default_factory=Counter)
    files: dict[str, SourceFile] = field(default_factory=dict)
    known_files: set[str] = field(default_factory=set)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    rejects: list[pa.Table] = field(default_factory=list)
    of_files: dict[str, FileReport] = field(default_factory=dict)
    _old: frozenset[str] = frozenset()
    _writing: list[Future[None]] = field(default_factory=list)

    def __enter__(self) -> "_Landing":
        self._con = connection(self.ledger.scratch, memory="1GB")
        self._pool = ThreadPoolExecutor(2)
        listed = rows_of(self.ledger.tables.files("files"), FILES)
        self._old = frozenset(i for (i,) in self._con.execute(f"SELECT file_id FROM ({listed})").fetchall())
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True)
        self._con.close()

    @property
    def is_new(self) -> bool:
        """Whether there is anything to commit."""
        return bool(self.files or self.rejects)

    def take(self, raw: RawBatch, keys: Keys) -> None:
        """Conform a batch and append what is new of it; the appending goes on beside the next batch."""
        keeping = [self._pool.submit(self._keep, file) for file in self._new_files(raw.files)]
        ready = self._without_known_files(
            conform(raw, keys) if self._wanted(raw) else Conformed({}, raw.rejects)
        )
        self._settle()
        for name, table in ready.tables.items():
            self.rows += len(table)
            fresh = self._unknown(name, table) if len(table) else table
            self.new[name] += len(fresh)
            self.known[name] += len(table) - len(fresh)
            if self.counts_files:
                self._count(name, table, fresh)
            if len(fresh):
                self._writing.append(self._pool.submit(self._append, name, fresh))
        if len(ready.rejects):
            self.rejects.append(ready.rejects)
        for kept in keeping:
            kept.result()
        self.tell("reading", self.rows)

    def finish(self) -> None:
        """Wait until all rows are appended."""
        self._settle()

    def commit(self, keys: Keys, at: datetime | None) -> None:
        """Append files, rejects and, last, the row of `loads`: from then on the load is seen."""
        rejects = pa.concat_tables(self.rejects) if self.rejects else None
        files = [
            {
                "file_id": f.file_id,
                "name": f.name,
                "size": f.size,
                "format": f.format,
                "unknown_columns": list(f.unknown_columns),
                "load_seq": self.load_seq,
            }
            for f in self.files.values()
        ]
        if files:
            self.ledger.tables.append("files", pa.Table.from_pylist(files, schema=FILES))
        if rejects is not None:
            self._append("rejects", rejects.select(REJECTS.names[:-1]))
        row = {
            "load_seq": self.load_seq,
            "at": at,
            "files": len(self.files),
            "rows": self.new.total(),
            "rejected": 0 if rejects is None else len(rejects),
            "key_id": keys.key_id,
            "contract_version": CONTRACT_VERSION,
        }
        self.ledger.tables.append("loads", pa.Table.from_pylist([row], schema=LOADS))

    def report(self, seconds: float, transactions_seconds: float, touched: int) -> LoadReport:
        """What was done, in numbers."""
        rejects = pa.concat_tables(self.rejects) if self.rejects else REJECTS.empty_table()
        rejected = Counter(
            kind
            for kind, *_ in {
                (r["kind"] or "file", r["file_id"], r["message_guid"], r["position"])
                for r in rejects.to_pylist()
            }
        )
        names = sorted({*self.new, *self.known, *rejected})
        return LoadReport(
            load_seq=self.load_seq if self.is_new else None,
            files=len(self.files),
            known_files=len(self.known_files),
            skipped_files=tuple(self.skipped),
            kinds={n: Counts(self.new[n], self.known[n], rejected[n]) for n in names},
            rejects=len(rejects),
            unknown_columns={f.name: f.unknown_columns for f in self.files.values() if f.unknown_columns},
            seconds=seconds,
            transactions_seconds=transactions_seconds,
            touched_sales=touched,
            of_files=self._of_files(rejects) if self.counts_files else {},
        )

    def _of_files(self, rejects: pa.Table) -> dict[str, FileReport]:
        for reject in rejects.to_pylist():
            if reject["file_id"] in self.of_files:
                told = {name: reject[name] for name in ("kind", "position", "field", "reason")}
                self.of_files[reject["file_id"]].refused.append(told)
        return self.of_files

    def _count(self, name: str, rows: pa.Table, fresh: pa.Table) -> None:
        for table, sign in ((rows, 1), (fresh, -1)):
            for counted in pc.value_counts(table["file_id"]).to_pylist():
                of = self.of_files[counted["values"]]
                of.known += sign * counted["counts"]
                if sign < 0:
                    of.new[name] += counted["counts"]

    def _new_files(self, files: Iterable[SourceFile]) -> Iterator[SourceFile]:
        for file in files:
            if file.skipped is not None:
                self.skipped.append((file.name, file.skipped))
            elif file.file_id in self._old:
                self.known_files.add(file.file_id)
            elif file.file_id not in self.files:
                self.files[file.file_id] = file
                self.of_files[file.file_id] = FileReport(file.name)
                yield file

    def _keep(self, file: SourceFile) -> None:
        with file.open() as source:
            self.ledger.originals.keep(file.file_id, source)

    def _wanted(self, raw: RawBatch) -> bool:
        """Whether a batch holds rows of a file that is not known yet."""
        ids: set[str] = set()
        for table in raw.tables.values():
            ids |= set(pc.unique(table["file_id"]).to_pylist())
        return bool(ids - self._old)

    def _without_known_files(self, ready: Conformed) -> Conformed:
        if not self.known_files:
            return ready
        old = pa.array(sorted(self.known_files), pa.string())
        tables = {
            name: table.filter(pc.invert(pc.is_in(table["file_id"], value_set=old)))
            for name, table in ready.tables.items()
        }
        rejects = ready.rejects.filter(pc.invert(pc.is_in(ready.rejects["file_id"], value_set=old)))
        return Conformed(tables, rejects)

    def _unknown(self, name: str, table: pa.Table) -> pa.Table:
        """Rows that are in no load before, nor in a batch before, which is appended already."""
        kind = KINDS[name]
        there = rows_of(self.ledger.tables.files(name), kind.schema)
        self._con.execute(f"CREATE OR REPLACE VIEW stored AS SELECT {stored_columns(kind)} FROM ({there})")
        return unknown_rows(self._con, kind, table)

    def _append(self, name: str, rows: pa.Table) -> None:
        seq = pa.repeat(pa.scalar(self.load_seq, pa.int64()), len(rows))
        self.ledger.tables.append(name, rows.append_column("load_seq", seq))

    def _settle(self) -> None:
        for writing in self._writing:
            writing.result()
        self._writing.clear()
