"""From paths to batches: every file told apart, read, and handed on with its originals and its refusals."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

import pyarrow as pa

from loaders.contract import KINDS, Place, RawBatch, Reject, SourceFile, rejects_table
from loaders.sources import csv, flat_documents, raw_payments, records, xml_places
from loaders.sources.columns import Columns, WrongColumnsError, kind_of_name, match, recognise
from loaders.sources.files import LIST_LOADER, WORK_LIST, Expansion, Found, Limits, file_hash
from loaders.sources.messages import Parsed, parse_messages

MAX_ROWS = 600_000
_GROUP_BYTES = 4 << 20
_GROUP_FILES = 200
# Starting processes takes half a second: not for less than they would save.
_POOL_BYTES = 24 << 20


def read(
    paths: Iterable[str | Path],
    *,
    workers: int = 2,
    max_rows: int = MAX_ROWS,
    limits: Limits | None = None,
    scratch: Path | None = None,
    exclude: Path | None = None,
) -> Iterator[RawBatch]:
    """Everything under `paths` as batches of about `max_rows` raw rows, messages and flat files apart.

    `-` is standard input. Whatever cannot be read is a reject of the batch, never an exception. Archives are
    unpacked into `scratch`, which the caller removes; without one, into a folder that vanishes with the
    last batch. The folder `exclude` is not walked into.
    """
    with nullcontext(scratch) if scratch else tempfile.TemporaryDirectory(prefix="cluegraph-") as folder:
        expansion = Expansion(Path(folder), limits or Limits(), exclude)
        gathered = _Gathered(max_rows)
        messages: list[Found] = []
        for found in expansion.walk(paths):
            if found.format == "xml":
                messages.append(found)
            else:
                for _ in _flat(found, gathered, expansion.limits):
                    if gathered.full:
                        yield gathered.take()
        gathered.rejects += expansion.rejects
        gathered.files += expansion.refused
        gathered.files += [
            SourceFile(file_hash(path), name, path.stat().st_size, "other", path, skipped=reason)
            for name, path, reason in expansion.skipped
        ]
        if gathered.something:
            yield gathered.take()
        yield from _messages(messages, workers, max_rows, expansion.limits)


@dataclass
class _Gathered:
    """Parts of files on their way into a batch."""

    max_rows: int
    message: bool = False
    rows: int = 0
    files: list[SourceFile] = field(default_factory=list)
    tables: dict[str, list[pa.Table]] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    paths: dict[str, tuple[str, Path]] = field(default_factory=dict)
    units: int = 0

    @property
    def full(self) -> bool:
        return self.rows >= self.max_rows

    @property
    def something(self) -> bool:
        return bool(self.rows or self.files or self.rejects)

    def add(self, kind: str, table: pa.Table) -> None:
        self.tables.setdefault(kind, []).append(table)
        self.rows += table.num_rows

    def take(self) -> RawBatch:
        """The batch so far; the next one begins empty, and still knows the files."""
        tables = {
            kind: pa.concat_tables(parts, promote_options="default") for kind, parts in self.tables.items()
        }
        paths = dict(self.paths)

        def locate(file_id: str, positions: Sequence[int]) -> dict[int, Place]:
            return _places(*paths[file_id], positions) if file_id in paths else {}

        batch = RawBatch(
            tuple(self.files), tables, rejects_table(self.rejects), self.message, dict(self.names), locate
        )
        self.files, self.tables, self.rejects, self.rows = [], {}, [], 0
        return batch


def _places(form: str, path: Path, positions: Sequence[int]) -> dict[int, Place]:
    if form == "csv":
        return csv.places(path, positions)
    if form == "jsonl":
        return records.json_lines_places(path, positions)
    if form == "xml":
        return xml_places.places(path, positions)
    return {}


def _flat(found: Found, gathered: _Gathered, limits: Limits) -> Iterator[None]:
    """Add a flat file, a part at a time."""
    file_id = file_hash(found.path)
    size = found.path.stat().st_size
    source = SourceFile(file_id, found.name, size, found.format, found.path)
    gathered.names[file_id] = found.name
    try:
        if found.format == "json" and flat_documents.is_array(found.plain):
            _bounded(found, limits)
            _flat_documents(found, source, gathered)
            yield
            return
        if found.format == "json" and not _is_table(found):
            _bounded(found, limits)
            gathered.files.append(source)
            _raw_payments(found, file_id, gathered)
            yield
            return
        yield from _table_parts(found, source, gathered)
    except WrongColumnsError as error:
        if source not in gathered.files and not any(f.file_id == file_id for f in gathered.files):
            gathered.files.append(source)
        kind = kind_of_name(found.name)
        gathered.rejects.append(
            Reject(file_id, found.name, f"{found.name} {error}", kind.name if kind else None, error.field)
        )


def _is_table(found: Found) -> bool:
    """Whether a `.json` file holds a table, one object a line, rather than raw payment data."""
    if kind := kind_of_name(found.name):
        return kind.name != "raw_payments" or not _names_payment(found.plain)
    return found.sniffed and not _names_payment(found.plain)


def _names_payment(path: Path) -> bool:
    with path.open("rb") as file:
        return b"payExchangeInfoHead" in file.read(1 << 20)


def _table_parts(found: Found, source: SourceFile, gathered: _Gathered) -> Iterator[None]:
    form = "jsonl" if found.format == "json" else found.format
    lines = records.JsonLines(found.plain) if form == "jsonl" else None
    if lines:
        names = lines.header
    else:
        names = csv.header(found.plain) if form == "csv" else records.parquet_header(found.plain)
    if WORK_LIST in names:
        # Not kept as a file that is known: it is still to be loaded, by what knows its rules.
        skipped = replace(source, skipped=f"belongs to a {WORK_LIST} of checks, which {LIST_LOADER} loads")
        gathered.files.append(skipped)
        yield
        return
    kind = kind_of_name(found.name)
    if kind is None:
        if not found.sniffed:
            raise WrongColumnsError(f"is named after no table; the tables are {', '.join(KINDS)}")
        kind = recognise(names)
    columns = match(kind, names)
    gathered.files.append(
        SourceFile(source.file_id, source.name, source.size, form, source.path, kind.name, columns.unknown)
    )
    gathered.paths[source.file_id] = (form, found.plain)
    for part in _parts(form, found, columns, names, lines):
        if part.table.num_rows:
            ids = pa.DictionaryArray.from_arrays(
                pa.repeat(pa.scalar(0, pa.int32()), part.table.num_rows), pa.array([source.file_id])
            )
            gathered.add(kind.name, part.table.append_column("file_id", ids.cast(pa.string())))
        for record in part.wrong:
            line = f"line {record.line}: " if kind.all_or_nothing else ""
            reason = f"{line}the record {record.wrong}"
            gathered.rejects.append(
                Reject(
                    source.file_id, source.name, reason, kind.name, None, None, record.number, record.offset
                )
            )
        if not kind.all_or_nothing:
            yield
    yield


def _parts(
    form: str, found: Found, columns: Columns, names: Sequence[str], lines: records.JsonLines | None
) -> Iterator[csv.Part]:
    if lines:
        return lines.parts(columns.kind)
    if form == "csv":
        return csv.read(found.plain, columns, names, whole=columns.kind.all_or_nothing)
    return records.read_parquet(found.plain, columns)


def _bounded(found: Found, limits: Limits) -> None:
    if found.plain.stat().st_size > limits.message_bytes:
        raise WrongColumnsError("is too large for one JSON document; write it as JSON Lines")


def _flat_documents(found: Found, source: SourceFile, gathered: _Gathered) -> None:
    try:
        tables, wrong, unknown = flat_documents.read(found.plain)
    except flat_documents.NoArrayError as error:
        gathered.files.append(source)
        reason = f"{found.name} cannot be read: {error}"
        gathered.rejects.append(Reject(source.file_id, found.name, reason))
        return
    gathered.files.append(replace(source, unknown_columns=tuple(sorted(unknown))))
    for kind, table in tables.items():
        gathered.add(kind, table.append_column("file_id", pa.array([source.file_id] * table.num_rows)))
    gathered.rejects += [
        Reject(source.file_id, found.name, f"{field or 'the document'} {reason}", kind, field, None, position)
        for position, kind, field, reason in wrong
    ]


def _raw_payments(found: Found, file_id: str, gathered: _Gathered) -> None:
    try:
        tables, wrong = raw_payments.read(found.plain)
    except raw_payments.NoPaymentError as error:
        gathered.rejects.append(Reject(file_id, found.name, f"{found.name} cannot be read: {error}"))
        return
    last = gathered.units
    for name, table in tables.items():
        units = table.column("document").combine_chunks()
        last = max(last, gathered.units + max(units.to_pylist()))
        shifted = pa.array([unit + gathered.units for unit in units.to_pylist()], pa.int64())
        table = table.set_column(table.schema.get_field_index("document"), "document", shifted)
        gathered.add(name, table.append_column("file_id", pa.array([file_id] * table.num_rows)))
    gathered.units = last
    gathered.rejects += [
        Reject(
            file_id, found.name, f"{name or 'the document'} {reason}", "raw_payments", name, None, position
        )
        for position, name, reason in wrong
    ]


def _messages(found: list[Found], workers: int, max_rows: int, limits: Limits) -> Iterator[RawBatch]:
    gathered = _Gathered(max_rows, message=True)
    groups = list(_groups(found))
    total = sum(one.plain.stat().st_size for one in found)
    for group, parsed in _parsed(groups, workers if total > _POOL_BYTES else 1, limits):
        _add_messages(group, parsed, gathered)
        if gathered.full:
            yield gathered.take()
    if gathered.something:
        yield gathered.take()


def _groups(found: list[Found]) -> Iterator[list[Found]]:
    group: list[Found] = []
    size = 0
    for one in found:
        group.append(one)
        size += one.plain.stat().st_size
        if size >= _GROUP_BYTES or len(group) >= _GROUP_FILES:
            yield group
            group, size = [], 0
    if group:
        yield group


def _parsed(groups: list[list[Found]], workers: int, limits: Limits) -> Iterator[tuple[list[Found], Parsed]]:
    """Groups with what they held, in order; a few ahead of the reader, so that memory stays bounded."""
    jobs = [[(str(one.path), str(one.plain)) for one in group] for group in groups]
    if workers <= 1 or len(groups) == 1:
        for group, job in zip(groups, jobs, strict=True):
            yield group, parse_messages(job, limits.message_bytes)
        return
    # A forked child would inherit the engines' threads and locks.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        waiting: list[Future[Parsed]] = []
        following = iter(jobs)
        for group in groups:
            for job in islice(following, workers * 4 - len(waiting)):
                waiting.append(pool.submit(parse_messages, job, limits.message_bytes))
            yield group, waiting.pop(0).result()


def _add_messages(group: list[Found], parsed: Parsed, gathered: _Gathered) -> None:
    ids = [one.file_id for one in parsed.files]
    for found, one in zip(group, parsed.files, strict=True):
        gathered.files.append(SourceFile(one.file_id, found.name, one.size, "xml", found.path))
        gathered.names[one.file_id] = found.name
        gathered.paths[one.file_id] = ("xml", found.plain)
        if one.unreadable:
            reason = f"{found.name} cannot be read: {one.unreadable}"
            gathered.rejects.append(Reject(one.file_id, found.name, reason))
        known = xml_places.places(found.plain, [at for at, _, _ in one.wrong]) if one.wrong else {}
        for position, name, reason in one.wrong:
            said = f"{name or 'the document'} {reason}"
            offset = known[position].offset if position in known else None
            gathered.rejects.append(
                Reject(one.file_id, found.name, said, one.kind, name, one.guid, position or None, offset)
            )
    names = pa.array(ids, pa.string())
    for kind, stream in parsed.tables.items():
        table = pa.ipc.open_stream(stream).read_all()
        numbers = table.column("file").combine_chunks()
        units = pa.compute.add(table.column("document"), gathered.units)
        table = table.set_column(table.schema.get_field_index("document"), "document", units)
        gathered.add(kind, table.drop_columns(["file"]).append_column("file_id", names.take(numbers)))
    gathered.units += parsed.units
