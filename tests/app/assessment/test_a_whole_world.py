"""Every sale of a generated world, worked out at hand, is what the ledger and the batch say of it."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

import world
from app.assessment.index import NOTHING_AROUND
from app.assessment.working import QuotaSum, Working
from app.detection.tally import Tallies
from loaders.contract import KINDS, Keys
from loaders.ledger import Ledger, load
from loaders.ledger.at_hand import HEADS, LINES, SaleAtHand
from loaders.ledger.schemas import TRANSACTIONS

ORDERS, SEED = 3_000, 23
Row = dict[str, Any]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """The documents that a declaration may bring, of a world with every scheme: nothing that came later."""
    folder = tmp_path_factory.mktemp("whole")
    world.make(folder / "files", orders=ORDERS, seed=SEED, format="csv")
    files = [file for kind in (*HEADS, *LINES) for file in (folder / "files").glob(f"{kind}*.csv")]
    assert len(files) == len(HEADS) + len(LINES)
    opened = Ledger.open(folder / "ledger")
    load(opened, Keys.open(folder / "key"), files)
    return opened


@pytest.fixture(scope="module")
def until(ledger: Ledger) -> date:
    """The last day of the world."""
    with ledger.connect() as connection:
        last: date = connection.sql("SELECT max(last_date) FROM transactions").fetchall()[0][0]
    return last


@pytest.fixture(scope="module")
def rows(ledger: Ledger) -> dict[str, Row]:
    """The rows of sales with one document of a kind at most, each in one version that nothing contradicts."""
    with ledger.connect() as connection:
        found = connection.sql(
            """
            FROM transactions
            WHERE greatest(orders, payments, waybills, inventories) = 1 AND orders + inventories > 0
                AND NOT list_contains(list_transform(differences, lambda d: d.name), 'conflicting_versions')
            QUALIFY logistics_no IS NULL OR count(*) OVER (PARTITION BY logistics_no) = 1
            """
        )
        return {row["sale_id"]: row for row in found.to_arrow_table().to_pylist()}


@pytest.fixture(scope="module")
def sales(ledger: Ledger, rows: dict[str, Row]) -> list[SaleAtHand]:
    """Their documents."""
    heads: dict[str, dict[str, Row]] = {}
    lines: dict[str, dict[str, list[Row]]] = {}
    by_waybill = {row["logistics_no"]: sale for sale, row in rows.items() if row["waybills"]}
    with ledger.connect() as connection:
        for kind in (*HEADS, *LINES):
            for row in connection.sql(f"FROM current_{kind}").to_arrow_table().to_pylist():
                sale = (
                    by_waybill.get(row["logisticsNo"])
                    if kind == "waybills"
                    else f"{row['ebpCode']}|{row['orderNo']}"
                )
                if sale in rows and kind in HEADS:
                    heads.setdefault(sale, {})[kind] = row
                elif sale in rows:
                    lines.setdefault(sale, {}).setdefault(kind, []).append(row)
    return [SaleAtHand(sale, of_kind, lines.get(sale, {})) for sale, of_kind in heads.items()]


@pytest.fixture(scope="module")
def worked(sales: list[SaleAtHand], until: date, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """What is worked out of them."""
    working = Working(tmp_path_factory.mktemp("scratch"), until)
    yield working.work(sales, NOTHING_AROUND)
    working.close()


def test_the_row_of_every_sale(rows: dict[str, Row], worked: Any) -> None:
    assert len(worked) > 0.8 * ORDERS
    assert sum(bool(row["differences"]) for row in rows.values()) > 30
    for sale, one in worked.items():
        told = {name: one.row[name] for name in TRANSACTIONS.names}
        assert told == rows[sale], {name for name in told if told[name] != rows[sale][name]}


def test_what_the_tallies_say_of_every_sale(ledger: Ledger, until: date, worked: Any) -> None:
    with ledger.connect() as connection:
        tallies = Tallies(connection, since=None, until=until)
        judged = {row["sale_id"]: row for row in tallies.kept("judged_sales", "sale_id").to_pylist()}
        quota = {row["sale_id"]: row for row in tallies.kept("quota_sales", "sale_id").to_pylist()}
        invalid = {row["person"]: row["invalid"] for row in tallies.table("judged_identities").to_pylist()}
        used = {
            (row["consumer"], row["year"]): row
            for row in tallies.kept("consumer_quota", "consumer, year").to_pylist()
        }
    assert any(row["differing"] for row in judged.values())
    assert len(quota) > 0.5 * ORDERS
    for sale, one in worked.items():
        assert (list(one.judgeable), list(one.differing)) == (
            judged[sale]["judgeable"],
            judged[sale]["differing"],
        )
        assert (one.quota is None) == (sale not in quota)
        if one.quota is not None:
            assert one.quota == {name: quota[sale][name] for name in one.quota}
        assert one.invalid_identity == invalid.get(one.row["consumer_key"])
    assert QuotaSum().used(list(quota.values())) == used


def test_the_documents_have_what_the_contract_names(sales: list[SaleAtHand]) -> None:
    for sale in sales:
        for kind, head in sale.heads.items():
            assert head.keys() >= KINDS[kind].by_name.keys()
