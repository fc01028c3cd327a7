"""What is done for assessments from time to time: any of it may be killed and repeated."""

from dataclasses import dataclass
from datetime import datetime

from app.assessment.book import Book
from app.assessment.index import SaleIndex, refresh_index
from app.assessment.journal import Journal
from app.assessment.places import Places
from app.assessment.snapshot import take_snapshot, write_snapshot
from app.local_time import local_day
from app.settings import Settings
from loaders.ledger.ledger import Ledger

_AT_ONCE = 500


@dataclass(frozen=True)
class UpkeepReport:
    """The ledger version that assessments see now, sales that were written for it, reservations that fell
    away, records of the journal that were handed over, and the casebook_seq of the snapshot."""

    ledger_version: int
    sales: int
    fallen: int
    replayed: int
    casebook_seq: int


def run_once(settings: Settings, ledger: Ledger, at: datetime) -> UpkeepReport:
    """Bring the local files up to ledger and casebook, hand the journal over, and drop reservations of sales
    that have arrived in the ledger or have run out. One process at a time.

    Raises UnavailableError where the casebook cannot be reached.
    """
    places = Places.of(settings)
    index = refresh_index(ledger, places.index)
    book = Book(settings.casebook_address, -1)
    try:
        replayed = Journal(places.journal).replay(book.put_journaled)
        fallen = _drop_fallen(book, places, at)
        snapshot = take_snapshot(book.casebook, at, local_day(at), settings.measures)
        write_snapshot(places.snapshot, snapshot)
    finally:
        book.close()
    return UpkeepReport(index.ledger_version, index.sales, fallen, replayed, snapshot.seq)


def _drop_fallen(book: Book, places: Places, at: datetime) -> int:
    """They count no more: what arrived is in the ledger's own sum. Only the rows go with this."""
    with book.look() as turn:
        sales = turn.reserved_sales()
    index = SaleIndex(places.index)
    arrived: list[str] = []
    with index.state():
        for start in range(0, len(sales), _AT_ONCE):
            arrived += sorted(index.declared(sales[start : start + _AT_ONCE]))
    index.close()
    fallen = 0
    for start in range(0, max(len(arrived), 1), _AT_ONCE):
        with book.turn(()) as turn:
            fallen += turn.drop(arrived[start : start + _AT_ONCE], at)
    return fallen
