"""Where declarations are assessed: whatever waits is taken together, worked out once, and answered.

The next batch gathers meanwhile. An answer that reserves quota is on the disk before it goes out: in the
casebook, or, while that cannot be reached, in the local journal.
"""

import gc
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import date, datetime
from time import monotonic
from typing import Any

import structlog

from app.assessment.answering import Asked, Seen, answers_of
from app.assessment.book import AWAY, Book, Kept
from app.assessment.declaration import Declaration
from app.assessment.index import SaleIndex
from app.assessment.journal import Journal, Journaled
from app.assessment.looking_up import Looked, look_up
from app.assessment.places import Places
from app.assessment.snapshot import Snapshot, nothing_known, read_snapshot, take_snapshot, write_snapshot
from app.assessment.working import QuotaSum, Working
from app.casebook.instants import written
from app.local_time import local_day
from app.settings import Settings
from app.supervision.drawing import office_seed
from app.supervision.measure_table import measures_on
from loaders.contract.keys import Keys

Row = dict[str, Any]
MOST_AT_ONCE = 24
TRY_AGAIN_SECONDS = 1.0
"""How long an unreachable casebook is left alone; and how often the snapshot is held against it."""
_MOST_SEEN = 200_000

log = structlog.get_logger("cluegraph.assessment")


class _MovedError(Exception):
    """The ledger moved between the look-up and the answer."""


