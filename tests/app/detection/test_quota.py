"""What counts towards the personal limit: the table of limits, and the laws of giving back."""

import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_desk import Desk
from ledger_documents import Document
from quota_documents import buys, cancels, returns
from shops import person

from app.detection.quota_limits import quota_limits, read_limits
from app.detection.tally import Tallies
from app.errors import BadInputError
from app.supervision.protection import consumer_key
from loaders.contract import Keys

UNTIL = date(2024, 12, 31)
FATES = ("accepted", "pending", "rejected", "closed", "sent back", "cancelled", "cancel refused", "returned")
STATUS = {"pending": None, "rejected": "100", "closed": "399", "sent back": "700"}
SALES = st.lists(
    st.tuples(st.integers(1, 3_000), st.integers(1, 3), st.sampled_from(FATES), st.integers(1, 3)), max_size=5
)
"""Sales of one person: price of a piece in CNY, pieces, what became of it, pieces returned."""


def documents_of(who: int, sales: list[tuple[int, int, str, int]]) -> list[Document]:
    documents: list[Document] = []
    for place, (price, pieces, fate, back) in enumerate(sales):
        no = 10 * who + place
        documents += buys("SHOP", no, who, price=str(price), lines=pieces, status=STATUS.get(fate, "899"))
        if fate.startswith("cancel"):
            documents += cancels("SHOP", no, "100" if fate == "cancel refused" else "899")
        if fate == "returned":
            documents += returns("SHOP", no, min(back, pieces))
    return documents


def used_by_hand(sales: list[tuple[int, int, str, int]]) -> Decimal:
    """What is left counted, one sale after the other."""
    total = 0
    for price, pieces, fate, back in sales:
        if fate in ("accepted", "pending", "cancel refused"):
            total += price * pieces
        if fate == "returned":
            total += price * (pieces - min(back, pieces))
    return Decimal(total)


def used(desk: Desk) -> dict[str, Decimal]:
    """Use of 2024 by the ledger, by key."""
    with desk.ledger.connect() as connection:
        rows = Tallies(connection, since=None, until=UNTIL).table("consumer_quota").to_pylist()
    return {row["consumer"]: row["used"] for row in rows}


@settings(max_examples=8, deadline=None)
@given(people=st.lists(SALES, min_size=4, max_size=8))
def test_what_is_taken_back_is_given_back_exactly(people: list[list[tuple[int, int, str, int]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder) / "data", Keys(bytes(32)))
        desk.load(*(one for who, sales in enumerate(people) for one in documents_of(who, sales)))
        found = used(desk)
    for who, sales in enumerate(people):
        if sales:
            assert found[consumer_key(desk.keys, person(who)[0])] == used_by_hand(sales)


def test_declared_again_after_a_rejection_counts_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "data", Keys(bytes(32)))
    again = buys("SHOP", 1, 1, price="3000")
    (kind, head), *items = again[3]
    second = [(kind, {**head, "copNo": "AGAIN", "appTime": "20240301000000"})]
    second += [(kind, {**row, "copNo": "AGAIN", "appTime": "20240301000000"}) for kind, row in items]
    desk.load(*again, second)
    assert used(desk) == {consumer_key(desk.keys, person(1)[0]): Decimal(6000)}


def test_limits_are_at_hand_for_the_days_of_sales_and_no_others(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "data", Keys(bytes(32)))
    last = "SELECT max(day) AS quota, (SELECT max(last_date) FROM transactions) AS sale FROM quota_days"
    with desk.ledger.connect() as connection:
        none = Tallies(connection, since=None, until=date.max).query(last).to_pylist()
    desk.load(*buys("SHOP", 1, 1, price="3000"))
    with desk.ledger.connect() as connection:
        (row,) = Tallies(connection, since=None, until=date.max).query(last).to_pylist()
    assert none == [{"quota": None, "sale": None}]
    assert row["quota"] == row["sale"]


def test_limits_hold_by_date() -> None:
    limits = quota_limits()
    old, new = limits.at(date(2018, 12, 31)), limits.at(date(2019, 1, 1))
    assert old is not None
    assert new is not None
    assert (old.single, old.annual) == (2000, 20000)
    assert (new.single, new.annual) == (5000, 26000)
    assert limits.at(date(2016, 4, 7)) is None
    days = {row["day"]: row for row in limits.days(date(2019, 1, 2)).to_pylist()}
    assert min(days) == date(2016, 4, 8)
    assert (days[date(2018, 12, 31)]["annual"], days[date(2019, 1, 2)]["single"]) == (20000, 5000)
    assert limits.days(date(2010, 1, 1)).num_rows == 0


def test_the_annual_limit_is_that_of_the_end_of_the_year() -> None:
    limits = read_limits(
        "version: 1.0.0\nrows:\n"
        "  - {holds_from: 2019-01-01, single: '5000', annual: '26000', return_days: 30, source: a}\n"
        "  - {holds_from: 2026-07-01, single: '6000', annual: '30000', return_days: 30, source: b}\n"
    )
    (row,) = (row for row in limits.days(date(2026, 3, 1)).to_pylist() if row["day"] == date(2026, 3, 1))
    assert (row["single"], row["annual"]) == (5000, 30000)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("2019-01-01", "2016-01-01"), "later day"),
        (('"5000"', '"50000"'), "single limit is above"),
        (('"26000"', '"-1"'), "rows.1.annual"),
        (("return_days: 30", "return_days: soon"), "rows.0.return_days"),
        (("version: 1.0.0", "version: one"), "version"),
        (("rows:", "rows: ["), "no YAML"),
        (("    source:", "    sauce:"), "rows.0"),
    ],
)
def test_a_table_with_a_mistake_is_refused_with_the_place(change: tuple[str, str], told: str) -> None:
    from importlib.resources import files

    text = files("app.detection").joinpath("quota_limits.yaml").read_text("utf-8")
    assert change[0] in text
    with pytest.raises(BadInputError, match=told):
        read_limits(text.replace(*change, 1))
