"""Which sales a load can have changed: those that hang together with its documents by some key."""

from collections.abc import Mapping

import duckdb

from loaders.contract import KINDS
from loaders.ledger.queries import sql

LINKS: Mapping[str, tuple[str, ...]] = {
    "o": ("orderNo",),
    "w": ("logisticsCode", "logisticsNo"),
    "p": ("payCode", "payTransactionId"),
    "c": ("copNo",),
    "n": ("preNo",),
    "i": ("invtNo",),
}
"""The keys that documents of one sale are joined by; every join of the SQL is over one of them."""

_NOT_JOINED = {"deliveries": ("c", "n"), "receipts": ("o", "w", "p")}
"""Keys that nothing is joined by: the store receipt's own numbers, receipts of other than declarations."""

_SALES = ("orders", "payments", "inventories")
"""The kinds that name a sale: (ebpCode, orderNo)."""


def marks_of(kind: str) -> list[str]:
    """Marks of the join keys that a row of a kind can carry."""
    names = KINDS[kind].by_name
    unused = _NOT_JOINED.get(kind, ())
    return [
        mark for mark, columns in LINKS.items() if mark not in unused and all(c in names for c in columns)
    ]


def carries(kind: str, mark: str, table: str) -> str:
    """Condition: a row of a kind carries a key that is in `<table>_<mark>`."""
    columns = LINKS[mark]
    if len(columns) == 1:
        return f"{columns[0]} IN (SELECT {columns[0]} FROM {table}_{mark})"
    # Not IN: of a pair it asks what a null might have been, which takes a hundred times as long.
    same = " AND ".join(f"k.{c} = {kind}.{c}" for c in columns)
    return f"EXISTS (SELECT 1 FROM {table}_{mark} AS k WHERE {same})"


def find_keys(con: duckdb.DuckDBPyConnection, kinds: list[str], since: int) -> None:
    """Make the tables `found_<mark>`: the closure of the keys of rows loaded after `since`, in any version.

    A new document can move another between sales (customs gives numbers in receipts, a waybill names no
    platform), so that whatever hangs together is computed together.
    """
    for mark, columns in LINKS.items():
        for table in ("found", "reached"):
            con.execute(f"CREATE TABLE {table}_{mark} ({', '.join(f'{c} VARCHAR' for c in columns)})")
    for kind in kinds:
        _reach(con, kind, f"load_seq > {since:d}")
    if con.execute(f"SELECT count(*) FROM payment_aliases WHERE load_seq > {since:d}").fetchall()[0][0]:
        con.execute(f"INSERT INTO reached_o {sql('alias_keys')}")
    while new := _advance(con):
        for kind in kinds:
            marks = marks_of(kind)
            if len(marks) > 1 and new & set(marks):
                _reach(
                    con, kind, " OR ".join(carries(kind, mark, "frontier") for mark in marks if mark in new)
                )


def _reach(con: duckdb.DuckDBPyConnection, kind: str, which: str) -> None:
    """Add the keys of some rows of a kind to what was reached."""
    columns = dict.fromkeys(c for mark in marks_of(kind) for c in LINKS[mark])
    con.execute(f"CREATE OR REPLACE TABLE hits AS SELECT {', '.join(columns)} FROM {kind} WHERE {which}")
    for mark in marks_of(kind):
        con.execute(f"INSERT INTO reached_{mark} SELECT {', '.join(LINKS[mark])} FROM hits")


def _advance(con: duckdb.DuckDBPyConnection) -> set[str]:
    """Move what was reached and is new to `frontier` and to `found`; the marks of which there was any."""
    new: set[str] = set()
    for mark, columns in LINKS.items():
        keys = ", ".join(columns)
        whole = " AND ".join(f"{c} IS NOT NULL" for c in columns)
        con.execute(
            f"CREATE OR REPLACE TABLE frontier_{mark} AS SELECT DISTINCT {keys} FROM reached_{mark} "
            f"ANTI JOIN found_{mark} USING ({keys}) WHERE {whole}"
        )
        con.execute(f"TRUNCATE reached_{mark}")
        con.execute(f"INSERT INTO found_{mark} SELECT {keys} FROM frontier_{mark}")
        if con.execute(f"SELECT count(*) FROM frontier_{mark}").fetchall()[0][0]:
            new.add(mark)
    return new


def most_sales(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether so many sales are found that to compute all of them costs less."""
    found, orders = con.execute(
        "SELECT (SELECT count(*) FROM found_o), (SELECT count(*) FROM orders)"
    ).fetchall()[0]
    return bool(found * 3 > orders)


def found_rows(kind: str) -> str:
    """Condition: a row of a kind hangs together with what was found.

    The closure is closed, so that one key tells it, where every row has that key.
    """
    required = [m for m in marks_of(kind) if all(KINDS[kind].by_name[c].required for c in LINKS[m])]
    marks = required[:1] or marks_of(kind)
    return " OR ".join(carries(kind, mark, "found") for mark in marks)


def found_sales() -> str:
    """SELECT of the sales that any version of a document with a found order number names."""
    return " UNION ".join(
        f"SELECT ebpCode || '|' || orderNo AS sale_id FROM {kind} WHERE {carries(kind, 'o', 'found')}"
        for kind in _SALES
    )
