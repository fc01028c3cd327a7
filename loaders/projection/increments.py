"""The touched part of the graph over Bolt: what is wanted is merged, the rest deleted."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

import duckdb
import pyarrow as pa
from neo4j import Driver, ManagedTransaction

from loaders.ahead import ahead
from loaders.projection import statements
from loaders.projection.rows import node_query, relationship_query
from loaders.projection.schema import NODE, NODES, RELATIONSHIPS, NodeType, RelationshipType

BATCH = 5_000
"""Rows of a transaction: enough that its overhead vanishes, little enough for the server's memory."""

_AHEAD = 8
"""Batches that are made while the server is at work: some take a query of seconds, most none."""


@dataclass(frozen=True)
class Batch:
    """Rows for one statement, which takes them as `$rows`."""

    statement: LiteralString
    rows: list[Any]


def changes(con: duckdb.DuckDBPyConnection, driver: Driver) -> Iterator[Batch]:
    """Batches that bring the touched part up to date, from a connection that `rows.prepare` has made ready.

    First nodes, then relationships, and at last the nodes that nothing names any more: what an interrupted
    run did not get to is found again by the next one, which starts from the same load.
    """
    for node in NODES:
        _note_existing(con, driver, node)
        yield from _nodes(con, node)
    for node in NODES:
        yield from _relationships_from(con, node)
    for node in NODES:
        query = f"SELECT key FROM existing_{node.label} ANTI JOIN node_{node.label} USING (key) ORDER BY key"
        yield from _batches(con, statements.delete_nodes(node), query, single=True)


def write(driver: Driver, batches: Iterable[Batch], meta: dict[str, Any], tell: Callable[[int], None]) -> int:
    """Write batches, each in a transaction of its own, `meta` with the last. Gives the number of rows.

    `tell` gets the rows so far. A transaction may be tried again: statements may be repeated.
    """
    done = 0
    last: Batch | None = None
    with driver.session() as session:
        for batch in ahead(batches, _AHEAD):
            if last is not None:
                session.execute_write(_run, [last])
                done += len(last.rows)
                tell(done)
            last = batch
        session.execute_write(_run, [last] if last is not None else [], meta)
    return done + (len(last.rows) if last is not None else 0)


def linked_external(driver: Driver, sales: list[str]) -> list[tuple[str, str]]:
    """(label, key) of the external rows that the graph links to these sales."""
    return [(label, key) for label, key in _asked(driver, statements.filled("external_of_sales"), sales)]


def _run(transaction: ManagedTransaction, batches: list[Batch], meta: dict[str, Any] | None = None) -> None:
    for batch in batches:
        transaction.run(batch.statement, rows=batch.rows).consume()
    if meta is not None:
        transaction.run(statements.filled("merge_meta"), meta=meta).consume()


def existing(driver: Driver, label: str, keys: list[str]) -> list[str]:
    """Those of some keys of one label that the graph has."""
    answers = _asked(driver, statements.existing_nodes(NODE[label]), keys)
    return [key for (some,) in answers for key in some]


def _asked(driver: Driver, query: LiteralString, keys: list[str]) -> Iterator[list[Any]]:
    """Rows of a query that takes keys as `$rows`, asked for some of them at a time."""
    with driver.session() as session:
        for start in range(0, len(keys), 4 * BATCH):
            rows = keys[start : start + 4 * BATCH]
            yield from session.execute_read(lambda tx, rows=rows: tx.run(query, rows=rows).values())  # type: ignore[misc]


def _note_existing(con: duckdb.DuckDBPyConnection, driver: Driver, node: NodeType) -> None:
    """Make `existing_<label>`: the touched keys that the graph has."""
    keys = [key for (key,) in con.execute(f"SELECT key FROM keys_{node.label} ORDER BY key").fetchall()]
    found = pa.array(existing(driver, node.label, keys), pa.string())
    con.register("_found", pa.table({"key": found}))
    con.execute(f"CREATE OR REPLACE TEMP TABLE existing_{node.label} AS SELECT key FROM _found")
    con.unregister("_found")


def _nodes(con: duckdb.DuckDBPyConnection, node: NodeType) -> Iterator[Batch]:
    con.execute(f"CREATE OR REPLACE TEMP TABLE node_{node.label} AS {node_query(node)}")
    yield from _batches(con, statements.merge_nodes(node), f"SELECT * FROM node_{node.label} ORDER BY key")


def _relationships_from(con: duckdb.DuckDBPyConnection, node: NodeType) -> Iterator[Batch]:
    """What nodes of one label have, all kinds of it at once: what is not wanted goes first."""
    kinds = [relationship for relationship in RELATIONSHIPS if relationship.start == node.label]
    for kind in kinds:
        con.execute(f'CREATE OR REPLACE TEMP TABLE "{kind.name}" AS {relationship_query(kind)}')
    if kinds:
        yield from _unwanted(
            con, statements.delete_of_start(node.label, kinds), node.label, kinds, "start", "end"
        )
    for end in NODES:
        of_end = [kind for kind in kinds if kind.both_ends and kind.end == end.label]
        if of_end:
            yield from _unwanted(
                con, statements.delete_of_end(end.label, of_end), end.label, of_end, "end", "start"
            )
    for kind in kinds:
        query = f'SELECT * FROM "{kind.name}" ORDER BY start_key, end_key'
        yield from _batches(con, statements.merge_relationships(kind), query)
        con.execute(f'DROP TABLE temp."{kind.name}"')


def _unwanted(
    con: duckdb.DuckDBPyConnection,
    statement: LiteralString,
    label: str,
    kinds: Sequence[RelationshipType],
    near: str,
    far: str,
) -> Iterator[Batch]:
    """Each touched node that was there before, with what is wanted of it at its other side."""
    wanted = " UNION ALL ".join(
        f"SELECT {near}_key AS key, '{kind.type} ' || {far}_key || ' ' || {_identity(kind)} AS other "
        f'FROM "{kind.name}"'
        for kind in kinds
    )
    query = (
        "SELECT e.key, coalesce(list(w.other ORDER BY w.other) FILTER (WHERE w.other IS NOT NULL), []) "
        f"FROM existing_{label} AS e LEFT JOIN ({wanted}) AS w ON w.key = e.key GROUP BY e.key ORDER BY e.key"
    )
    yield from _batches(con, statement, query)


def _identity(kind: RelationshipType) -> str:
    return " || ' ' || ".join(kind.identity) if kind.identity else statements.EMPTY


def _batches(
    con: duckdb.DuckDBPyConnection, statement: LiteralString, query: str, *, single: bool = False
) -> Iterator[Batch]:
    # Nothing else is asked of the connection before the last of these rows is taken.
    result = con.execute(query)
    while rows := result.fetchmany(BATCH):
        yield Batch(statement, [row[0] for row in rows] if single else rows)
