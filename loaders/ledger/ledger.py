"""The ledger: opened, asked for its version, shown to DuckDB as it stood at a load."""

from datetime import datetime
from pathlib import Path
from typing import Self

import duckdb
import pyarrow as pa

from loaders.contract.kinds import KINDS
from loaders.errors import BadInputError, BusyError
from loaders.ledger import refresh as refreshing
from loaders.ledger.lock import writer_lock
from loaders.ledger.originals import Originals
from loaders.ledger.queries import STEPS, sql
from loaders.ledger.schemas import LOADS, OWN, SCHEMAS, TRANSACTIONS
from loaders.ledger.tables import Tables
from loaders.ledger.views import connection, rows_of, show_current, show_kinds, show_rows

_PARTITIONED = {"transactions": "bucket"}
_HELD_MEMORY = "6GB"


class Ledger:
    """Delta tables of every kind, of loads, files, rejects and current transactions, under one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tables = Tables(folder)
        self.originals = Originals(folder / "originals")

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The ledger in `folder`, made when absent, which lies in the data folder with the writer's lock.

        What a killed writer left undone is done now, unless another writer is at work. Transactions of an
        older cluegraph, which lack columns, are computed again: BusyError where another writer is at work.
        """
        ledger = cls(folder.absolute())
        ledger.tables.ensure(SCHEMAS, _PARTITIONED)
        if ledger.tables.lacks("transactions", TRANSACTIONS):
            with writer_lock(ledger.folder.parent):
                ledger.tables.discard("transactions")
                ledger.tables.ensure(SCHEMAS, _PARTITIONED)
                ledger.recover()
        elif ledger.committed > ledger.version:
            try:
                with writer_lock(ledger.folder.parent):
                    ledger.recover()
            except BusyError:
                pass
        return ledger

    @property
    def version(self) -> int:
        """The ledger version: the greatest committed load_seq whose transactions are there; 0 when empty."""
        return self.tables.mark("transactions")

    @property
    def committed(self) -> int:
        """The greatest committed load_seq; ahead of `version` only while, or after, a load was cut off."""
        with connection(self.scratch) as con:
            loads = rows_of(self.tables.files("loads"), LOADS)
            return int(con.execute(f"SELECT coalesce(max(load_seq), 0) FROM ({loads})").fetchall()[0][0])

    @property
    def scratch(self) -> Path:
        """Where DuckDB puts what does not fit into memory; anyone may empty it."""
        return self.folder.parent / "work"

    @property
    def unpacked(self) -> Path:
        """Where a load unpacks archives; empty but for as long as it lasts."""
        return self.scratch / "unpacked"

    def recover(self) -> int:
        """Drop the rows of loads that were never committed and bring transactions up to the last that was.

        Returns the greatest committed load_seq. The caller holds the writer's lock.
        """
        committed = self.committed
        self.tables.drop_after([*KINDS, *OWN], committed)
        refreshing.refresh(self.tables, committed, self.scratch)
        return committed

    def connect(self, version: int | None = None, *, memory: str = "2GB") -> duckdb.DuckDBPyConnection:
        """A connection that shows the ledger as it stood at load `version` (default: as it stands).

        Views: `<kind>` (all rows, all versions), `current_<kind>`, `transactions`, `touched` (sales touched
        by each load), `loads`, `files`, `rejects`; `show_unjoined` adds one more. Instants are UTC. An older
        version's transactions are computed first. Raises BadInputError for a version that is not there.
        """
        newest = self.version
        at = newest if version is None else version
        if not 0 <= at <= newest:
            raise BadInputError(
                f"The ledger has no version {at}; it stands at {newest}. Ask for one from 0 to that."
            )
        con = connection(self.scratch, memory=memory)
        self._show(con, at)
        self._show_transactions(con, at)
        return con

    def _show(self, con: duckdb.DuckDBPyConnection, at: int) -> None:
        """Every view but that of the transactions."""
        show_kinds(con, self.tables, at)
        for name in ("loads", "files", "touched"):
            show_rows(con, self.tables, name, at)
        show_rows(con, self.tables, "rejects", at, view="all_rejects")
        con.execute(f"CREATE OR REPLACE VIEW rejects AS {sql('rejects')}")
        show_current(con)

    def _show_transactions(self, con: duckdb.DuckDBPyConnection, at: int) -> None:
        if at == self.tables.mark("transactions"):
            stored = refreshing.transactions_of(self.tables)
            con.execute(f"CREATE VIEW transactions AS {stored}")
        else:
            columns = ", ".join(TRANSACTIONS.names)
            for step in STEPS:
                con.execute(f"CREATE TABLE {step} AS {sql(step)}")
            con.execute(f"CREATE TABLE transactions AS SELECT {columns} FROM ({sql('transactions')})")

    def loads(self) -> dict[int, datetime | None]:
        """Every load up to the version, and when it was made, the first one first."""
        with connection(self.scratch) as con:
            rows = rows_of(self.tables.files("loads"), LOADS)
            asked = (
                f'SELECT load_seq, "at" FROM ({rows}) WHERE load_seq <= {self.version:d} ORDER BY load_seq'
            )
            found = con.sql(asked).to_arrow_table()
        return dict(zip(found["load_seq"].to_pylist(), found["at"].to_pylist(), strict=True))

    def changed_sales(self, since: int) -> pa.Table:
        """Sales (`sale_id`, sorted) that loads after `since` touched, those that vanished by it included."""
        with connection(self.scratch) as con:
            show_rows(con, self.tables, "touched", self.version)
            return con.sql(
                f"SELECT DISTINCT sale_id FROM touched WHERE load_seq > {since:d} ORDER BY sale_id"
            ).to_arrow_table()


