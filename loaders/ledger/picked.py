"""A few rows of a large table: narrow columns tell where they are, and wide ones are read only there."""

import duckdb
import pyarrow as pa

from loaders.ledger.views import listed, typed_nulls

MANY = 20_000
"""Rows from which on reading everything once costs less."""


def pick(
    con: duckdb.DuckDBPyConnection,
    name: str,
    *,
    files: list[str],
    schema: pa.Schema,
    of: str,
    columns: list[str],
    condition: str,
) -> None:
    """Make the table `name` of the rows of some data files that meet a condition, in these columns.

    `of` is the name by which the condition calls the rows; it must read few columns, since it reads them all.
    Columns that no file has are null.
    """
    wanted = ", ".join(f'"{column}"' for column in columns)
    empty = f"SELECT {typed_nulls(schema)} WHERE false"
    if not files:
        con.execute(f"CREATE TABLE {name} AS SELECT {wanted} FROM ({empty})")
        return
    everything = (
        f"read_parquet({listed(files)}, union_by_name = true, filename = true, file_row_number = true)"
    )
    found = con.execute(
        f"SELECT filename, list(file_row_number) FROM {everything} AS {of} "
        f"WHERE {condition} GROUP BY filename"
    ).fetchall()
    if sum(len(numbers) for _, numbers in found) > MANY:
        rows = f"{empty} UNION ALL BY NAME FROM {everything} AS {of} WHERE {condition}"
    else:
        # The engine skips what lies between rows that are asked for by their number.
        parts = [
            f"FROM read_parquet({listed([file])}, file_row_number = true) "
            f"WHERE file_row_number IN ({', '.join(map(str, sorted(numbers)))})"
            for file, numbers in sorted(found)
        ]
        rows = " UNION ALL BY NAME ".join([empty, *parts])
    con.execute(f"CREATE TABLE {name} AS SELECT {wanted} FROM ({rows})")
