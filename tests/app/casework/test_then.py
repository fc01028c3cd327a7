"""The past: the ledger as it stood while it is loaded into, and what the casebook knew by a day."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from cases import finding, new_casebook
from ledger_desk import Desk, shown
from ledger_documents import batch
from shops import check, inspection, replied, reported, sale

from app.casebook.protections import periods, read_protections
from app.casebook.registry import keep, match
from app.casebook.store import Casebook
from app.casework.backtest import documents_since
from app.casework.then import copy_past, past_version, version_before
from app.errors import BadInputError
from app.supervision.protection import extend, lift, protect
from loaders.contract import Keys
from loaders.ledger import PastLedger, land

KEY = "a" * 32
SAID: dict[str, Any] = {"why": "asked for it", "by": "officer 7"}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "data", Keys.open(tmp_path / "key"))


def test_a_past_ledger_stays_as_it_stood(desk: Desk, tmp_path: Path) -> None:
    desk.load(*sale("P1", 1, 1), *sale("P1", 2, 2, drop=["payment"]))
    before = desk.state()
    past = PastLedger(desk.ledger, 1, tmp_path / "scratch")
    assert shown(past.connect()) == before
    desk.load(*sale("P1", 3, 3), *sale("P1", 2, 2, drop=["order", "waybill", "inventory"]))
    assert desk.state() != before
    assert past.version == 1
    for _ in range(2):  # computed, then kept
        with past.connect() as connection:
            assert shown(connection) == before
    later = PastLedger(desk.ledger, 1, tmp_path / "elsewhere")
    for _ in range(2):
        with later.connect() as connection:
            assert shown(connection) == before
    assert not (tmp_path / "data" / "work" / "transactions-1.parquet").exists()
    with pytest.raises(BadInputError, match="has no version 2"):
        past.connect(2)


def test_a_version_is_named_by_number_or_by_day(desk: Desk) -> None:
    for at, no in (("2025-01-01T15:59:00", 1), ("2025-01-01T16:01:00", 2), ("2025-03-01T00:00:00", 3)):
        documents = [batch(sale("P1", no, no), desk.files, f"{no}.csv")]
        land(
            desk.ledger,
            desk.keys,
            lambda told=documents: told,
            at=datetime.fromisoformat(at).replace(tzinfo=UTC),
        )
    assert past_version(desk.ledger, 2, None) == 2
    assert past_version(desk.ledger, None, date(2025, 1, 1)) == 1  # days are those of Shanghai
    assert past_version(desk.ledger, None, date(2025, 1, 2)) == 2
    assert version_before(desk.ledger, date(2025, 1, 2)) == 1
    for version, day, told in (
        (None, None, "one of them"),
        (1, date(2025, 1, 1), "one of them"),
        (4, None, "no version 4; it has those from 1 to 3"),
        (0, None, "no version 0"),
        (None, date(2024, 12, 31), "no version of 2024-12-31"),
    ):
        with pytest.raises(BadInputError, match=told):
            past_version(desk.ledger, version, day)


@pytest.fixture
def books(tmp_path: Path) -> Iterator[tuple[Casebook, Casebook]]:
    books = new_casebook(tmp_path / "now"), new_casebook(tmp_path / "then")
    yield books
    for book in books:
        book.close()


def test_what_was_done_later_had_not_been_done(books: tuple[Casebook, Casebook]) -> None:
    now, then = books
    days = {"since": date(2025, 3, 1), "until": date(2025, 4, 30)}
    one = protect(now, KEY, "locked", **days, **SAID, on=date(2025, 3, 1))
    extend(now, one.number, until=date(2025, 8, 31), **SAID, on=date(2025, 4, 15))
    lift(now, one.number, day=date(2025, 5, 10), **SAID, on=date(2025, 5, 9))
    protect(now, "b" * 32, "watched", since=date(2025, 2, 1), until=None, **SAID, on=date(2025, 6, 1))
    with now.change() as change:
        ids = match(change.connection, "platforms", [("P1", "P2")], 7)
        keep(change, "platforms", [("P1", "P2")], ids, 7)

    copy_past(now, then, date(2025, 4, 20))
    with then.read() as connection:
        (kept,) = read_protections(connection)
        assert (kept.until, kept.lifted, len(kept.history)) == (date(2025, 8, 31), None, 2)
        assert periods(connection).num_rows == 1
        # The same group has the same name then.
        assert match(connection, "platforms", [("P1", "P2")], 1) == ids


def test_nothing_is_left_out_of_what_is_known_now(books: tuple[Casebook, Casebook]) -> None:
    now, then = books
    protect(now, KEY, "locked", since=date(2025, 3, 1), until=None, **SAID, on=date(2025, 3, 1))
    copy_past(now, then, None)
    with now.read() as one, then.read() as other:
        assert read_protections(one) == read_protections(other)


def test_what_came_later_against_whom_a_finding_is_about(desk: Desk) -> None:
    shops = [sale(shop, no, no, agent="AG", company=f"PAY-{shop}") for shop in ("P1", "P2") for no in (1, 2)]
    desk.load(
        *(document for one in shops for document in one),
        inspection("I0", "P1|00001", "discrepancy"),
        check("P1", "fail"),
    )
    desk.load(
        inspection("I1", "P1|00001", "discrepancy"),
        inspection("I2", "P1|00002"),
        replied("R1", "PAY-P1", "P1|00002", "not_found"),
        replied("R2", "PAY-P2", "P2|00001", "genuine"),
        reported("C1", "P2|00001"),
        reported("C2", "P2|00002", "other"),
        check("P1", "fail", at="2024-04-01T10:00:00"),
        inspection("I0", "P1|00001", "discrepancy", at="2024-05-01"),  # another version of what was known
    )
    told = documents_since(
        desk.ledger,
        [
            finding("a", "Platform", "P1"),
            finding("b", "Community", "c1", (("Platform", "P1"), ("Platform", "P2"))),
            finding("c", "Agent", "AG", (("Merchant", "P2"),)),
            finding("d", "Transaction", "P1|00002"),
            finding("e", "PaymentCompany", "PAY-P2"),
            finding("f", "Platform", "ELSE"),
        ],
        1,
    )
    assert told == {
        "a": {"inspections": 1, "replies": 1, "checks": 1},
        "b": {"inspections": 1, "replies": 1, "reports": 1, "checks": 1},
        "c": {"reports": 1},
        "d": {"replies": 1},
        "e": {"reports": 1},
    }
