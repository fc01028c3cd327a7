"""The casebook as assessments use it: one short transaction a batch, the person's turn, answers and
reservations."""

import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, bindparam, delete, event, insert, or_, select, text
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from app.casebook.assessment_models import Assessment, Reservation
from app.casebook.engine import make_engine, upgrade
from app.casebook.instants import written
from app.casebook.models import Sequence as SequenceRow
from app.casebook.protection_models import Protection
from app.casebook.protections import OPEN_END
from app.casebook.store import Casebook
from app.errors import UnavailableError
from app.supervision.instructions import Instruction, standing

Row = dict[str, Any]
PATIENCE_MILLISECONDS = 500
"""How long another writer of the casebook is waited for, before the answer is given without it."""
AWAY = (SQLAlchemyError, UnavailableError, OSError)
"""What says that the casebook cannot be reached."""


@dataclass(frozen=True)
class Kept:
    """An assessment as it is kept."""

    id: str
    sale_id: str
    number: int
    digest: str
    answer: Row


class Book:
    """An open casebook. One thread at a time."""

    def __init__(self, url: str, least_seq: int) -> None:
        """Raises UnavailableError where the casebook is not there, or is another: its sequence is behind
        `least_seq`, which was seen before."""
        self._file = _file_of(url)
        if self._file is not None and not self._file.exists() and least_seq >= 0:
            raise UnavailableError(f"The casebook {self._file.name} is not where it was.")
        self.engine: Engine = make_engine(url)
        if self._file is not None:
            event.listen(self.engine, "connect", _impatient)
        try:
            upgrade(self.engine)
            self._inode = self._file.stat().st_ino if self._file else 0
            with self.turn(()) as turn:
                if turn.seq() < least_seq:
                    raise UnavailableError("The casebook is an older one than was seen before.")
        except BaseException:
            self.engine.dispose()
            raise

    @property
    def casebook(self) -> Casebook:
        """The same as the rest of the application sees it."""
        return Casebook(self.engine)

    @contextmanager
    def look(self) -> Iterator["Turn"]:
        """One state of it, to read; nobody is kept waiting."""
        self._check_file()
        with self.casebook.read() as connection:
            yield Turn(connection)

    def _check_file(self) -> None:
        if self._file is not None and self._file.stat().st_ino != self._inode:
            raise UnavailableError("The casebook was replaced by another file.")

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()

    @contextmanager
    def turn(self, people: Sequence[str]) -> Iterator["Turn"]:
        """One transaction in which nobody else reserves for these people."""
        self._check_file()
        with self.engine.begin() as connection:
            if self.engine.dialect.name == "postgresql":
                connection.execute(text(f"SET LOCAL lock_timeout = {PATIENCE_MILLISECONDS}"))
                for person in sorted(people):
                    lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:person, 0))")
                    connection.execute(lock, {"person": person})
            yield Turn(connection)

    def put_journaled(self, records: Sequence[Row]) -> None:
        """Keep what was journaled, each record once."""
        with self.turn(sorted({row["person"] for row in records if row["person"]})) as turn:
            turn.put_journaled(records)


