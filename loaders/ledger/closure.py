"""Which sales a load can have changed: those that hang together with its documents by some key."""

from collections.abc import Iterator, Mapping

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

_OWN_NUMBERS = {"deliveries": ("c", "n")}
"""Keys of the same name that are another document's: the store receipt's own numbers."""

_SALES = ("orders", "payments", "inventories")
"""The kinds that name a sale: (ebpCode, orderNo)."""


def keys_of(kind: str) -> Iterator[str]:
    """Expressions of the join keys that a row of a kind carries; null where it lacks one."""
    names = KINDS[kind].by_name
    for mark, columns in LINKS.items():
        if all(c in names for c in columns) and mark not in _OWN_NUMBERS.get(kind, ()):
            yield f"'{mark}:' || " + " || '|' || ".join(columns)


def carries_found(kind: str) -> str:
    """Condition: a row of a kind carries a key of the table `found`."""
    return " OR ".join(f"{key} IN (SELECT key FROM found)" for key in keys_of(kind))


def find_keys(con: duckdb.DuckDBPyConnection, kinds: list[str], since: int) -> None:
    """Make `found` (key): the closure of the keys of rows loaded after `since`, over old and new versions.

    A new document can move another between sales (customs gives numbers in receipts, a waybill names no
    platform), so that whatever hangs together is computed together.
    """
    con.execute("CREATE TABLE found (key VARCHAR)")
    con.execute(f"CREATE TABLE reached AS {_seeds(kinds, since)}")
    aliases = con.execute(f"SELECT count(*) FROM payment_aliases WHERE load_seq > {since:d}").fetchall()
    if aliases[0][0]:
        con.execute(f"INSERT INTO reached {sql('alias_keys')}")
    while _advance(con):
        con.execute("CREATE OR REPLACE TABLE reached (key VARCHAR)")
        for kind in kinds:
            keys = list(keys_of(kind))
            if len(keys) > 1:
                here = " OR ".join(f"{key} IN (SELECT key FROM frontier)" for key in keys)
                con.execute(
                    f"INSERT INTO reached SELECT unnest([{', '.join(keys)}]) FROM {kind} WHERE {here}"
                )


def _seeds(kinds: list[str], since: int) -> str:
    new = (
        f"SELECT unnest([{', '.join(keys_of(kind))}]) AS key FROM {kind} WHERE load_seq > {since:d}"
        for kind in kinds
    )
    return " UNION ".join(new)


def _advance(con: duckdb.DuckDBPyConnection) -> bool:
    """Move what was reached and is new to `frontier` and to `found`; whether there was any."""
    con.execute(
        "CREATE OR REPLACE TABLE frontier AS "
        "SELECT DISTINCT key FROM reached ANTI JOIN found USING (key) WHERE key IS NOT NULL"
    )
    con.execute("INSERT INTO found SELECT key FROM frontier")
    return bool(con.execute("SELECT count(*) FROM frontier").fetchall()[0][0])


def most_sales(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether so many sales are found that to compute all of them costs less."""
    found, orders = con.execute(
        "SELECT (SELECT count(*) FROM found WHERE key[1] = 'o'), (SELECT count(DISTINCT orderNo) FROM orders)"
    ).fetchall()[0]
    return bool(found * 3 > orders)


def found_sales() -> str:
    """SELECT of the sales that any version of a document with a found order number names."""
    return " UNION ".join(
        f"SELECT ebpCode || '|' || orderNo AS sale_id FROM {kind} "
        "WHERE 'o:' || orderNo IN (SELECT key FROM found)"
        for kind in _SALES
    )
