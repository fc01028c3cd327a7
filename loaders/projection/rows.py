"""Rows of nodes and relationships, as DuckDB computes them from the ledger's views."""

from collections.abc import Mapping

import duckdb
import pyarrow as pa

from loaders.projection.schema import NODES, NodeType, Property, RelationshipType, read_sql

# Made in this order: a later one reads earlier ones.
# Sales are read some thirty times: once from the ledger, then from memory.
_TABLES = ("sale", "enterprise_role", "enterprise_sale", "enterprise_name", "payee", "reply_sales")
_OF_PERSONS = ("masked_consumer", "masked_phone", "masked_address")
_VIEWS = ("sent", "masked_legal_person", "masked_bank_account")


def prepare(
    con: duckdb.DuckDBPyConnection,
    touched: Mapping[str, pa.Array] | None = None,
    near: duckdb.DuckDBPyConnection | None = None,
) -> None:
    """Make what the queries of the schema read, in `con`, a fresh connection that shows a ledger.

    `touched` gives keys by node label: rows then cover these keys alone (labels that are not named: none).
    Without it rows cover everything. `near` shows the documents that name touched persons, and no others:
    these are told from it.
    """
    prepare_codes(con)
    for node in NODES:
        keys = None if touched is None else touched.get(node.label, pa.array([], pa.string()))
        _touch(con, node.label, keys)
    if near is not None:
        near.execute(read_sql("macros.sql"))
        for label in ("Consumer", "Phone", "Address"):
            near.execute(f"CREATE TEMP MACRO touched_{label}(k) AS k IN (SELECT key FROM keys_{label})")
    for name in _TABLES:
        con.execute(f"CREATE TEMP TABLE {name} AS {read_sql(name + '.sql')}")
    for name in _OF_PERSONS:
        if near is None:
            con.execute(f"CREATE TEMP VIEW {name} AS {read_sql(name + '.sql')}")
        else:
            _tell(con, near, name)
    for name in _VIEWS:
        con.execute(f"CREATE TEMP VIEW {name} AS {read_sql(name + '.sql')}")


def prepare_codes(con: duckdb.DuckDBPyConnection) -> None:
    """Make the macros, and `canonical(code)` from the register's table `code_map`."""
    con.execute(read_sql("macros.sql"))
    con.execute(f"CREATE OR REPLACE TEMP TABLE code_map AS {read_sql('code_map.sql')}")
    mapped = con.execute("SELECT count(*) FROM code_map").fetchall()[0][0]
    # A macro is put in as text: the caller's own column `code` must not be taken for that of the map.
    own = "(SELECT code AS mapped_code, canonical AS stands_for FROM code_map)"
    found = f"SELECT max(m.stands_for) FROM {own} AS m WHERE m.mapped_code = c"
    body = f"coalesce(({found}), c)" if mapped else "c"
    con.execute(f"CREATE OR REPLACE TEMP MACRO canonical(c) AS {body}")


def _touch(con: duckdb.DuckDBPyConnection, label: str, keys: pa.Array | None) -> None:
    """Make the macro `touched_<label>(key)`: whether rows of this node are wanted."""
    if keys is None:
        con.execute(f"CREATE TEMP MACRO touched_{label}(k) AS true")
        return
    con.register("_keys", pa.table({"key": keys}))
    con.execute(f"CREATE TEMP TABLE keys_{label} AS SELECT DISTINCT key FROM _keys WHERE key IS NOT NULL")
    con.unregister("_keys")
    con.execute(f"CREATE TEMP MACRO touched_{label}(k) AS k IN (SELECT key FROM keys_{label})")


def _tell(con: duckdb.DuckDBPyConnection, near: duckdb.DuckDBPyConnection, name: str) -> None:
    """Make a table of what a statement says of the few documents that another connection shows."""
    con.register("_rows", near.sql(read_sql(f"{name}.sql")).to_arrow_table())
    con.execute(f"CREATE TEMP TABLE {name} AS FROM _rows")
    con.unregister("_rows")


def _wire(property_: Property) -> str:
    """A property as it travels: times as ISO text, since the driver packs time objects slowly."""
    column = f'"{property_.name}"'
    match property_.type:
        case "date":
            return f"CAST({column} AS VARCHAR) AS {column}"
        case "localdatetime":
            return f"replace(CAST({column} AS VARCHAR), ' ', 'T') AS {column}"
        case _:
            return column


def node_query(node: NodeType) -> str:
    """SELECT of `key`, the properties as they travel and, where the type has roles, `labels`."""
    columns = ["key", *map(_wire, node.properties), *(["labels"] if node.roles else [])]
    return f"SELECT {', '.join(columns)} FROM ({node.sql})"


def relationship_query(relationship: RelationshipType) -> str:
    """SELECT of `start_key`, `end_key` and the properties as they travel."""
    columns = ["start_key", "end_key", *map(_wire, relationship.properties)]
    return f"SELECT {', '.join(columns)} FROM ({relationship.sql})"
