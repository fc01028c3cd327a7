"""Current transactions brought up to a load: all of them, or the sales that its documents can have changed.

Both ways run the same SQL; they differ only in the rows that it sees.
"""

from pathlib import Path

import duckdb
import pyarrow as pa

from loaders.contract import KINDS
from loaders.ledger.closure import find_keys, found_rows, found_sales, most_sales
from loaders.ledger.picked import pick
from loaders.ledger.queries import RANKED_BY, STEPS, current, ordered_kinds, sql
from loaders.ledger.schemas import SCHEMAS, TRANSACTIONS
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

_ALL_SALES = (
    "SELECT document_id AS sale_id FROM current_orders "
    "UNION SELECT sale_id FROM sale_payments UNION SELECT sale_id FROM sale_inventories"
)


RECENT_SALES = 20_000
"""Sales that are stored apart from their buckets at most: more would slow whoever reads them all."""

_RECENT = -1
_NAMES = ", ".join(TRANSACTIONS.names)
_ROWS_OF_BATCH = 100_000


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
            if not everything:
                _narrow(con, tables, version)
            con.execute(f"CREATE TABLE touched_sales AS {found_sales()}")
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


def _narrow(con: duckdb.DuckDBPyConnection, tables: Tables, version: int) -> None:
    """Put tables of the rows that carry a found key in the place of the views of all rows."""
    for kind in _linked():
        pick(
            con,
            f"some_{kind}",
            files=tables.files(kind),
            schema=SCHEMAS[kind],
            of=kind,
            columns=list(dict.fromkeys((*USED[kind].split(), *RANKED_BY))),
            condition=f"load_seq <= {version:d} AND ({found_rows(kind)})",
        )
        con.execute(f"DROP VIEW {kind}")
        con.execute(f"ALTER TABLE some_{kind} RENAME TO {kind}")


def _write(con: duckdb.DuckDBPyConnection, tables: Tables, version: int, *, everything: bool) -> None:
    """The computed sales in the place of what is stored of those touched.

    A few are written apart, as recent, and cover what the buckets have of them: nearly every bucket has one
    of some dozen sales. With many, the recent ones go where they belong.
    """
    computed = f"SELECT {_NAMES} FROM ({sql('transactions')})"
    if everything:
        rows = con.sql(computed).to_arrow_reader(_ROWS_OF_BATCH)
        tables.overwrite("transactions", rows, None, version, version)
        return
    base = tables.base("transactions") or tables.mark("transactions")
    con.execute(f"CREATE VIEW stored AS {transactions_of(tables)}")
    con.execute(
        "CREATE TABLE moved AS SELECT sale_id FROM touched_sales UNION "
        f"SELECT sale_id FROM ({rows_of(tables.files('touched'), SCHEMAS['touched'])}) "
        f"WHERE load_seq > {base:d} AND load_seq <= {version:d}"
    )
    ((moved,),) = con.execute("SELECT count(*) FROM moved").fetchall()
    if not moved:
        tables.set_mark("transactions", version, version)
        return
    if moved <= RECENT_SALES:
        where, predicate = "SEMI JOIN moved USING (sale_id)", f"bucket = {_RECENT}"
        columns = f"* REPLACE (CAST({_RECENT} AS INTEGER) AS bucket)"
    else:
        buckets = con.execute("SELECT DISTINCT bucket_of(sale_id) AS b FROM moved ORDER BY b").fetchall()
        predicate = f"bucket IN ({', '.join(str(bucket) for bucket in (_RECENT, *(b for (b,) in buckets)))})"
        where, columns, base = f"WHERE {predicate}", "*", version
    rows = con.sql(
        f"SELECT {columns} FROM (FROM ({computed}) UNION ALL "
        f"(SELECT {_NAMES} FROM stored ANTI JOIN touched_sales USING (sale_id) {where}))"
    )
    tables.overwrite("transactions", rows.to_arrow_reader(_ROWS_OF_BATCH), predicate, version, base)


def transactions_of(tables: Tables) -> str:
    """SELECT of the stored transactions; the bucket is in the folder's name of a data file.

    Sales that loads after the base touched are those among the recent ones, and no others.
    """
    files = tables.files("transactions")
    if not files:
        return rows_of([], TRANSACTIONS)
    base, version = tables.base("transactions"), tables.mark("transactions")
    recent = [file for file in files if f"/bucket={_RECENT}/" in file]
    rows = _stored([file for file in files if file not in set(recent)])
    if base in (0, version):
        return rows
    touched = f"SELECT sale_id FROM ({rows_of(tables.files('touched'), SCHEMAS['touched'])}) "
    touched += f"WHERE load_seq > {base:d} AND load_seq <= {version:d}"
    return (
        f"FROM ({rows}) ANTI JOIN ({touched}) AS moved USING (sale_id) UNION ALL "
        f"SELECT * REPLACE (bucket_of(sale_id) AS bucket) FROM ({_stored(recent)})"
    )


def recent_of(tables: Tables, since: int) -> str | None:
    """SELECT of stored sales among which are all that loads after `since` touched; None where these are not
    stored apart."""
    base = tables.base("transactions")
    if not 0 < base <= since:
        return None
    files = [file for file in tables.files("transactions") if f"/bucket={_RECENT}/" in file]
    return f"SELECT * REPLACE (bucket_of(sale_id) AS bucket) FROM ({_stored(files)})"


def _stored(files: list[str]) -> str:
    if not files:
        return rows_of([], TRANSACTIONS)
    options = "hive_partitioning = true, hive_types = {'bucket': INTEGER}"
    return f"SELECT {_NAMES} FROM read_parquet({listed(files)}, {options})"
