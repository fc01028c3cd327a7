"""A DuckDB connection that shows the ledger as it stood at one load: its rows, current rows, transactions."""

from pathlib import Path

import duckdb
import pyarrow as pa

from loaders.contract.kinds import KINDS
from loaders.ledger.queries import current, ordered_kinds, sql
from loaders.ledger.schemas import SCHEMAS
from loaders.ledger.tables import Tables

_MEMORY = "2GB"


def connection(
    scratch: Path, *, threads: int | None = None, memory: str = _MEMORY
) -> duckdb.DuckDBPyConnection:
    """An empty connection with the ledger's macros; instants are in UTC, no extension is ever downloaded.

    `scratch` is where DuckDB puts what does not fit into `memory`.
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "memory_limit": memory,
        "temp_directory": str(scratch),
        "preserve_insertion_order": "false",
    }
    if threads is not None:
        config["threads"] = threads
    con = duckdb.connect(config=config)
    con.execute("SET TimeZone = 'UTC'")
    con.execute("SET enable_progress_bar = false")
    con.execute(sql("macros"))
    return con


def show_rows(
    con: duckdb.DuckDBPyConnection, tables: Tables, name: str, version: int, *, view: str | None = None
) -> None:
    """Make the view of a table's rows of loads up to `version`, named as the table unless `view` is given."""
    rows = rows_of(tables.files(name), SCHEMAS[name])
    con.execute(f"CREATE VIEW {view or name} AS {rows} WHERE load_seq <= {version:d}")


def rows_of(data_files: list[str], schema: pa.Schema) -> str:
    """SELECT of all rows of some data files, in the columns of `schema` (absent ones are null)."""
    columns = ", ".join(f'"{name}"' for name in schema.names)
    rows = f"SELECT {typed_nulls(schema)} WHERE false"
    if data_files:
        # The empty rows name the columns that a newer contract has and none of the files.
        rows += f" UNION ALL BY NAME FROM read_parquet({listed(data_files)}, union_by_name = true)"
    return f"SELECT {columns} FROM ({rows})"


def typed_nulls(schema: pa.Schema) -> str:
    """Select list of a null for each column, of its type."""
    return ", ".join(f'CAST(NULL AS {duck_type(field.type)}) AS "{field.name}"' for field in schema)


def listed(data_files: list[str]) -> str:
    """File names as a list of SQL."""
    quoted = ("'" + file.replace("'", "''") + "'" for file in data_files)
    return f"[{', '.join(quoted)}]"


def duck_type(arrow: pa.DataType) -> str:
    """DuckDB's name of a column type that the ledger uses."""
    if pa.types.is_decimal(arrow):
        return f"DECIMAL({arrow.precision}, {arrow.scale})"
    if pa.types.is_timestamp(arrow):
        return "TIMESTAMPTZ"
    if pa.types.is_list(arrow):
        return f"{duck_type(arrow.value_type)}[]"
    if pa.types.is_struct(arrow):
        return f"STRUCT({', '.join(f'{field.name} {duck_type(field.type)}' for field in arrow)})"
    return {
        "string": "VARCHAR",
        "int32": "INTEGER",
        "int64": "BIGINT",
        "date32[day]": "DATE",
        "bool": "BOOLEAN",
    }[str(arrow)]


def show_kinds(con: duckdb.DuckDBPyConnection, tables: Tables, version: int) -> None:
    """Make the view of all rows of every kind."""
    for kind in KINDS.values():
        show_rows(con, tables, kind.name, version)


def show_current(con: duckdb.DuckDBPyConnection) -> None:
    """Make `current_<kind>` of every kind, as views."""
    for kind in ordered_kinds():
        con.execute(f"CREATE VIEW current_{kind.name} AS {current(kind)}")


def show_unjoined(con: duckdb.DuckDBPyConnection) -> None:
    """Make the view `unjoined` (kind, document_id, reason): documents without a sale, or that fit several.

    Computed on demand, from the current documents that the connection shows.
    """
    for step in ("sale_payments", "sale_inventories", "sale_waybills", "sale_raw_payments"):
        con.execute(f"CREATE TABLE IF NOT EXISTS {step} AS {sql(step)}")
    con.execute(f"CREATE OR REPLACE VIEW unjoined AS {sql('unjoined')}")