class Turn:
    """What is asked and kept within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def seq(self) -> int:
        """casebook_seq as it is now."""
        return int(self._connection.execute(_SEQ).scalar_one())

    def instructions(self, at: datetime) -> tuple[Instruction, ...]:
        """Instructions that are issued and have not ended."""
        return tuple(standing(self._connection, at))

    def protections(self, people: Sequence[str]) -> dict[str, list[tuple[str, date, date]]]:
        """Locks and watches of these people: level, first and last day."""
        out: dict[str, list[tuple[str, date, date]]] = {}
        for row in self._connection.execute(_PROTECTIONS, {"people": people}):
            last = row.until or OPEN_END
            if row.lifted is not None:
                last = min(last, row.lifted - date.resolution)
            if last >= row.since:
                out.setdefault(row.consumer, []).append((row.level, row.since, last))
        return out

    def latest(self, sales: Sequence[str]) -> dict[str, Kept]:
        """The newest assessment of each of these sales."""
        rows = self._connection.execute(_LATEST, {"sales": sales})
        return {
            row.sale_id: Kept(row.id, row.sale_id, row.number, row.digest, unpacked(row.answer))
            for row in rows
        }

    def reserved(self, people: Sequence[str], at: datetime) -> list[Row]:
        """What is reserved for these people and has not run out, by sale."""
        found = self._connection.execute(_RESERVED, {"people": people, "now": written(at)})
        return [dict(row) for row in found.mappings()]

    def reserved_sales(self) -> list[str]:
        """Every sale that reserves anything, sorted."""
        return list(
            self._connection.execute(select(Reservation.sale_id).order_by(Reservation.sale_id)).scalars()
        )

    def drop(self, sales: Sequence[str], at: datetime) -> int:
        """Drop the reservations of these sales, and those that have run out; gives how many there were."""
        gone = or_(Reservation.sale_id.in_(sales), Reservation.until <= written(at))
        return int(self._connection.execute(delete(Reservation).where(gone)).rowcount)

    def put(self, records: Sequence[Row]) -> None:
        """Keep records (see desk.record), whose sales have one each, and what they reserve."""
        assessments = [
            {
                **{name: row[name] for name in _COLUMNS},
                "fallback": orjson.dumps(row["fallback"]).decode(),
                "answer": packed(row["answer"]),
                "inputs": packed(row["inputs"]),
            }
            for row in records
        ]
        self._connection.execute(_KEEP, assessments)
        gone = [row["sale_id"] for row in records if row["reserve"] is None]
        if gone:
            self._connection.execute(_RELEASE, {"sales": gone})
        held = [row["reserve"] for row in records if row["reserve"] is not None]
        if held:
            self._connection.execute(_RESERVE[self._connection.dialect.name], held)

    def put_journaled(self, records: Sequence[Row]) -> int:
        """Keep what was journaled, each record once; what was assessed anew since comes after it. Gives how
        many were new."""
        new = 0
        for row in records:
            known = select(Assessment.id).where(Assessment.id == row["id"])
            if self._connection.execute(known).first() is None:
                latest = self.latest([row["sale_id"]]).get(row["sale_id"])
                if latest is None or latest.digest != row["digest"]:
                    self.put([row | {"number": latest.number + 1 if latest else 1}])
                    new += 1
        return new


# Made once: to make a statement takes longer than to run it.
_SEQ = select(SequenceRow.value).where(SequenceRow.name == "casebook")
_PROTECTIONS = (
    select(Protection.__table__)
    .where(Protection.consumer.in_(bindparam("people", expanding=True)))
    .order_by(Protection.number)
)
_LATEST = (
    select(Assessment.id, Assessment.sale_id, Assessment.number, Assessment.digest, Assessment.answer)
    .where(Assessment.sale_id.in_(bindparam("sales", expanding=True)))
    .order_by(Assessment.sale_id, Assessment.number)
)
_RESERVED = (
    select(Reservation.__table__)
    .where(Reservation.person.in_(bindparam("people", expanding=True)), Reservation.until > bindparam("now"))
    .order_by(Reservation.sale_id)
)
_KEEP = insert(Assessment)
_RELEASE = delete(Reservation).where(Reservation.sale_id.in_(bindparam("sales", expanding=True)))


def _reserve(upsert: Any) -> Any:
    statement = upsert(Reservation)
    names = ("person", "year", "amount_e5", "at", "until", "assessment")
    new = {name: statement.excluded[name] for name in names}
    return statement.on_conflict_do_update(index_elements=["sale_id"], set_=new)


_RESERVE = {"postgresql": _reserve(postgresql_insert), "sqlite": _reserve(sqlite_insert)}
_COLUMNS = ("id", "sale_id", "number", "digest", "at", "lane", "person", "ledger_version")


def packed(told: Row) -> bytes:
    """JSON, compressed."""
    return zlib.compress(orjson.dumps(told, default=str), 1)


def unpacked(kept: bytes) -> Row:
    """What was packed."""
    return dict(orjson.loads(zlib.decompress(kept)))


def _file_of(url: str) -> Path | None:
    parsed = make_url(url)
    in_file = parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:")
    return Path(str(parsed.database)) if in_file else None


def _impatient(connection: Any, _record: Any) -> None:
    connection.execute(f"PRAGMA busy_timeout = {PATIENCE_MILLISECONDS}").close()
