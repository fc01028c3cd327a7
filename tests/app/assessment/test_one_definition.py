"""What an assessment says of a sale is what the batch says once the sale is loaded: rows, quota, verdicts."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from counter import NOON, Counter, body, buys, facts
from ledger_documents import Document, alias
from shops import Office, opened, person, sale

from app.assessment.declaration import read_declaration
from app.assessment.desk import Desk
from app.assessment.index import NOTHING_AROUND
from app.assessment.upkeep import run_once
from app.assessment.working import Working
from app.detection.tally import Tallies
from app.graph.server import EmbeddedServer
from app.settings import Settings
from loaders.ledger.at_hand import SaleAtHand
from loaders.ledger.schemas import TRANSACTIONS

_ROMAN = {"buyerIdNumber": "11010519491231002Ⅹ"}
"""A number as some type it: its key is that of the same number with a letter X, and so is its verdict."""
SALES: dict[str, list[Document]] = {
    "plain": sale("P1", 1, 1),
    "no payment": sale("P1", 2, 2, drop=["payment"]),
    "no order": sale("P1", 3, 3, drop=["order"]),
    "declaration alone": sale("P1", 4, 4, drop=["order", "payment", "waybill"]),
    "order alone": sale("P1", 5, 5, drop=["payment", "waybill", "inventory"]),
    "another payer": sale("P1", 6, 6, payment_says={"payerIdNumber": person(60)[0], "payerName": "另人"}),
    "declared for another": sale("P1", 7, 7, inventory_says={"buyerIdNumber": person(70)[0]}),
    "amounts": sale("P1", 8, 8, payment_says={"amountPaid": "90"}, inventory_says={"price": "80"}),
    "lines": sale("P1", 9, 9, inventory_says={"lines": 2}),  # type: ignore[dict-item]
    "dollars": sale("P1", 10, 10, order_says={"currency": "502"}),
    "another consignee": sale(
        "P1", 11, 11, waybill_says={"consignee": "别人", "consigneeAddress": "上海市黄浦区1号"}
    ),
    "paid late": sale("P1", 12, 12, payment_says={"payTime": "20240301100000"}),
    "another company": sale("P1", 13, 13, payment_says={"payCode": "OTHER"}),
    "the same company": sale("P1", 14, 14, order_says={"payCode": "OLD"}, payment_says={"payCode": "NEW"}),
    "roman figure": sale(
        "P1", 16, 16, order_says=_ROMAN, payment_says={"payerIdNumber": _ROMAN["buyerIdNumber"]}
    ),
    "wrong number": sale("P1", 15, 15, order_says={"buyerIdNumber": "11010519491231002X"[:-1] + "1"}),
}
BEFORE = [*sale("P1", 100, 100), alias("OLD", "NEW")]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    """All sales in a ledger; the index knows them too."""
    with Counter(tmp_path_factory.mktemp("loaded") / "data") as counter:
        counter.load(*BEFORE, *(document for documents in SALES.values() for document in documents))
        counter.refresh()
        yield counter


@pytest.fixture(scope="module")
def batch(loaded: Counter) -> dict[str, dict[str, Any]]:
    """What the batch says of every sale."""
    with loaded.ledgers.ledger.connect() as connection:
        rows = connection.sql("FROM transactions").to_arrow_table().to_pylist()
        tallies = Tallies(connection, since=None, until=date(2024, 1, 20))
        judged = {row["sale_id"]: row for row in tallies.kept("judged_sales", "sale_id").to_pylist()}
        quota = {row["sale_id"]: row for row in tallies.kept("quota_sales", "sale_id").to_pylist()}
        invalid = {row["person"]: row["invalid"] for row in tallies.table("judged_identities").to_pylist()}
    return {
        row["sale_id"]: {
            "row": row,
            "judged": judged.get(row["sale_id"]),
            "quota": quota.get(row["sale_id"]),
            "invalid": invalid.get(row["consumer_key"]),
        }
        for row in rows
    }


@pytest.mark.parametrize("name", SALES)
def test_a_sale_at_hand_is_what_it_is_in_the_ledger(
    loaded: Counter, batch: dict[str, dict[str, Any]], name: str
) -> None:
    declaration = loaded.declaration(SALES[name])
    told = batch[declaration.sale.sale_id]
    working = Working(loaded.folder / "work", date(2024, 1, 20))
    sale_at_hand = SaleAtHand(
        declaration.sale.sale_id,
        declaration.sale.heads,
        declaration.sale.lines,
        one_company=name == "the same company",
    )
    one = working.work([sale_at_hand], NOTHING_AROUND)[declaration.sale.sale_id]
    working.close()
    for column in TRANSACTIONS.names:
        assert one.row[column] == told["row"][column], column
    assert one.quota == (told["quota"] and {key: told["quota"][key] for key in one.quota or {}})
    judged = told["judged"] or {"judgeable": [], "differing": []}  # nothing dates an order by itself
    assert list(one.judgeable) == judged["judgeable"]
    assert list(one.differing) == judged["differing"]
    assert one.invalid_identity == told["invalid"]


def test_the_pair_of_codes_of_one_company_is_looked_up(loaded: Counter) -> None:
    same = loaded.assess(SALES["the same company"])
    other = loaded.assess(SALES["another company"])
    assert "document-payment-company" not in facts(same)
    assert "document-payment-company" in facts(other)


def test_quota_used_is_that_of_the_batch_before_and_after_the_sale_is_loaded(counter: Counter) -> None:
    counter.load(*buys(1, 1, "9000"), *buys(1, 2, "4000", platform="OTHER"))
    counter.refresh()
    new = buys(1, 3, "2000", lines=2)
    answer = counter.assess(new)
    counter.load(*new)
    assert answer["quota"]["used"] == _used(counter, answer["quota"]["person"]) == "17000.00000"
    counter.refresh()
    again = counter.assess(buys(1, 4, "1"))
    assert again["quota"]["used"] == "17001.00000"  # the sale counts once, now in the ledger
    assert again["quota"]["reserved_by_others"] == "0.00000"


def _used(counter: Counter, key: str) -> str:
    with counter.ledgers.ledger.connect() as connection:
        people = pa.table({"key": [key]})
        tallies = Tallies(connection, since=None, until=date(2024, 12, 31), consumers=people)
        ((row),) = tallies.kept("consumer_quota", "consumer").to_pylist()
    return str(row["used"])


def test_a_number_used_before_is_found_as_in_batch(counter: Counter) -> None:
    counter.load(*buys(1, 1))
    counter.refresh()
    number = {"payTransactionId": "T-SHOP-00001"}
    again = sale("SHOP", 2, 2, payment_says=number, order_says=number)
    answer = counter.assess(again)
    assert facts(answer)["payment-reused"] == {"sales": 2, "first": "SHOP|00001"}


def test_detection_finds_of_a_person_what_the_assessment_said(
    neo4j_server: EmbeddedServer, tmp_path: Any
) -> None:
    first = [*buys(1, 1, "20000"), *buys(2, 2, "10")]
    with opened(neo4j_server, tmp_path, first, ["consumer-quota"]) as office:
        settings, desk = _desk_of(office, tmp_path)
        new = buys(1, 3, "3500", lines=2)
        answer = desk.assess(read_declaration(body(new), office.desk.keys), NOON)
        desk.close()
        office.load(new)
        office.detect(rules=["consumer-quota"])
        found = office.found("consumer-quota")[answer["quota"]["person"]]
        assert answer["lane"] == "hold"
        assert {"quota-annual", "quota-single"} <= facts(answer).keys()
        assert Decimal(answer["quota"]["used"]) == Decimal(found.numbers["used"]["value"])
        assert settings.data.exists()


def _desk_of(office: Office, tmp_path: Any) -> tuple[Settings, Desk]:
    settings = Settings(data=tmp_path / "data", casebook_url=f"sqlite:///{tmp_path / 'casebook.sqlite'}")
    run_once(settings, office.desk.ledger, NOON)
    return settings, Desk(settings, lambda: NOON)


def test_a_number_with_a_roman_figure_is_a_number(batch: dict[str, dict[str, Any]]) -> None:
    assert batch["P1|00016"]["invalid"] is False
