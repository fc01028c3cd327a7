"""What a projection must look at again: keys by node label, from what is new in the ledger."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from loaders.contract import KINDS
from loaders.ledger import Ledger, entities_of
from loaders.ledger.near import documents_of_sales
from loaders.ledger.queries import current
from loaders.ledger.views import connection, show_kinds
from loaders.projection.rows import prepare_codes
from loaders.projection.schema import read_sql

_LABELS = {
    "platform": "Enterprise",
    "merchant": "Enterprise",
    "payment_company": "Enterprise",
    "logistics_company": "Enterprise",
    "agent": "Enterprise",
    "warehouse": "Enterprise",
    "guarantor": "Enterprise",
    "site": "BusinessSite",
    "consumer": "Consumer",
    "phone": "Phone",
    "address": "Address",
    "bank": "BankAccount",
    "sender": "Sender",
}

Linked = Callable[[list[str]], Iterable[tuple[str, str]]]
"""Sale ids → (label, key) of external rows that the graph links to them as of the last projection."""


@dataclass(frozen=True)
class Touched:
    """Keys by node label; `sales` are those of Transaction, vanished ones included."""

    keys: dict[str, pa.Array]

    @property
    def sales(self) -> int:
        """How many sales are touched."""
        return len(self.keys["Transaction"])


def touched_since(
    ledger: Ledger, con: duckdb.DuckDBPyConnection, version: int, since: int, linked: Linked
) -> Touched:
    """Every key whose node or relationships may differ from the graph's, which stands at load `since`.

    `con` shows the ledger at the `version` to project. What a sale named before comes from all versions of
    its documents, never from the graph, so that a projection that was killed half-way can be done again.
    """
    prepare_codes(con)
    _note(con, "moved_code", _moved_codes(ledger, con, since))
    sales = [ledger.changed_sales(since), con.sql(read_sql("sales_of_codes.sql")).to_arrow_table()]
    _note(con, "touched_sale", pa.concat_tables(sales))
    every = con.sql("SELECT DISTINCT sale_id FROM touched_sale ORDER BY sale_id").to_arrow_table()
    cases = " ".join(f"WHEN '{entity}' THEN '{label}'" for entity, label in _LABELS.items())
    with documents_of_sales(ledger.tables, version, ledger.scratch, every) as near:
        _note(con, "named_entity", entities_of(near, every))
    _note(con, "linked_row", _rows(linked(every.column("sale_id").to_pylist())))
    found = con.sql(
        f"""
        SELECT DISTINCT label, key
        FROM (
            SELECT 'Transaction' AS label, sale_id AS key FROM touched_sale
            UNION ALL
            SELECT CASE entity {cases} END, CASE {_is_code("entity")} THEN canonical(key) ELSE key END
            FROM named_entity
            UNION ALL
            FROM linked_row
            UNION ALL
            ({read_sql("touched_by_sales.sql")})
            UNION ALL
            ({read_sql("touched_by_codes.sql")})
            UNION ALL
            ({read_sql("touched_external.sql")})
        )
        WHERE label IS NOT NULL AND key IS NOT NULL
        ORDER BY label, key
        """,
        params={"since": since},
    ).to_arrow_table()
    labels = pc.unique(found.column("label")).to_pylist()
    keys = {label: found.filter(pc.equal(found.column("label"), label)).column("key") for label in labels}
    return Touched({"Transaction": pa.array([], pa.string()), **keys})


def _note(con: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    con.register("_rows", rows)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM _rows")
    con.unregister("_rows")


def _rows(pairs: Iterable[tuple[str, str]]) -> pa.Table:
    both = list(pairs)
    names = ("label", "key")
    return pa.table({name: pa.array([pair[i] for pair in both], pa.string()) for i, name in enumerate(names)})


def _is_code(column: str) -> str:
    codes = ", ".join(f"'{entity}'" for entity, label in _LABELS.items() if label == "Enterprise")
    return f"WHEN {column} IN ({codes})"


def _moved_codes(ledger: Ledger, con: duckdb.DuckDBPyConnection, since: int) -> pa.Table:
    """Codes (`code`, `before`, `now`) that the register gives to another firm than at load `since`."""
    with connection(ledger.scratch) as old:
        show_kinds(old, ledger.tables, since)
        old.execute(f"CREATE VIEW current_enterprises AS {current(KINDS['enterprises'])}")
        before = old.sql(read_sql("code_map.sql")).to_arrow_table()
    con.register("_before", before)
    try:
        return con.sql(
            "SELECT code, coalesce(b.canonical, code) AS before, coalesce(n.canonical, code) AS now "
            "FROM _before AS b FULL JOIN code_map AS n USING (code) "
            "WHERE b.canonical IS DISTINCT FROM n.canonical"
        ).to_arrow_table()
    finally:
        con.unregister("_before")
