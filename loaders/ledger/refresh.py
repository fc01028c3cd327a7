"""Current transactions brought up to a load: all of them, or the sales that its documents can have changed.

Both ways run the same SQL; they differ only in the rows that it sees.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
import pyarrow as pa

from loaders.contract.kinds import KINDS
from loaders.ledger.queries import STEPS, current, ordered_kinds, sql
from loaders.ledger.schemas import TRANSACTIONS
from loaders.ledger.tables import Tables
from loaders.ledger.views import connection, rows_of, show_kinds

LINKS: Mapping[str, tuple[str, ...]] = {
    "o": ("orderNo",),
    "w": ("logisticsCode", "logisticsNo"),
    "p": ("payCode", "payTransactionId"),
    "c": ("copNo",),
    "n": ("preNo",),
    "i": ("invtNo",),
}
"""The keys that documents of one sale are joined by; every join of the SQL is over one of them."""

_OWN_NUMBERS = {"deliveries": ("c", "n")}
"""Keys of the same name that are another document's: the store receipt's own numbers."""

_SALES = ("orders", "payments", "inventories")
"""The kinds that name a sale: (ebpCode, orderNo)."""

_ASKED_OFTEN = {
    "orders": "appType appTime",
    "payments": "appType appTime content_hash",
    "waybills": "appType appTime content_hash",
    "inventories": "appType appTime content_hash",
    "receipts": "",
}
"""Kinds whose current rows several steps ask for, so that they are kept, with what tells their versions apart."""

_LAST_USE = {
    "sale_payments": "payments",
    "sale_lines": "inventories",
    "sale_waybills": "waybills",
    "sale_withdrawals": "receipts",
}
"""Step → the kind that no later step asks for."""

_VERSION = "document_id content_hash appType appTime appStatus"
_SENDER = "copCode dxpId"
_PLACE = "copCode dxpId file_id message_guid position"
_USED = {
    "orders": "ebpCode orderNo ebcCode goodsValue freight discount taxTotal acturalPaid currency payCode "
    "payTransactionId buyerRegNo_key buyerName_key buyerTelephone_key buyerIdNumber_key consignee_key "
    f"consigneeTelephone_key consigneeAddress_key {_SENDER}",
    "order_items": "ebpCode orderNo gnum itemNo barCode unit qty price totalPrice currency",
    "payments": "payCode payTransactionId ebpCode orderNo payerIdNumber_key payerName_key telephone_key amountPaid "
    f"currency payTime {_SENDER}",
    "waybills": "logisticsCode logisticsNo orderNo consignee_key consigneeTelephone_key consigneeAddress_key "
    f"{_SENDER}",
    "waybill_status": "logisticsCode logisticsNo logisticsStatus logisticsTime",
    "inventories": "ebpCode orderNo ebcCode logisticsCode logisticsNo copNo preNo invtNo agentCode areaCode assureCode "
    "customsCode loctNo tradeMode declTime freight insuredFee currency buyerIdNumber_key buyerName_key "
    f"buyerTelephone_key consigneeAddress_key {_SENDER}",
    "inventory_items": "ebpCode orderNo copNo gnum itemNo barCode unit qty price totalPrice currency gcode",
    "cancels": "agentCode copNo preNo invtNo ebpCode orderNo",
    "refunds": "agentCode copNo preNo invtNo ebpCode orderNo",
    "deliveries": "logisticsCode logisticsNo operatorCode appTime",
    "receipts": "kind agentCode copNo preNo invtNo returnStatus returnTime returnInfo",
    "raw_payments": "payCode payTransactionId ebpCode totalAmount tradingTime",
    "raw_payment_orders": "payCode payTransactionId orderNo ebpCode",
    "payment_aliases": "payCode sameAs validFrom validTo",
}
"""What the SQL needs of each kind: whole rows would not fit into memory."""


def refresh(tables: Tables, version: int, scratch: Path, *, memory: str = "4GB") -> int:
    """Bring the table `transactions` from the load it stands at to `version`; returns how many sales were touched.

    Killed at any point, it is repeated as a whole: the mark moves in the commit that writes the rows.
    """
    since = tables.mark("transactions")
    if since >= version:
        return 0
    tables.drop_after(["touched"], since)
    with connection(scratch, memory=memory) as con:
        show_kinds(con, tables, version)
        everything = since == 0
        if not everything:
            _close_over_keys(con, since)
            everything = _most_sales(con)
        if not everything:
            _narrow(con)
        compute(con)
        con.execute(_TOUCHED_ALL if since == 0 else _TOUCHED)
        touched = con.table("touched_sales").to_arrow_table()
        tables.append(
            "touched",
            touched.append_column("load_seq", pa.repeat(pa.scalar(version, pa.int64()), len(touched))),
        )
        _write(con, tables, version, everything=everything)
    return len(touched)


def compute(con: duckdb.DuckDBPyConnection) -> None:
    """Make what `transactions.sql` asks, from the views or tables of all rows."""
    for kind in ordered_kinds():
        if kind.name in _USED:
            of_version = _ASKED_OFTEN.get(kind.name, "").split()
            rows = current(kind, ["document_id", *of_version, *_USED[kind.name].split()])
            form = "TABLE" if kind.name in _ASKED_OFTEN else "VIEW"
            con.execute(f"CREATE {form} current_{kind.name} AS {rows}")
    for step in STEPS:
        con.execute(f"CREATE TABLE {step} AS {sql(step)}")
        if step in _LAST_USE:
            con.execute(f"DROP TABLE current_{_LAST_USE[step]}")


_TOUCHED_ALL = """CREATE TABLE touched_sales AS SELECT document_id AS sale_id FROM current_orders
UNION SELECT sale_id FROM sale_payments UNION SELECT sale_id FROM sale_inventories"""

_TOUCHED = " UNION ".join(
    f"SELECT ebpCode || '|' || orderNo AS sale_id FROM {kind} WHERE 'o:' || orderNo IN (SELECT key FROM found)"
    for kind in _SALES
)
_TOUCHED = f"CREATE TABLE touched_sales AS {_TOUCHED}"


def _keys(kind: str) -> Iterator[str]:
    """Expressions of the join keys that a row of a kind carries; null where it lacks one."""
    names = KINDS[kind].by_name
    for mark, columns in LINKS.items():
        if all(c in names for c in columns) and mark not in _OWN_NUMBERS.get(kind, ()):
            yield f"'{mark}:' || " + " || '|' || ".join(columns)


def _linked() -> Iterator[tuple[str, list[str]]]:
    """The document kinds with their keys."""
    for kind in KINDS.values():
        if kind.document and kind.name in _USED:
            yield kind.name, list(_keys(kind.name))


def _close_over_keys(con: duckdb.DuckDBPyConnection, since: int) -> None:
    """Make `found`: all keys that hang together with those of the rows loaded after `since`, over all versions."""
    con.execute("CREATE TABLE found (key VARCHAR)")
    con.execute("CREATE TABLE frontier (key VARCHAR)")
    seeds = [
        f"SELECT unnest([{', '.join(keys)}]) AS key FROM {kind} WHERE load_seq > {since:d}"
        for kind, keys in _linked()
    ]
    con.execute(
        f"CREATE TABLE next AS SELECT DISTINCT key FROM ({' UNION ALL '.join(seeds)}) WHERE key IS NOT NULL"
    )
    if con.execute(f"SELECT count(*) FROM payment_aliases WHERE load_seq > {since:d}").fetchall()[0][0]:
        con.execute(f"INSERT INTO next {sql('alias_keys')}")
    steps = [
        f"SELECT unnest([{', '.join(keys)}]) AS key FROM {kind} WHERE "
        + " OR ".join(f"{key} IN (SELECT key FROM frontier)" for key in keys)
        for kind, keys in _linked()
        if len(keys) > 1
    ]
    while True:
        con.execute("TRUNCATE frontier")
        con.execute(
            "INSERT INTO frontier SELECT DISTINCT key FROM next ANTI JOIN found USING (key) WHERE key IS NOT NULL"
        )
        if not con.execute("SELECT count(*) FROM frontier").fetchall()[0][0]:
            return
        con.execute("INSERT INTO found SELECT key FROM frontier")
        con.execute("TRUNCATE next")
        for step in steps:
            con.execute(f"INSERT INTO next SELECT DISTINCT key FROM ({step})")


def _most_sales(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether so much changed that to compute everything costs less."""
    found, orders = con.execute(
        "SELECT (SELECT count(*) FROM found WHERE key[1] = 'o'), (SELECT count(DISTINCT orderNo) FROM orders)"
    ).fetchall()[0]
    return bool(found * 3 > orders)


