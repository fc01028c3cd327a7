"""Which rows of a batch the ledger has already: loading is idempotent by content, not by file."""

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from loaders.contract.model import Kind
from loaders.ledger.queries import sql

_COMPARED = ("document_id", "content_hash", "file_id", "message_guid", "position")
_SENDER = ("dxpId", "copCode")
_VERSIONED = ("appType", "appStatus", "appTime", *_SENDER)


def unknown_rows(con: duckdb.DuckDBPyConnection, kind: Kind, rows: pa.Table) -> pa.Table:
    """The rows that say something new; `con` has a view `stored` of the kind's rows that are there.

    A row is known where one is there of the same document, content, appType, appStatus and appTime;
    without appTime where one is there of any time. A sender that was not yet known to send it is something
    new; a line's sender is its document's.
    """
    narrow = {name: rows[name] for name in _COMPARED}
    for name in _VERSIONED:
        told = name in rows.column_names and not (kind.items_of and name in _SENDER)
        narrow[name] = rows[name] if told else _absent(name, len(rows))
    narrow["row"] = pa.array(range(len(rows)), pa.int64())
    con.register("batch", pa.table(narrow))
    try:
        known = con.sql(sql("known_rows")).to_arrow_table()["row"].combine_chunks()
    finally:
        con.unregister("batch")
    if not len(known):
        return rows
    return rows.filter(pc.invert(pc.is_in(narrow["row"], value_set=known)))


def stored_columns(kind: Kind) -> str:
    """Select list of what `unknown_rows` compares with, absent columns as null."""
    names = kind.schema.names
    return ", ".join(
        name if name in names else f"CAST(NULL AS {_TYPES.get(name, 'VARCHAR')}) AS {name}"
        for name in ("document_id", "content_hash", *_VERSIONED)
    )


_TYPES = {"appType": "INTEGER", "appTime": "TIMESTAMPTZ"}


def _absent(name: str, count: int) -> pa.Array:
    types = {"appType": pa.int32(), "appTime": pa.timestamp("us", "UTC")}
    return pa.nulls(count, types.get(name, pa.string()))