class HeldLedger(Ledger):
    """A ledger that is asked again and again as it stands: its current transactions are held in memory (about
    a gigabyte for a million), and follow by what each load touched."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._held: duckdb.DuckDBPyConnection | None = None
        self._at = -1

    def connect(self, version: int | None = None, *, memory: str = "2GB") -> duckdb.DuckDBPyConnection:
        """As that of a ledger; what is made in it is temporary."""
        newest = self.version
        if version not in (None, newest):
            return super().connect(version, memory=memory)
        if self._held is None:
            self._held = connection(self.scratch, memory=_HELD_MEMORY)
        if self._at != newest:
            self._show(self._held, newest)
            self._follow(self._held)
            self._at = newest
        cursor = self._held.cursor()
        cursor.execute("SET TimeZone = 'UTC'")
        return cursor

    def _follow(self, con: duckdb.DuckDBPyConnection) -> None:
        recent = refreshing.recent_of(self.tables, self._at) if self._at >= 0 else None
        if recent is None:
            con.execute(f"CREATE OR REPLACE TABLE transactions AS {refreshing.transactions_of(self.tables)}")
            return
        con.register("moved", self.changed_sales(self._at))
        con.execute("DELETE FROM transactions WHERE sale_id IN (SELECT sale_id FROM moved)")
        con.execute(f"INSERT INTO transactions BY NAME FROM ({recent}) SEMI JOIN moved USING (sale_id)")
        con.unregister("moved")


class PastLedger(Ledger):
    """A ledger as it stood at a load, to be read alone; whoever loads into it meanwhile is not in the way.

    `scratch` is a folder of its reader's: the transactions of then are computed once, and kept there.
    """

    def __init__(self, of: Ledger, version: int, scratch: Path) -> None:
        super().__init__(of.folder)
        self._then, self._scratch = version, scratch
        self._kept = scratch / f"transactions-{version}.parquet"

    @property
    def version(self) -> int:
        """The load that it stands at."""
        return self._then

    @property
    def scratch(self) -> Path:
        """The folder of its reader."""
        return self._scratch

    def _show_transactions(self, con: duckdb.DuckDBPyConnection, at: int) -> None:
        if at == self._then and self._kept.exists():
            con.execute(f"CREATE VIEW transactions AS FROM read_parquet({_quoted(self._kept)})")
            return
        super()._show_transactions(con, at)
        if at == self._then:
            self._scratch.mkdir(parents=True, exist_ok=True)
            con.execute(f"COPY (FROM transactions) TO {_quoted(self._kept)} (FORMAT parquet)")


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def entities_of(con: duckdb.DuckDBPyConnection, sale_ids: pa.Table) -> pa.Table:
    """Every entity that any version of any document of some sales names: `entity`, `key`, sorted, distinct.

    `sale_ids` has a column `sale_id`. Entities: platform, merchant, payment_company, logistics_company,
    agent, warehouse, guarantor, operator, site, consumer, phone, address, account, bank, sender
    (dxpId, a blank, copCode).
    """
    con.register("wanted_sales", sale_ids.select(["sale_id"]))
    try:
        return con.sql(sql("entities")).to_arrow_table()
    finally:
        con.unregister("wanted_sales")
