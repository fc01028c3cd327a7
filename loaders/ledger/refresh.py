"""Current transactions brought up to a load: all of them, or the sales that its documents can have changed.

Both ways run the same SQL; they differ only in the rows that it sees.
"""

from pathlib import Path

import duckdb
import pyarrow as pa

from loaders.contract import KINDS
from loaders.ledger.closure import find_keys, found_rows, found_sales, most_sales
from loaders.ledger.queries import STEPS, current, ordered_kinds, sql
from loaders.ledger.schemas import TRANSACTIONS
from loaders.ledger.tables import Tables
from loaders.ledger.views import connection, listed, rows_of, show_kinds

_SENDER = "copCode dxpId"
USED = {
    "orders": "ebpCode orderNo ebcCode goodsValue freight discount taxTotal acturalPaid currency payCode "
    "payTransactionId buyerRegNo_key buyerName_key buyerTelephone_key buyerIdNumber_key consignee_key "
    f"consigneeTelephone_key consigneeAddress_key {_SENDER}",
    "order_items": "ebpCode orderNo gnum itemNo barCode unit qty price totalPrice currency",
    "payments": "payCode payTransactionId ebpCode orderNo payerIdNumber_key payerName_key telephone_key "
    f"amountPaid currency payTime {_SENDER}",
    "waybills": "logisticsCode logisticsNo orderNo weight consignee_key consigneeTelephone_key "
    f"consigneeAddress_key {_SENDER}",
    "waybill_status": "logisticsCode logisticsNo logisticsStatus logisticsTime",
    "inventories": "ebpCode orderNo ebcCode logisticsCode logisticsNo copNo preNo invtNo agentCode areaCode "
    "assureCode customsCode loctNo tradeMode declTime freight insuredFee currency buyerIdNumber_key "
    f"buyerName_key buyerTelephone_key consigneeAddress_key {_SENDER}",
    "inventory_items": "ebpCode orderNo copNo gnum itemNo barCode unit qty price totalPrice currency gcode",
    "cancels": "agentCode copNo preNo invtNo ebpCode orderNo",
    "refunds": "agentCode copNo preNo invtNo ebpCode orderNo",
    "deliveries": "logisticsCode logisticsNo operatorCode",
    "receipts": "kind agentCode copNo preNo invtNo returnStatus returnTime returnInfo",
    "raw_payments": "payCode payTransactionId ebpCode totalAmount tradingTime",
    "raw_payment_orders": "payCode payTransactionId orderNo ebpCode",
    "payment_aliases": "payCode sameAs validFrom validTo",
}
"""What the SQL needs of each kind: whole rows would not fit into memory."""

_OF_VERSION = {
    **dict.fromkeys(("orders", "deliveries"), "appType appTime"),
    **dict.fromkeys(("payments", "waybills", "inventories"), "appType appTime content_hash"),
}
"""What the SQL needs besides of the version that is current."""

_ASKED_OFTEN = ("orders", "payments", "waybills", "inventories", "receipts")
"""Kinds whose current rows several steps ask for, so that they are kept."""

_LAST_USE = {
    "sale_payments": "payments",
    "sale_lines": "inventories",
    "sale_waybills": "waybills",
    "sale_withdrawals": "receipts",
}
"""Step → the kind that no later step asks for."""

_RANKED_BY = (
    f"document_id content_hash appType appTime appStatus {_SENDER} file_id message_guid position load_seq"
)

_ALL_SALES = (
    "SELECT document_id AS sale_id FROM current_orders "
    "UNION SELECT sale_id FROM sale_payments UNION SELECT sale_id FROM sale_inventories"
)


def refresh(tables: Tables, version: int, scratch: Path, *, memory: str = "3GB") -> int:
    """Bring the table `transactions` from the load it stands at to `version`.

    Returns how many sales were touched. Killed at any point, it is repeated as a whole: the mark moves in the
    commit that writes the rows.
    """
    since = tables.mark("transactions")
    if since >= version:
        return 0
    tables.drop_after(["touched"], since)
    with connection(scratch, memory=memory) as con:
        show_kinds(con, tables, version)
        everything = since == 0
        if since:
            find_keys(con, _linked(), since)
            everything = most_sales(con)
            con.execute(f"CREATE TABLE touched_sales AS {found_sales()}")
        if not everything:
            _narrow(con)
        compute(con)
        if not since:
            con.execute(f"CREATE TABLE touched_sales AS {_ALL_SALES}")
        touched = con.table("touched_sales").to_arrow_table()
        seq = pa.repeat(pa.scalar(version, pa.int64()), len(touched))
        tables.append("touched", touched.append_column("load_seq", seq))
        _write(con, tables, version, everything=everything)
    return len(touched)


def compute(con: duckdb.DuckDBPyConnection) -> None:
    """Make what `transactions.sql` asks, from the views or tables of all rows."""
    for kind in ordered_kinds():
        if kind.name in USED:
            wanted = f"document_id {_OF_VERSION.get(kind.name, '')} {USED[kind.name]}".split()
            form = "TABLE" if kind.name in _ASKED_OFTEN else "VIEW"
            con.execute(f"CREATE {form} current_{kind.name} AS {current(kind, wanted)}")
    for step in STEPS:
        con.execute(f"CREATE TABLE {step} AS {sql(step)}")
        if step in _LAST_USE:
            con.execute(f"DROP TABLE current_{_LAST_USE[step]}")


def _linked() -> list[str]:
    """The document kinds that the SQL uses; all of them carry join keys."""
    return [name for name in USED if KINDS[name].document]


def _narrow(con: duckdb.DuckDBPyConnection) -> None:
    """Put tables of the rows that carry a found key in the place of the views of all rows."""
    for kind in _linked():
        wanted = ", ".join(f'"{c}"' for c in dict.fromkeys(f"{USED[kind]} {_RANKED_BY}".split()))
        con.execute(f"CREATE TABLE some_{kind} AS SELECT {wanted} FROM {kind} WHERE {found_rows(kind)}")
        con.execute(f"DROP VIEW {kind}")
        con.execute(f"ALTER TABLE some_{kind} RENAME TO {kind}")


def _write(con: duckdb.DuckDBPyConnection, tables: Tables, version: int, *, everything: bool) -> None:
    names = ", ".join(TRANSACTIONS.names)
    rows, predicate = f"SELECT {names} FROM ({sql('transactions')})", None
    if not everything:
        touched = con.execute(
            "SELECT DISTINCT bucket_of(sale_id) AS b FROM touched_sales ORDER BY b"
        ).fetchall()
        if not touched:
            tables.set_mark("transactions", version)
            return
        predicate = f"bucket IN ({', '.join(str(bucket) for (bucket,) in touched)})"
        con.execute(f"CREATE VIEW stored AS {transactions_of(tables.files('transactions'))}")
        rows += (
            f" UNION ALL SELECT {names} FROM stored ANTI JOIN touched_sales USING (sale_id) WHERE {predicate}"
        )
    tables.overwrite("transactions", con.sql(rows).to_arrow_reader(100_000), predicate, version)


def transactions_of(data_files: list[str]) -> str:
    """SELECT of the stored transactions from their data files; the bucket is in the folder's name."""
    if not data_files:
        return rows_of([], TRANSACTIONS)
    options = "hive_partitioning = true, hive_types = {'bucket': INTEGER}"
    return f"SELECT {', '.join(TRANSACTIONS.names)} FROM read_parquet({listed(data_files)}, {options})"
