"""Amounts as large as a document can say: they stop no answer, no index and no tally."""

from datetime import date

import pytest
from counter import Counter, facts
from ledger_documents import Document
from shops import sale

from app.assessment.book import Book
from app.detection.tally import Tallies
from loaders.ledger import Ledger

MOST = "99999999999999.99999"
LISTED: Document = [("positive_list", {"gcode": "1901", "name": "奶粉", "validFrom": "2020-01-01"})]


def says(no: int, total: str, *, day: str = "20240109", gcode: str = "8888888888") -> list[Document]:
    """A sale whose declared line has this total."""
    documents = sale("SHOP", no, no, inventory_says={"declTime": day})
    for kind, row in (pair for document in documents for pair in document):
        if kind == "inventory_items":
            row |= {"totalPrice": total, "gcode": gcode}
    return documents


@pytest.mark.parametrize("total", [MOST, f"-{MOST}"])
@pytest.mark.parametrize("day", ["19000101", "20100101", "20240109", "21991231"])
def test_every_declaration_has_an_answer(counter: Counter, total: str, day: str) -> None:
    counter.load(LISTED)
    counter.refresh()
    answer = counter.assess(says(1, total, day=day))
    assert answer["fallback"] == []
    if day == "20240109":
        assert facts(answer)["goods-not-listed"] == {"codes": ["8888888888"]}
        # Less than nothing takes nothing, and gives nobody more than the limit.
        assert answer["quota"]["used"] == (MOST if total == MOST else "0.00000")
        assert answer["quota"]["left_at_most"] == ("0.00000" if total == MOST else "26000.00000")


def test_nothing_below_nothing_is_reserved_where_no_limit_is_known(counter: Counter) -> None:
    answer = counter.assess(says(1, f"-{MOST}"))
    assert answer["fallback"] == ["ledger"]
    book = Book(counter.settings.casebook_address, -1)
    with book.look() as turn:
        assert turn.reserved_sales() == []
    book.close()


def test_index_and_tallies_are_made_of_absurd_sales(counter: Counter) -> None:
    counter.load(LISTED)
    for no, total in enumerate((MOST, f"-{MOST}", "100"), 1):
        counter.load(*says(no, total))
    assert counter.refresh().sales == 3
    assert _unlisted(counter.ledgers.ledger) == {2**63 - 1, 1 - 2**63, 10_000_000}


def _unlisted(ledger: Ledger) -> set[int]:
    with ledger.connect() as connection:
        tallies = Tallies(connection, since=None, until=date(2024, 1, 20))
        (row,) = tallies.table("unlisted_goods").to_pylist()
    return {line["value_e5"] for line in row["lines"]}
