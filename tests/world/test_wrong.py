"""What a world says an inspection would find can be found: in its documents, or in who its rings are."""

from pathlib import Path

import duckdb

import world


def sales(tables: duckdb.DuckDBPyConnection, query: str) -> set[str]:
    return {sale for (sale,) in tables.execute(f"SELECT ebpCode || '|' || orderNo {query}").fetchall()}


def test_every_sale_that_is_wrong_was_made(
    csv_world: tuple[Path, world.Truth], tables: duckdb.DuckDBPyConnection
) -> None:
    _, truth = csv_world
    assert set(truth.wrong) >= {"identity", "value", "name", "quantity", "other"}
    known = sales(tables, "FROM orders")
    for what, ids in truth.wrong.items():
        assert len(ids) == len(set(ids)) > 0, what
        assert len(set(ids) & known) > 0.9 * len(ids)  # of a few the order is missing


def test_as_many_lines_as_were_ordered_or_it_is_wrong(
    csv_world: tuple[Path, world.Truth], tables: duckdb.DuckDBPyConnection
) -> None:
    _, truth = csv_world
    counted = sales(
        tables,
        """FROM (SELECT ebpCode, orderNo, count(*) AS n FROM order_items GROUP BY ALL) o
        JOIN (SELECT ebpCode, orderNo, count(*) AS n FROM inventory_items GROUP BY ALL) i
        USING (ebpCode, orderNo) WHERE o.n <> i.n""",
    )
    assert counted
    assert counted <= set(truth.wrong["quantity"])


def test_the_forged_sales_of_rings_are_in_other_peoples_names(csv_world: tuple[Path, world.Truth]) -> None:
    _, truth = csv_world
    platforms = {code for ring in truth.rings for code in ring["members"]}
    forged = sum(ring["forged_sales"] for ring in truth.rings)
    there = [sale for sale in truth.wrong["identity"] if sale.partition("|")[0] in platforms]
    # A few buy on honest shops, so that it looks better.
    assert 0.9 * forged < len(there) <= forged
