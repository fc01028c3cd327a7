"""The Delta tables under one folder: append, list, drop what was never committed, compact.

Nothing here depends on a table's Delta version: rows are told apart by their load_seq.
"""

import json
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import rmtree
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import (
    CommitProperties,
    DeltaTable,
    Transaction,
    WriterProperties,
    write_deltalake,
)
from deltalake.transaction import AddAction

COMPACT_ABOVE = 50
"""Files of a table: 400 small appends slowed opening from 0.1 to 1.0 s."""

VACUUM_HOURS = 24
"""A reader that opened before a compaction may go on reading the old files for that long."""

_APP = "cluegraph"
_BASE = "cluegraph-base"


def _writer(rows_of_group: int) -> WriterProperties:
    return WriterProperties(compression="ZSTD", compression_level=1, max_row_group_size=rows_of_group)


_ROWS_OF_GROUP = 131_072
_SAMPLE = 2_000
_WRITER = _writer(_ROWS_OF_GROUP)
_BUCKET_WRITER = _writer(8_192)
"""All buckets are written at once, and each holds a group of rows in memory."""


class Tables:
    """Delta tables by name, each in a folder of that name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._opened: dict[str, DeltaTable] = {}

    def ensure(self, schemas: Mapping[str, pa.Schema], partitioned: Mapping[str, str]) -> None:
        """Make the tables that are not there yet."""
        self.folder.mkdir(parents=True, exist_ok=True)

        def make(name: str) -> None:
            schema = schemas[name]
            # Statistics are wanted of load_seq alone, which is asked for before every write.
            indexed = "load_seq" if "load_seq" in schema.names else schema.names[0]
            DeltaTable.create(
                self.folder / name,
                schema,
                mode="ignore",
                partition_by=partitioned.get(name),
                configuration={"delta.dataSkippingStatsColumns": indexed},
            )

        missing = [name for name in schemas if not any((self.folder / name / "_delta_log").glob("*.json"))]
        if missing:
            with ThreadPoolExecutor(4) as pool:
                list(pool.map(make, missing))

    def lacks(self, name: str, schema: pa.Schema) -> bool:
        """Whether the table was made before some column of `schema` was."""
        return not set(schema.names) <= {field.name for field in self.open(name).schema().fields}

    def discard(self, name: str) -> None:
        """Take a table away, at once; `ensure` makes it anew, empty and without a mark."""
        gone = self.folder / f"{name}.{uuid4()}.gone"
        (self.folder / name).rename(gone)
        self._opened.pop(name, None)
        rmtree(gone)

    def open(self, name: str) -> DeltaTable:
        """The table as it is now; only what was committed since it was last opened is read."""
        if name in self._opened:
            self._opened[name].update_incremental()
        else:
            self._opened[name] = DeltaTable(self.folder / name)
        return self._opened[name]

    def files(self, name: str) -> list[str]:
        """The table's data files, sorted; opens once more where a compaction has just removed one."""
        for _ in range(2):
            found = sorted(self.open(name).file_uris())
            if all(Path(file).exists() for file in found):
                break
        return found

    def append(self, name: str, rows: pa.Table) -> None:
        """Append rows; columns that the table does not have yet are added to it."""
        table = self.open(name)
        known = {field.name for field in table.schema().fields}
        if any(column not in known for column in rows.column_names):
            write_deltalake(table, rows, mode="append", writer_properties=_WRITER, schema_mode="merge")
            return
        # Arrow's own writer takes 60 % of the time of the table's; the commit is the table's either way.
        table.create_write_transaction([_written(self.folder / name, rows)], "append", table.schema())

    def overwrite(
        self, name: str, rows: pa.RecordBatchReader, predicate: str | None, mark: int, base: int
    ) -> None:
        """Replace the rows of `predicate` (all where None) and set the table's marks, in one commit."""
        write_deltalake(
            self.open(name),
            rows,
            mode="overwrite",
            predicate=predicate,
            writer_properties=_BUCKET_WRITER,
            commit_properties=_marked(mark, base),
        )

    def set_mark(self, name: str, mark: int, base: int) -> None:
        """Set the table's marks, leaving its rows alone."""
        table = self.open(name)
        table.create_write_transaction([], "append", table.schema(), commit_properties=_marked(mark, base))

    def mark(self, name: str) -> int:
        """The table's mark; 0 where none was set."""
        return int(self.open(name).transaction_version(_APP) or 0)

    def base(self, name: str) -> int:
        """The mark that the table's rows had when they were last written where they belong; 0: never."""
        return int(self.open(name).transaction_version(_BASE) or 0)

    def drop_after(self, names: Iterable[str], load_seq: int) -> None:
        """Drop the rows of loads that were never committed: those with a greater load_seq."""
        for name in names:
            table = self.open(name)
            newest = pa.table(table.get_add_actions(flatten=True))
            if newest.num_rows and any(
                seq is None or seq > load_seq for seq in newest["max.load_seq"].to_pylist()
            ):
                table.delete(f"load_seq > {load_seq}")

    def compact(self, name: str, above: int = COMPACT_ABOVE) -> bool:
        """Merge the files of a table that has more than `above`, true where it did; readers keep theirs."""
        table = self.open(name)
        if len(table.file_uris()) <= above:
            return False
        table.optimize.compact(writer_properties=_WRITER)
        table.create_checkpoint()
        table.vacuum(retention_hours=VACUUM_HOURS, dry_run=False, enforce_retention_duration=False)
        return True

    def tidy(self, name: str) -> None:
        """Delete the files that overwriting left behind once no reader can be at them; checkpoint."""
        table = self.open(name)
        if table.version() % 20 == 0:
            table.create_checkpoint()
            table.vacuum(retention_hours=VACUUM_HOURS, dry_run=False, enforce_retention_duration=False)


def _written(folder: Path, rows: pa.Table) -> AddAction:
    """A new data file of some rows, which no reader sees before it is committed."""
    target = folder / f"{uuid4()}.zstd.parquet"
    sample = rows.slice(0, _SAMPLE)
    pq.write_table(
        rows,
        target,
        row_group_size=_ROWS_OF_GROUP,
        compression="zstd",
        compression_level=1,
        write_statistics=False,
        use_dictionary=[f.name for f in rows.schema if _repeats(sample[f.name])],
    )
    stats: dict[str, object] = {"numRecords": len(rows)}
    if "load_seq" in rows.column_names:
        seen = pc.min_max(rows["load_seq"]).as_py()
        stats |= {"minValues": {"load_seq": seen["min"]}, "maxValues": {"load_seq": seen["max"]}}
        stats |= {"nullCount": {"load_seq": rows["load_seq"].null_count}}
    file = target.stat()
    return AddAction(target.name, file.st_size, {}, file.st_mtime_ns // 1_000_000, True, json.dumps(stats))


def _repeats(sample: pa.ChunkedArray) -> bool:
    """Whether values repeat: a dictionary of values that nearly all differ costs time and saves nothing."""
    return not pa.types.is_nested(sample.type) and pc.count_distinct(sample).as_py() * 2 <= len(sample)


def _marked(mark: int, base: int) -> CommitProperties:
    return CommitProperties(app_transactions=[Transaction(_APP, mark), Transaction(_BASE, base)])
