"""Tables of text as CSV files (UTF-8, header row, times as in the messages)."""

from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.csv as pa_csv

from world.render import Table


class CsvFolder:
    """Appends tables to one CSV file a kind; the first table of a kind settles its columns."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writers: dict[str, pa_csv.CSVWriter] = {}

    def write(self, tables: dict[str, Table]) -> None:
        """Append rows of each kind; the columns are text."""
        for kind, columns in tables.items():
            table = pa.table(columns)
            if kind not in self._writers:
                path = self._folder / f"{kind}.csv"
                self._writers[kind] = pa_csv.CSVWriter(str(path), table.schema)
            self._writers[kind].write_table(table)

    def __enter__(self) -> "CsvFolder":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        for writer in self._writers.values():
            writer.close()
