"""The sales of the ledger at hand by person and by number: a local file that follows the ledger's version.

Its rows are those of the batch's own tallies (quota-sales), written once; a person's past is then a look-up.
It holds keys and codes, no personal value, and can be made again from the ledger at any time.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from app.assessment.listed_goods import LISTED
from app.assessment.working import DELIVERED, Surroundings
from app.detection.quota_limits import quota_limits
from app.detection.tally import Tallies
from loaders.ledger.ledger import Ledger
from loaders.ledger.queries import sql as ledger_sql

Row = dict[str, Any]
FORMAT = 1
"""Of the file: another is made anew."""
_SINCE_1970 = datetime(1970, 1, 1, tzinfo=UTC)
_FAR = date(9999, 12, 31)
_MANY = 0.2
"""Share of the sales from which on a new file costs less than to bring this one up."""
_TABLES = """
CREATE TABLE about (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE sales (
    sale_id TEXT PRIMARY KEY, platform, company, carrier, pay_transaction_id, logistics_no, payments,
    first_date, waybill_time, decl_date, cancelled, receipt_status, declared, consumer, year, counted_e5,
    given_back_e5, annual_limit_e5, over_single
) WITHOUT ROWID;
CREATE TABLE raw_payments (order_no TEXT, document_id, raw_platform, platform, pay_code, number);
CREATE TABLE same_company (a, b, since, until);
"""
_LOOKED_UP = """
CREATE INDEX sales_consumer ON sales (consumer) WHERE consumer IS NOT NULL;
CREATE INDEX sales_payment ON sales (pay_transaction_id) WHERE pay_transaction_id IS NOT NULL;
CREATE INDEX sales_waybill ON sales (logistics_no) WHERE logistics_no IS NOT NULL;
CREATE INDEX raw_payments_order ON raw_payments (order_no);
"""
_COLUMNS = 19


@dataclass(frozen=True)
class IndexReport:
    """What a refresh did: the ledger version it stands at, and how many sales were written."""

    ledger_version: int
    sales: int
    anew: bool


def refresh_index(ledger: Ledger, path: Path) -> IndexReport:
    """Bring the file up to the ledger's version; made anew where it is not there, or where most has changed.

    Killed at any point, it is repeated: the version is written with the rows, in one transaction. One process
    at a time; readers see either the old state or the new.
    """
    version = ledger.version
    since = _version_of(path)
    if since == version:
        return IndexReport(version, 0, False)
    changed = None if since is None or since > version else ledger.changed_sales(since)
    if changed is not None and changed.num_rows > _MANY * max(_sales_of(path), 1):
        changed = None
    path.parent.mkdir(parents=True, exist_ok=True)
    target = path.with_suffix(".new") if changed is None else path
    if changed is None:
        target.unlink(missing_ok=True)
    with closing(sqlite3.connect(target, isolation_level=None)) as file:
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("PRAGMA synchronous = NORMAL")
        file.execute("BEGIN IMMEDIATE")
        if changed is None:
            for statement in filter(str.strip, _TABLES.split(";")):
                file.execute(statement)
        written = _write(file, ledger, version, changed)
        if changed is None:
            for statement in filter(str.strip, _LOOKED_UP.split(";")):
                file.execute(statement)
        file.execute("COMMIT")
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    if changed is None:
        with closing(sqlite3.connect(target)) as file:
            file.execute("PRAGMA journal_mode = DELETE")  # one file, to be put in the place of the old one
        for rest in ("-wal", "-shm"):
            path.with_name(path.name + rest).unlink(missing_ok=True)
        target.replace(path)
    return IndexReport(version, written, changed is None)


def _write(file: sqlite3.Connection, ledger: Ledger, version: int, changed: pa.Table | None) -> int:
    with ledger.connect(version) as connection:
        people = None
        if changed is not None:
            connection.register("changed_sales", changed)
            people = connection.sql(_PEOPLE).to_arrow_table()
        nobody = pa.table({"key": pa.array([], pa.string())})
        tallies = Tallies(connection, since=None, until=_FAR, keys=nobody, consumers=people, hold=False)
        tallies.keep("quota_sales")
        query = _sql("index_sales")
        if changed is not None:
            file.executemany(
                "DELETE FROM sales WHERE sale_id = ?",
                ((sale,) for sale in changed.column("sale_id").to_pylist()),
            )
            query += "WHERE sale.sale_id IN (SELECT sale_id FROM changed_sales)"
        written = 0
        put = f"INSERT OR REPLACE INTO sales VALUES ({', '.join('?' * _COLUMNS)})"
        cursor = connection.execute(query)
        while rows := cursor.fetchmany(50_000):
            file.executemany(put, rows)
            written += len(rows)
        _write_small(file, connection, version)
    return written


_PEOPLE = """
SELECT DISTINCT unnest([consumer_key, declared_consumer_key]) AS key
FROM transactions WHERE sale_id IN (SELECT sale_id FROM changed_sales)
"""


def _write_small(file: sqlite3.Connection, connection: Any, version: int) -> None:
    """What is small enough to be written anew each time."""
    for table, query in _SMALL.items():
        file.execute(f"DELETE FROM {table}")
        rows = connection.execute(query).fetchall()
        if rows:
            file.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)
    listed = connection.sql(f"SELECT {', '.join(LISTED.names)} FROM positive_list").to_arrow_table()
    delivered = connection.execute(
        f"SELECT {', '.join(f'coalesce(max({kind}), 0)' for kind in DELIVERED)} FROM all_sales"
    ).fetchall()[0]
    about = {
        "format": FORMAT,
        "limits": quota_limits().version,
        "ledger_version": version,
        "codes": orjson.dumps(dict(connection.execute("FROM code_map").fetchall())),
        "authenticated": orjson.dumps([code for (code,) in connection.execute(_AUTHENTICATED).fetchall()]),
        "delivered": orjson.dumps(dict(zip(DELIVERED, delivered, strict=True))),
        "positive_list": orjson.dumps(listed.to_pylist()),
    }
    file.executemany("INSERT OR REPLACE INTO about VALUES (?, ?)", list(about.items()))


_SMALL = {
    "raw_payments": """
        SELECT n.orderNo, r.document_id, r.ebpCode, n.ebpCode, n.payCode, n.payTransactionId
        FROM current_raw_payments AS r
        JOIN current_raw_payment_orders AS n
            ON r.payCode = n.payCode AND r.payTransactionId = n.payTransactionId""",
    "same_company": f"""
        SELECT a, b, CAST(since AS VARCHAR), CAST(until AS VARCHAR)
        FROM ({ledger_sql("same_payment_company")})""",
}
_AUTHENTICATED = """
SELECT DISTINCT coalesce(code_map.canonical, current_enterprises.code) AS code
FROM current_enterprises LEFT JOIN code_map ON code_map.code = current_enterprises.code
WHERE identityAuthenticated = 'yes' ORDER BY code
"""


def _version_of(path: Path) -> int | None:
    """The ledger version that the file stands at; None where there is none that can be used."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as file:
            about = dict(file.execute("SELECT name, value FROM about").fetchall())
    except sqlite3.Error:
        return None
    usable = (about.get("format"), about.get("limits")) == (FORMAT, quota_limits().version)
    return int(about["ledger_version"]) if usable else None


def _sales_of(path: Path) -> int:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as file:
        return int(file.execute("SELECT count(*) FROM sales").fetchone()[0])


@cache
def _sql(name: str) -> str:
    return files("app.assessment").joinpath("sql", f"{name}.sql").read_text("utf-8")


class SaleIndex:
    """The file as it is read: one state from `state()` until the next. One thread at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: sqlite3.Connection | None = None
        self._inode = 0
        self.version: int | None = None
        self.around = NOTHING_AROUND

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    @contextmanager
    def state(self) -> Iterator[bool]:
        """Look-ups inside see one state; False where there is no file that can be used."""
        try:
            self._follow()
        except (OSError, sqlite3.Error):
            self.close()
            self.version, self.around = None, NOTHING_AROUND
        if self._file is None:
            yield False
            return
        try:
            yield True
        finally:
            self._file.execute("COMMIT")

    def past(self, people: Sequence[str]) -> list[Row]:
        """Rows of quota-sales (what consumer-quota reads of them) of these people, sorted by sale."""
        names = "sale_id consumer platform year counted_e5 given_back_e5 annual_limit_e5 over_single"
        rows = self._found(names, "consumer", people)
        for row in rows:
            for name in ("counted", "given_back", "annual_limit"):
                value = row.pop(f"{name}_e5")
                row[name] = None if value is None else Decimal(value).scaleb(-5)
            row["over_single"] = bool(row["over_single"])
        return rows

    def declared(self, sales: Sequence[str]) -> set[str]:
        """Those of these sales whose declaration is in the ledger."""
        return {row["sale_id"] for row in self._found("sale_id", "sale_id", sales, "AND declared")}

    def numbered(self, payments: Sequence[str], waybills: Sequence[str]) -> list[Row]:
        """Sales with one of these payment numbers or waybill numbers, as NUMBERED has them."""
        names = "sale_id platform company carrier pay_transaction_id logistics_no payments first_date "
        names += "waybill_time decl_date cancelled receipt_status"
        rows = self._found(names, "pay_transaction_id", payments)
        rows += self._found(names, "logistics_no", waybills)
        return list({row["sale_id"]: _typed(row) for row in rows}.values())

    def raw_payments(self, orders: Sequence[str]) -> list[Row]:
        """What the 179 data says of orders of these numbers."""
        names = "order_no document_id raw_platform platform pay_code number"
        return self._found(names, "order_no", orders, table="raw_payments")

    def one_company(self, ordered: str, paid: str, day: date) -> bool:
        """Whether two payment codes stood for one company on a day."""
        asked = "SELECT 1 FROM same_company WHERE a = ? AND b = ? AND ? BETWEEN since AND until"
        found = self._file and self._file.execute(asked, (ordered, paid, day.isoformat())).fetchone()
        return bool(found)

    def _found(
        self, names: str, column: str, values: Sequence[str], also: str = "", *, table: str = "sales"
    ) -> list[Row]:
        if self._file is None or not values:
            return []
        columns = names.split()
        marks = ", ".join("?" * len(values))
        asked = f"SELECT {', '.join(columns)} FROM {table} WHERE {column} IN ({marks}) {also} ORDER BY 1, 2"
        if len(columns) == 1:
            asked = asked.replace(" ORDER BY 1, 2", "")
        return [dict(zip(columns, row, strict=True)) for row in self._file.execute(asked, tuple(values))]

    def _follow(self) -> None:
        """Open the file that has this name now, begin to read, and what is small once a version."""
        inode = self._path.stat().st_ino
        if self._file is None or inode != self._inode:
            self.close()
            self._file = sqlite3.connect(
                f"file:{self._path}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
            )
            self._file.execute("PRAGMA mmap_size = 1073741824")
            self._inode, self.version = inode, None
        self._file.execute("BEGIN")
        version = self._file.execute("SELECT value FROM about WHERE name = 'ledger_version'").fetchone()[0]
        if version != self.version:
            self.around, self.version = _around(dict(self._file.execute("SELECT * FROM about"))), version


def _around(about: dict[str, Any]) -> Surroundings:
    listed = orjson.loads(about["positive_list"])
    for row in listed:
        for name in ("validFrom", "validTo"):
            row[name] = row[name] and date.fromisoformat(row[name])
    return Surroundings(
        codes=orjson.loads(about["codes"]),
        authenticated=frozenset(orjson.loads(about["authenticated"])),
        positive_list=pa.Table.from_pylist(listed, schema=LISTED),
        delivered=orjson.loads(about["delivered"]),
    )


NOTHING_AROUND = Surroundings({}, frozenset(), LISTED.empty_table(), dict.fromkeys(DELIVERED, 1))


def _typed(row: Row) -> Row:
    for name in ("first_date", "decl_date"):
        row[name] = row[name] and date.fromisoformat(row[name])
    if row["waybill_time"] is not None:
        row["waybill_time"] = _SINCE_1970 + timedelta(microseconds=row["waybill_time"])
    row["cancelled"] = None if row["cancelled"] is None else bool(row["cancelled"])
    return row
