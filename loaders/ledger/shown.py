"""Tables that DuckDB reads as they are when a planned statement runs."""

from typing import Any

import duckdb
import pyarrow as pa

Row = dict[str, Any]


class Shown:
    """A table: set `table`, and run the statement again; its plan is kept."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema) -> None:
        self.table = schema.empty_table()
        self.schema = schema
        connection.register(name, self)

    def rows(self, rows: list[Row]) -> None:
        """Show these rows; columns that one lacks are null in it."""
        self.table = pa.Table.from_pylist(rows, schema=self.schema)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.table.__arrow_c_stream__(requested_schema)


def run(connection: duckdb.DuckDBPyConnection, prepared: str) -> list[Row]:
    """Rows of a prepared statement."""
    found = connection.execute(f"EXECUTE {prepared}")
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