class Desk:
    """The desk of a data folder; it opens what it needs itself, and does without what it cannot reach."""

    def __init__(self, settings: Settings, now: Callable[[], datetime]) -> None:
        """`now` is the clock by which the snapshot follows the casebook between declarations."""
        self._now = now
        self._url = settings.casebook_address
        self._seed = office_seed(Keys.open(settings.key_file))
        self._measures = settings.measures
        self._places = Places.of(settings)
        self._index = SaleIndex(self._places.index)
        self._journal = Journal(self._places.journal)
        self._journaled = Journaled(self._journal)
        self._sum = QuotaSum()
        self._working = (day := local_day(now()), Working(self._places.scratch, day))
        self._snapshot = read_snapshot(self._places.snapshot)
        self._book: Book | None = None
        self._left_alone_until = 0.0
        self._seen: dict[str, dict[str, Row]] = {}
        self._asked: queue.SimpleQueue[Asked | None] = queue.SimpleQueue()
        self._stop, self._stale = threading.Event(), threading.Event()
        self._threads = [
            threading.Thread(target=run, name=f"assessments-{name}", daemon=True)
            for name, run in (("work", self._work), ("follow", self._follow))
        ]
        self._opening = threading.RLock()
        for thread in self._threads:
            thread.start()

    def submit(self, declaration: Declaration, at: datetime) -> Future[Row]:
        """The answer to be; `at` is when it is asked (with its zone). Nothing is raised here."""
        asked = Asked(declaration, at, Future())
        self._asked.put(asked)
        return asked.answer

    def assess(self, declaration: Declaration, at: datetime) -> Row:
        """The answer, when it is there."""
        return self.submit(declaration, at).result()

    def close(self) -> None:
        """Answer what waits, and let go of everything."""
        self._stop.set()
        self._asked.put(None)
        self._stale.set()
        for thread in self._threads:
            thread.join()
        self._index.close()
        if self._book is not None:
            self._book.close()
        self._working[1].close()
        gc.unfreeze()  # what was kept from the collector goes in good order when the process ends

    def follow(self, at: datetime) -> bool:
        """Hold the snapshot against the casebook, and take it anew where that has moved; False where the
        casebook cannot be reached."""
        try:
            book = self._open()
            if book is None:
                return False
            casebook, day, known = book.casebook, local_day(at), self._snapshot
            with book.look() as turn:
                seq = turn.seq()
            if known is None or (known.seq, known.day) != (seq, day):
                self._snapshot = take_snapshot(casebook, at, day, self._measures)
                gc.collect()
                gc.freeze()  # thousands of findings that stay: the collector need not walk through them
                write_snapshot(self._places.snapshot, self._snapshot)
        except AWAY as error:
            self._lost(error)
            return False
        return True

    def _follow(self) -> None:
        while not self._stop.is_set():
            self._stale.wait(TRY_AGAIN_SECONDS)
            self._stale.clear()
            if not self._stop.is_set():
                self.follow(self._now())

    def _work(self) -> None:
        later: list[Asked] = []
        while True:
            if not later:
                first = self._asked.get()
                if first is None:
                    return
                later.append(first)
            while len(later) < MOST_AT_ONCE:
                try:
                    more = self._asked.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    self._asked.put(None)
                    break
                later.append(more)
            batch, later = _apart(later)
            self._answer(batch)

    def _answer(self, batch: list[Asked]) -> None:
        try:
            answers = self._answers(batch)
        except Exception as error:
            if len(batch) > 1:  # one that cannot be worked out must not take the others with it
                for asked in batch:
                    self._answer([asked])
                return
            log.error("assessment failed", error=type(error).__name__)
            batch[0].answer.set_exception(error)
            return
        for asked, answer in zip(batch, answers, strict=True):
            asked.answer.set_result(answer)

    def _answers(self, batch: list[Asked]) -> list[Row]:
        day = local_day(batch[0].at)
        while True:
            with self._index.state() as there:
                declarations = [asked.declaration for asked in batch]
                looked = look_up(declarations, self._of_day(day), self._index, there=there)
            try:
                return self._of_casebook(batch, looked, day)
            except _MovedError:
                continue

    def _of_casebook(self, batch: list[Asked], looked: Looked, day: date) -> list[Row]:
        book = self._open()
        if book is not None:
            try:
                return self._with_casebook(book, batch, looked, day)
            except AWAY as error:
                self._lost(error)
        return self._without_casebook(batch, looked, day)

    def _with_casebook(self, book: Book, batch: list[Asked], looked: Looked, day: date) -> list[Row]:
        people = sorted({person for asked in batch for person in asked.declaration.people})
        at = batch[0].at
        snapshot = self._snapshot
        if snapshot is None or snapshot.day != day:
            self.follow(at)
            snapshot = self._snapshot or nothing_known(day, measures_on(day, self._measures))
        with book.turn(people) as turn:
            moved = turn.seq() != snapshot.seq
            if moved:
                self._stale.set()
            seen = Seen(
                latest=turn.latest([asked.declaration.sale.sale_id for asked in batch]),
                reserved=turn.reserved(people, at),
                protections=turn.protections(people),
                # Whatever is done with an instruction counts as a change of the casebook.
                instructions=turn.instructions(at) if moved else snapshot.instructions,
                unknown=(),
            )
            answers, records = self._answered(batch, looked, seen, snapshot)
            if records:
                turn.put(records)
        self._notice(people, seen.reserved, records)
        return answers

    def _without_casebook(self, batch: list[Asked], looked: Looked, day: date) -> list[Row]:
        snapshot = self._snapshot
        unknown = ("casebook",) if snapshot else ("casebook", "snapshot")
        snapshot = snapshot or nothing_known(day, measures_on(day, self._measures))
        people = {person for asked in batch for person in asked.declaration.people}
        with self._journal.held() as journal:
            self._journaled.follow()
            reserved: dict[str, Row] = {}
            for person in people:
                reserved |= self._seen.get(person, {})
            # What was assessed anew since replaces what it reserved before.
            reserved = {sale: row for sale, row in reserved.items() if sale not in self._journaled.latest}
            for person in people:
                reserved |= self._journaled.reserved(person)
            latest = {
                sale: Kept(row["id"], sale, row["number"], row["digest"], row["answer"])
                for asked in batch
                if (row := self._journaled.latest.get(sale := asked.declaration.sale.sale_id)) is not None
            }
            now = written(batch[0].at)
            seen = Seen(
                latest=latest,
                reserved=[row for _, row in sorted(reserved.items()) if row["until"] > now],
                protections={key: list(snapshot.protections.get(key, ())) for key in people},
                instructions=snapshot.instructions,
                unknown=unknown,
            )
            answers, records = self._answered(batch, looked, seen, snapshot)
            if records:
                journal.append(records)
        return answers

    def _answered(
        self, batch: list[Asked], looked: Looked, seen: Seen, snapshot: Snapshot
    ) -> tuple[list[Row], list[Row]]:
        # After what is reserved was read: what falls away there has arrived here before, and counts once.
        with self._index.state():
            if self._index.version != looked.version:
                raise _MovedError
            arrived = self._index.declared([row["sale_id"] for row in seen.reserved])
        return answers_of(batch, looked, seen, snapshot, self._sum, arrived, self._seed)

    def _of_day(self, day: date) -> Working:
        if self._working[0] != day:
            self._working[1].close()
            self._working = (day, Working(self._places.scratch, day))
        return self._working[1]

    def _open(self) -> Book | None:
        """The casebook, opened again where it was lost, with all that the journal holds; None where it cannot
        be reached."""
        with self._opening:
            if self._book is not None and not self._journal.waiting:
                return self._book
            if monotonic() < self._left_alone_until:
                return None
            try:
                if self._book is None:
                    self._book = Book(self._url, self._seen_seq())
                if self._journal.waiting:
                    self._journal.replay(self._book.put_journaled)
            except AWAY as error:
                self._lost(error)
            return self._book

    def _seen_seq(self) -> int:
        """The casebook_seq that was seen last; 0 where a snapshot was, -1 where there never was one."""
        if self._snapshot is not None:
            return self._snapshot.seq
        return 0 if self._places.snapshot.exists() else -1

    def _lost(self, error: BaseException) -> None:
        with self._opening:
            log.warning("casebook cannot be reached", error=type(error).__name__)
            self._left_alone_until = monotonic() + TRY_AGAIN_SECONDS
            if self._book is not None:
                self._book.close()
                self._book = None

    def _notice(self, people: Sequence[str], reserved: list[Row], records: list[Row]) -> None:
        """Remember what is reserved for these people, for when the casebook cannot be asked."""
        for person in people:
            self._seen.pop(person, None)
            self._seen[person] = {row["sale_id"]: row for row in reserved if row["person"] == person}
        for row in records:
            if row["reserve"] is not None:
                self._seen.setdefault(row["reserve"]["person"], {})[row["sale_id"]] = row["reserve"]
        while len(self._seen) > _MOST_SEEN:
            del self._seen[next(iter(self._seen))]


def _apart(waiting: list[Asked]) -> tuple[list[Asked], list[Asked]]:
    """Those that can be answered together, in the order in which they came, and the others: of one day, and
    nobody twice, so that each sees what the one before it reserved."""
    batch: list[Asked] = []
    later: list[Asked] = []
    taken: set[str] = set()
    for asked in waiting:
        own = {asked.declaration.sale.sale_id, *asked.declaration.people}
        same_day = local_day(asked.at) == local_day(waiting[0].at)
        (batch if same_day and not own & taken else later).append(asked)
        taken |= own
    return batch, later
