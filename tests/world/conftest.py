"""Worlds that several tests look at."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

import world

ORDERS = 6_000
LARGE = 20_000
SEED = 5


@pytest.fixture(scope="session")
def csv_world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, world.Truth]:
    """A standard world as flat files, with its truth."""
    out = tmp_path_factory.mktemp("csv")
    return out, world.make(out, orders=ORDERS, seed=SEED, format="csv")


@pytest.fixture(scope="session")
def xml_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same world as messages."""
    out = tmp_path_factory.mktemp("xml")
    world.make(out, orders=ORDERS, seed=SEED, format="xml")
    return out


@pytest.fixture(scope="session")
def large_world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, world.Truth]:
    """A standard world that is large enough for every scheme."""
    out = tmp_path_factory.mktemp("large")
    return out, world.make(out, orders=LARGE, seed=SEED, format="csv")


@pytest.fixture(scope="session")
def tables(csv_world: tuple[Path, world.Truth]) -> Iterator[duckdb.DuckDBPyConnection]:
    """The flat files as tables of text; of orders and the like the current versions only."""
    yield from _tables(csv_world[0])


@pytest.fixture(scope="session")
def large_tables(large_world: tuple[Path, world.Truth]) -> Iterator[duckdb.DuckDBPyConnection]:
    """The same of the large world."""
    yield from _tables(large_world[0])


def _tables(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    connection.execute("CREATE MACRO cny(text) AS CAST(text AS DECIMAL(19, 5))")
    identity = {
        "orders": "ebpCode, orderNo",
        "payments": "payCode, payTransactionId, ebpCode, orderNo",
        "waybills": "logisticsCode, logisticsNo, orderNo",
        "inventories": "ebpCode, orderNo, copNo",
        "order_items": "ebpCode, orderNo, gnum",
        "inventory_items": "ebpCode, orderNo, copNo, gnum",
    }
    for path in sorted(folder.glob("*.csv")):
        source = f"read_csv('{path}', all_varchar = true, header = true)"
        if key := identity.get(path.stem):
            source = (
                f"(SELECT * FROM (SELECT * FROM {source} QUALIFY row_number() OVER"
                f" (PARTITION BY {key} ORDER BY appTime DESC, appType DESC) = 1) WHERE appType <> '3')"
            )
        connection.execute(f"CREATE TABLE {path.stem} AS SELECT * FROM {source}")
    yield connection
    connection.close()
