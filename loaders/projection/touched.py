"""What a projection must look at again: keys by node label, from what is new in the ledger."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from loaders.contract import KINDS
from loaders.ledger import Ledger, entities_of
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


def touched_since(ledger: Ledger, con: duckdb.DuckDBPyConnection, since: int, linked: Linked) -> Touched:
    """Every key whose node or relationships may differ from the graph's, which stands at load `since`.

    `con` shows the ledger at the version to project. What a sale named before comes from all versions of its
    documents, never from the graph, so that a projection that was killed half-way can be done again.
    """
    prepare_codes(con)
    sales = ledger.changed_sales(since)
    moved = _moved_codes(ledger, con, since)
    if len(moved):
        con.register("_moved", moved)
        con.execute("CREATE OR REPLACE TEMP TABLE moved_code AS SELECT code FROM _moved")
        sales = pa.concat_tables([sales, con.sql(read_sql("sales_of_codes.sql")).to_arrow_table()])
    con.register("_sales", sales)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE touched_sale AS SELECT DISTINCT sale_id FROM _sales ORDER BY ALL"
    )
    con.unregister("_sales")
    sales = con.sql("FROM touched_sale").to_arrow_table()

    con.execute("CREATE OR REPLACE TEMP TABLE touched_key (label VARCHAR, key VARCHAR)")
    con.execute("INSERT INTO touched_key SELECT 'Transaction', sale_id FROM touched_sale")
    entities = entities_of(con, sales)
    con.register("_entities", entities)
    cases = " ".join(f"WHEN '{entity}' THEN '{label}'" for entity, label in _LABELS.items())
    con.execute(
        "INSERT INTO touched_key SELECT label, CASE label WHEN 'Enterprise' THEN canonical(key) ELSE key END "
        f"FROM (SELECT CASE entity {cases} END AS label, key FROM _entities)"
    )
    con.unregister("_entities")
    if len(moved):
        con.execute("INSERT INTO touched_key SELECT 'Enterprise', unnest([code, before, now]) FROM _moved")
        con.unregister("_moved")
    con.execute(f"INSERT INTO touched_key {read_sql('touched_external.sql')}", {"since": since})
    con.execute(f"INSERT INTO touched_key {read_sql('touched_by_sales.sql')}")
    rows = list(linked(sales.column("sale_id").to_pylist()))
    if rows:
        con.register("_linked", pa.table({"label": [r[0] for r in rows], "key": [r[1] for r in rows]}))
        con.execute("INSERT INTO touched_key SELECT label, key FROM _linked")
        con.unregister("_linked")
    found = con.sql(
        "SELECT DISTINCT label, key FROM touched_key WHERE key IS NOT NULL AND label IS NOT NULL ORDER BY ALL"
    ).to_arrow_table()
    labels = pc.unique(found.column("label")).to_pylist()
    keys = {label: found.filter(pc.equal(found.column("label"), label)).column("key") for label in labels}
    return Touched({"Transaction": pa.array([], pa.string()), **keys})


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