def _narrow(con: duckdb.DuckDBPyConnection) -> None:
    """Put tables of the rows that carry a found key in the place of the views of all rows."""
    for kind, keys in _linked():
        con.execute(f"ALTER VIEW {kind} RENAME TO every_{kind}")
        wanted = ", ".join(
            f'"{c}"' for c in dict.fromkeys(f"{_USED[kind]} {_VERSION} {_PLACE} load_seq".split())
        )
        by_key = " OR ".join(f"{key} IN (SELECT key FROM found)" for key in keys)
        # The lines of a document and other single-keyed rows: a join can be pushed down to the file, an OR cannot.
        con.execute(f"CREATE TABLE {kind} AS SELECT {wanted} FROM every_{kind} WHERE {by_key}")


def _write(con: duckdb.DuckDBPyConnection, tables: Tables, version: int, *, everything: bool) -> None:
    names = ", ".join(TRANSACTIONS.names)
    if everything:
        rows, predicate = f"SELECT {names} FROM ({sql('transactions')})", None
    else:
        buckets = [
            b for (b,) in con.execute("SELECT DISTINCT bucket_of(sale_id) FROM touched_sales").fetchall()
        ]
        if not buckets:
            tables.set_mark("transactions", version)
            return
        predicate = f"bucket IN ({', '.join(map(str, sorted(buckets)))})"
        con.execute(f"CREATE VIEW stored AS {transactions_of(tables.files('transactions'))}")
        rows = (
            f"SELECT {names} FROM ({sql('transactions')}) UNION ALL "
            f"SELECT {names} FROM stored AS t ANTI JOIN touched_sales AS c ON t.sale_id = c.sale_id WHERE {predicate}"
        )
    reader = con.sql(rows).to_arrow_reader(100_000)
    tables.overwrite("transactions", reader, predicate, version)


def transactions_of(data_files: list[str]) -> str:
    """SELECT of the stored transactions from their data files."""
    if not data_files:
        return rows_of([], TRANSACTIONS)
    listed = ", ".join("'" + file.replace("'", "''") + "'" for file in data_files)
    return (
        f"SELECT {', '.join(TRANSACTIONS.names)} FROM read_parquet([{listed}], hive_partitioning = true, "
        "hive_types = {'bucket': INTEGER})"
    )
