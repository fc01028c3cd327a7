"""Small ledgers: connections that show only the documents that hang together with a few sales or persons.

Statements written for the whole ledger run over them unchanged, and read a few rows instead of millions.
"""

from collections.abc import Mapping
from pathlib import Path

import duckdb
import pyarrow as pa

from loaders.contract.kinds import KINDS
from loaders.ledger.picked import pick
from loaders.ledger.queries import RANKED_BY, current
from loaders.ledger.schemas import SCHEMAS
from loaders.ledger.tables import Tables
from loaders.ledger.views import connection

_OF_SALES = {
    "orders": "orderNo IN (SELECT orderNo FROM numbers)",
    "inventories": "orderNo IN (SELECT orderNo FROM numbers)",
    "raw_payment_orders": "orderNo IN (SELECT orderNo FROM numbers)",
    "payments": "orderNo IN (SELECT orderNo FROM numbers) OR EXISTS (SELECT 1 FROM orders AS o "
    "WHERE o.payCode = payments.payCode AND o.payTransactionId = payments.payTransactionId)",
    "waybills": "orderNo IN (SELECT orderNo FROM numbers) OR EXISTS (SELECT 1 FROM inventories AS v "
    "WHERE v.logisticsCode = waybills.logisticsCode AND v.logisticsNo = waybills.logisticsNo)",
    "deliveries": "EXISTS (SELECT 1 FROM (SELECT logisticsCode, logisticsNo FROM waybills UNION "
    "SELECT logisticsCode, logisticsNo FROM inventories) AS w "
    "WHERE w.logisticsCode = deliveries.logisticsCode AND w.logisticsNo = deliveries.logisticsNo)",
    "raw_payments": "EXISTS (SELECT 1 FROM raw_payment_orders AS n "
    "WHERE n.payCode = raw_payments.payCode AND n.payTransactionId = raw_payments.payTransactionId)",
}
"""Kind → which of its rows, in an order in which each asks for kinds before it. Rather some too many."""

_OF_PERSONS = {
    "orders": {
        "buyerIdNumber": "Consumer",
        "buyerTelephone": "Phone",
        "consigneeTelephone": "Phone",
        "consigneeAddress": "Address",
    },
    "payments": {"payerIdNumber": "Consumer", "telephone": "Phone"},
    "waybills": {"consigneeTelephone": "Phone", "consigneeAddress": "Address"},
    "inventories": {"buyerIdNumber": "Consumer", "buyerTelephone": "Phone", "consigneeAddress": "Address"},
    "consumer_reports": {"buyerIdNumber": "Consumer"},
    "enterprises": {"telephone": "Phone", "registeredAddress": "Address"},
}
"""Kind → the columns that name a person, a phone or an address, each with the label of what it names."""

_BESIDES = ("buyerIdType", "buyerName", "payerIdType", "payerName")
"""What else is told of a person."""


def documents_of_sales(
    tables: Tables, version: int, scratch: Path, sale_ids: pa.Table
) -> duckdb.DuckDBPyConnection:
    """All versions of the documents of some sales (`sale_id`), and of what they name by number."""
    con = connection(scratch)
    con.register("wanted", sale_ids.select(["sale_id"]))
    number = "substr(sale_id, instr(sale_id, '|') + 1)"
    con.execute(f"CREATE TABLE numbers AS SELECT DISTINCT {number} AS orderNo FROM wanted")
    con.unregister("wanted")
    for kind, condition in _OF_SALES.items():
        _pick(con, tables, version, kind, condition)
    return con


def documents_about(
    tables: Tables, version: int, scratch: Path, keys: Mapping[str, pa.Array]
) -> duckdb.DuckDBPyConnection:
    """Documents that name some persons, phones or addresses (keys by label), all versions of each, and
    `current_<kind>` of them; `keys_<label>` are the keys."""
    con = connection(scratch)
    for label in ("Consumer", "Phone", "Address"):
        con.register("wanted", pa.table({"key": keys.get(label, pa.array([], pa.string()))}))
        con.execute(f"CREATE TABLE keys_{label} AS SELECT DISTINCT key FROM wanted WHERE key IS NOT NULL")
        con.unregister("wanted")
    for kind, naming in _OF_PERSONS.items():
        named = " OR ".join(
            f"{column}_key IN (SELECT key FROM keys_{label})" for column, label in naming.items()
        )
        _pick(con, tables, version, kind, named, ["document_id"])
        con.execute(f"ALTER TABLE {kind} RENAME TO named")
        wanted = {
            *naming,
            *(f"{column}_key" for column in naming),
            *_BESIDES,
            *RANKED_BY,
            KINDS[kind].version_time,
        }
        columns = [name for name in SCHEMAS[kind].names if name in wanted]
        _pick(con, tables, version, kind, "document_id IN (SELECT document_id FROM named)", columns)
        con.execute("DROP TABLE named")
        con.execute(f"CREATE VIEW current_{kind} AS {current(KINDS[kind], columns)}")
    return con


def _pick(
    con: duckdb.DuckDBPyConnection,
    tables: Tables,
    version: int,
    kind: str,
    condition: str,
    columns: list[str] | None = None,
) -> None:
    pick(
        con,
        kind,
        files=tables.files(kind),
        schema=SCHEMAS[kind],
        of=kind,
        columns=columns or SCHEMAS[kind].names,
        condition=f"load_seq <= {version:d} AND ({condition})",
    )
