"""Control instructions: what acts on clearance. Only the moves of MOVES are made, each kept with who and why.

An instruction is in force from the moment it is issued; the clearance system is told by the outbox, in the
same transaction.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, Select, insert, select, update

from app.casebook.instants import instant, written
from app.casebook.instruction_models import STATES, InstructionHistory
from app.casebook.instruction_models import Instruction as Row
from app.casebook.store import Casebook, Change
from app.errors import BadInputError, NotFoundError
from app.local_time import LOCAL
from app.outbox.entries import put
from app.supervision.persons import from_outside, named, said, same_person

CHANNEL: Final = "clearance"
"""Channel of the outbox."""
MOVES: Final = {
    "approved": ("drafted",),
    "issued": ("approved",),
    "acknowledged": ("issued",),
    "refused": ("issued",),
    "withdrawn": ("drafted", "approved", "issued", "acknowledged"),
    "expired": ("drafted", "approved", "issued", "acknowledged"),
}
"""State after a move → states from which it is made. The first state is drafted."""
IN_FORCE: Final = ("issued", "acknowledged")
ANSWERED: Final = ("issue", "withdrawal")
"""What a receiver answers."""
ITSELF: Final = "cluegraph"
_RATE_PARTS = 1_000_000
_LONGEST_WHY = 1000


@dataclass(frozen=True)
class Instruction:
    """One instruction: `action` is a lane, `rate` the share of the scope's declarations that it takes (0 to
    1); it holds from `starts` to `ends` (UTC), this instant not included."""

    id: str
    scope_kind: str
    scope_key: str
    action: str
    rate: Decimal
    starts: datetime
    ends: datetime
    reason: str
    source: str
    finding: str | None
    class_letter: str | None
    state: str

    @property
    def subject(self) -> str:
        """Whom it is about, as one text; what is sent about one subject arrives in order."""
        return f"{self.scope_kind}:{self.scope_key}"

    @property
    def age(self) -> tuple[int, int]:
        """Year and number: later ones are newer."""
        _, year, number = self.id.split("-")
        return int(year), int(number)

    def holds(self, at: datetime) -> bool:
        """Whether it is in force at an instant."""
        return self.state in IN_FORCE and self.starts <= at < self.ends

    def as_dict(self) -> dict[str, Any]:
        """The same as plain JSON values: times in ISO 8601 (UTC), the rate as text."""
        plain = asdict(self)
        return plain | {"rate": str(self.rate), "starts": written(self.starts), "ends": written(self.ends)}


def in_force(casebook: Casebook, at: datetime) -> list[Instruction]:
    """Instructions that hold at an instant (issued or acknowledged, begun and not ended), by id."""
    with casebook.read() as connection:
        return [one for one in standing(connection, at) if one.holds(at)]


def standing(connection: Connection, at: datetime) -> list[Instruction]:
    """Instructions that are issued or acknowledged and have not ended at an instant, begun or not, by id.

    They may be kept in memory for as long as the casebook's sequence stays: every move counts as a change.
    """
    return _rows(connection, select(Row.__table__).where(Row.state.in_(IN_FORCE), Row.ends > written(at)))


def instructions(
    casebook: Casebook,
    *,
    state: str | None = None,
    scope_kind: str | None = None,
    scope_key: str | None = None,
) -> list[Instruction]:
    """Instructions, the newest first: of one state, about one scope. BadInputError for an unknown state."""
    if state is not None and state not in STATES:
        raise BadInputError(f"{state!r} is no state: give one of {', '.join(STATES)}.")
    asked = select(Row.__table__)
    for column, value in ((Row.state, state), (Row.scope_kind, scope_kind), (Row.scope_key, scope_key)):
        if value is not None:
            asked = asked.where(column == value)
    with casebook.read() as connection:
        return sorted(_rows(connection, asked), key=lambda one: one.age, reverse=True)


def instruction(casebook: Casebook, identity: str) -> tuple[Instruction, list[dict[str, Any]]]:
    """One instruction and what was done with it, the earliest first; raises NotFoundError."""
    with casebook.read() as connection:
        return one_of(connection, identity), history_of(connection, identity)


def approve(casebook: Casebook, identity: str, *, by: str, why: str, at: datetime) -> Instruction:
    """Approve a draft; BadInputError where its author does, or where it is drafted no more."""
    by, why = named(by), said(why, "why", _LONGEST_WHY)
    with casebook.change(shown=False) as change:
        author = history_of(change.connection, one_of(change.connection, identity).id)[0]["by"]
        if same_person(author, by):
            raise BadInputError(f"{author} drafted {identity}: another person must approve it.")
        return _move(change, identity, "approved", by=by, why=why, at=at)


def issue(casebook: Casebook, identity: str, *, by: str, why: str, at: datetime) -> Instruction:
    """Issue what was approved: in force from now on, and on its way to the clearance system."""
    by, why = named(by), said(why, "why", _LONGEST_WHY)
    with casebook.change(shown=False) as change:
        one = _move(change, identity, "issued", by=by, why=why, at=at)
        approved = next(row for row in history_of(change.connection, identity) if row["change"] == "approved")
        message = {
            "type": "instruction.issued",
            "instruction": one.id,
            "scope": {"kind": one.scope_kind, "key": one.scope_key},
            "action": one.action,
            "rate": str(one.rate),
            "from": written(one.starts),
            "to": written(one.ends),
            "reason": one.reason,
            "finding": one.finding,
            "class": one.class_letter,
            "approved_by": approved["by"],
            "issued_by": by,
            "issued_at": written(at),
        }
        put(change, CHANNEL, one.subject, f"{one.id}.issue", message, at)
        return one


def withdraw(
    casebook: Casebook, identity: str, *, expected: str, by: str, why: str, at: datetime
) -> Instruction:
    """Withdraw an instruction that is in the state `expected`; one that was issued is withdrawn at the
    clearance system as well, after its issue. BadInputError where it is in another state by now."""
    by, why = named(by), said(why, "why", _LONGEST_WHY)
    with casebook.change(shown=False) as change:
        before = one_of(change.connection, identity)
        if before.state != expected:
            raise BadInputError(
                f"Instruction {identity} is {before.state}, not {expected}: look at it again."
            )
        one = _move(change, identity, "withdrawn", by=by, why=why, at=at)
        if before.state in IN_FORCE:
            message = {
                "type": "instruction.withdrawn",
                "instruction": one.id,
                "scope": {"kind": one.scope_kind, "key": one.scope_key},
                "reason": why,
                "withdrawn_by": by,
                "withdrawn_at": written(at),
            }
            put(change, CHANNEL, one.subject, f"{one.id}.withdrawal", message, at)
        return one


def expire(casebook: Casebook, at: datetime) -> list[str]:
    """Expire what has ended; gives the ids. Cheap where nothing has."""
    ended = select(Row.id).where(Row.state.in_(MOVES["expired"]), Row.ends <= written(at)).order_by(Row.id)
    with casebook.read() as connection:
        if connection.execute(ended.limit(1)).first() is None:
            return []
    with casebook.change(shown=False) as change:
        ids = list(change.connection.execute(ended).scalars())
        for identity in ids:
            _move(change, identity, "expired", by=ITSELF, why="Its end has come.", at=at)
    return ids


def answer(
    casebook: Casebook, identity: str, of: str, *, accepted: bool, by: str, why: str, at: datetime
) -> Instruction:
    """Keep what the receiver answers to an issue or a withdrawal; `why` may be empty where it accepts.

    The same answer given again changes nothing. NotFoundError for an unknown instruction, BadInputError where
    what is answered was never sent.
    """
    by = named(by)
    why = said(why, "why", _LONGEST_WHY) if why.strip() or not accepted else ""
    with casebook.change(shown=False) as change:
        return answered(change, identity, of, accepted=accepted, by=by, why=why, at=at)


def answered(
    change: Change, identity: str, of: str, *, accepted: bool, by: str, why: str, at: datetime
) -> Instruction:
    """The same as `answer` within a transaction, of a receiver whose texts are kept cut and masked."""
    one, history = one_of(change.connection, identity), history_of(change.connection, identity)
    done = {row["change"] for row in history}
    sent = {"issue": "issued", "withdrawal": "withdrawn"}.get(of)
    if sent is None:
        raise BadInputError(f"{of!r} is nothing that is answered: give one of {', '.join(ANSWERED)}.")
    if "issued" not in done or sent not in done:
        raise BadInputError(f"Instruction {identity} is {one.state}: no {of} of it was ever sent.")
    by, why = from_outside(by, 80) or "receiver", from_outside(why, _LONGEST_WHY)
    state = "acknowledged" if accepted else "refused"
    if (of == "issue" and state in done) or f"{of} {state}" in done:
        return one
    if of == "issue" and one.state == "issued":
        return _move(change, identity, state, by=by, why=why, at=at)
    # It comes too late to move anything, and is kept all the same.
    _remember(change, identity, f"{of} {state}", one.state, by, why, at)
    return one


def one_of(connection: Connection, identity: str) -> Instruction:
    """One instruction in an open transaction; raises NotFoundError."""
    found = _rows(connection, select(Row.__table__).where(Row.id == identity))
    if not found:
        raise NotFoundError(f"There is no instruction {identity}: `cluegraph instructions list` lists them.")
    return found[0]


def history_of(connection: Connection, identity: str) -> list[dict[str, Any]]:
    """What was done with an instruction, the earliest first: change, state after it, at, by, why."""
    table = InstructionHistory
    asked = select(table.change, table.state, table.at, table.by, table.why).where(
        table.instruction == identity
    )
    return [dict(row) for row in connection.execute(asked.order_by(table.number)).mappings()]


def keep_draft(change: Change, one: Instruction, by: str, at: datetime) -> Instruction:
    """Keep a new draft, which has no id yet; gives it with its id."""
    year = f"CI-{at.astimezone(LOCAL).year}-"
    ids = change.connection.execute(select(Row.id).where(Row.id.startswith(year))).scalars()
    identity = f"{year}{max((int(known.removeprefix(year)) for known in ids), default=0) + 1:05}"
    row = {**asdict(one), "id": identity, "starts": written(one.starts), "ends": written(one.ends)}
    row["rate_e6"] = int(row.pop("rate") * _RATE_PARTS)
    change.connection.execute(insert(Row), row)
    _remember(change, identity, "drafted", "drafted", by, one.reason, at)
    return one_of(change.connection, identity)


def _move(change: Change, identity: str, to: str, *, by: str, why: str, at: datetime) -> Instruction:
    one = one_of(change.connection, identity)
    if one.state not in MOVES[to]:
        raise BadInputError(
            f"Instruction {identity} is {one.state}: it can be {to} only while {' or '.join(MOVES[to])}."
        )
    if to in ("approved", "issued") and one.ends <= at:
        raise BadInputError(f"Instruction {identity} ended at {written(one.ends)}: draft a new one.")
    change.connection.execute(update(Row).where(Row.id == identity).values(state=to))
    _remember(change, identity, to, to, by, why, at)
    return one_of(change.connection, identity)


def _remember(change: Change, identity: str, what: str, state: str, by: str, why: str, at: datetime) -> None:
    row = {"instruction": identity, "number": len(history_of(change.connection, identity)) + 1}
    row |= {"change": what, "state": state, "at": written(at), "by": by, "why": why}
    change.connection.execute(insert(InstructionHistory), row)
    change.written += 1


def _rows(connection: Connection, asked: Select[Any]) -> list[Instruction]:
    return [_read(row) for row in connection.execute(asked.order_by(Row.id)).mappings()]


def _read(row: RowMapping) -> Instruction:
    values = dict(row)
    rate = Decimal(values.pop("rate_e6")) / _RATE_PARTS
    times = {name: instant(values[name]) for name in ("starts", "ends")}
    return Instruction(**{**values, **times, "rate": rate})
