"""What was handed over, to whom and when, and what came of it."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select

from app.casebook.handover_models import OUTCOMES, Handover, HandoverItem, HandoverOutcome
from app.casebook.store import Casebook
from app.clues.handover import batch_id, checked_name, checked_recipient
from app.errors import BadInputError, NotFoundError
from app.masking import refuse_numbers_of_persons

_LONGEST_REASON = 1000
_MOVES: dict[str | None, tuple[str, ...]] = {
    None: OUTCOMES,
    "taken up": ("case opened", "not pursued", "returned"),
    "case opened": ("not pursued", "returned"),
    "not pursued": ("taken up",),
    "returned": ("taken up",),
}
"""Outcome → those that may follow it."""
_WITH_REASON = ("not pursued", "returned")

Row = dict[str, Any]


def handovers(casebook: Casebook, recipient: str | None = None) -> list[Row]:
    """Every batch, the newest first, of all recipients or of one: when, where, how many clues, outcomes."""
    if recipient is not None:
        checked_recipient(recipient)
    table = Handover.__table__
    query = select(table).order_by(table.c.prepared_at.desc(), table.c.recipient, table.c.number.desc())
    if recipient is not None:
        query = query.where(table.c.recipient == recipient)
    with casebook.read() as connection:
        told = _outcomes(connection)
        rows = [dict(row) for row in connection.execute(query).mappings()]
    return [_told(row, told.get((row["recipient"], row["number"]), {})) for row in rows]


def handover(casebook: Casebook, identity: str) -> Row:
    """One batch with its clues and all that was told of each; raises NotFoundError."""
    with casebook.read() as connection:
        return _whole(connection, _one(connection, identity))


def tell_outcome(
    casebook: Casebook,
    identity: str,
    outcome: str,
    *,
    findings: Sequence[str] = (),
    reason: str = "",
    by: str,
    at: datetime,
    expected: str | None = None,
) -> Row:
    """Keep what the recipient did with the clues of a batch: all of them, or these findings; gives the batch.

    `expected` is the outcome that whoever tells it saw ("" for none): where it is another by now, nothing
    changes. Raises NotFoundError for an unknown batch or a finding that is not in it, BadInputError for an
    unknown outcome, one that cannot follow, one without the reason that it needs, or a batch not yet out.
    """
    who, why = checked_name(by), reason.strip()
    _check(outcome, why)
    with casebook.change(shown=False) as change:
        row = _one(change.connection, identity)
        if row["handed_at"] is None:
            raise BadInputError(f"{identity} is not handed over yet: the next run finishes it.")
        told = _outcomes(change.connection, row).get((row["recipient"], row["number"]), {})
        clues = {clue["finding"] for clue in orjson.loads(row["about"])["handover"]["clues"]}
        for finding in findings:
            if finding not in clues:
                raise NotFoundError(f"{identity} holds no clue {finding!r}: `handovers show` lists them.")
        for finding in sorted(set(findings or clues)):
            earlier = told.get(finding, [])
            before = earlier[-1]["outcome"] if earlier else None
            if expected is not None and (before or "") != expected:
                raise BadInputError(
                    f"The outcome of {finding} is {before or 'not told yet'} by now: look again."
                )
            if outcome not in _MOVES[before]:
                raise BadInputError(
                    f"The outcome of {finding} is {before!r}: {outcome!r} cannot follow "
                    f"({', '.join(_MOVES[before])})."
                )
            change.connection.execute(
                insert(HandoverOutcome),
                {
                    **{name: row[name] for name in ("recipient", "number")},
                    "finding": finding,
                    "place": len(earlier) + 1,
                    "outcome": outcome,
                    "reason": why,
                    "told_by": who,
                    "told_at": at.astimezone(UTC).isoformat(timespec="seconds"),
                },
            )
        return _whole(change.connection, row)


def _check(outcome: str, reason: str) -> None:
    if outcome not in OUTCOMES:
        raise BadInputError(f"{outcome!r} is no outcome: give one of {', '.join(OUTCOMES)}.")
    if outcome in _WITH_REASON and not reason:
        raise BadInputError(f"The outcome {outcome!r} needs a reason.")
    if len(reason) > _LONGEST_REASON:
        raise BadInputError(f"A reason has at most {_LONGEST_REASON} characters.")
    refuse_numbers_of_persons(reason)


def _one(connection: Connection, identity: str) -> Row:
    recipient, _, number = identity.rpartition("-")
    table = Handover.__table__
    known = number.isascii() and number.isdigit() and len(number) < 10 and recipient
    query = select(table).where(
        table.c.recipient == recipient, table.c.number == (int(number) if known else 0)
    )
    row = connection.execute(query).mappings().first()
    if row is None or batch_id(recipient, row["number"]) != identity:
        raise NotFoundError("There is no such handover: 'cluegraph handovers list' lists them.")
    return dict(row)


def _whole(connection: Connection, row: Row) -> Row:
    """A batch with its clues: finding, change, rule, severity and subject as handed over, outcomes."""
    told = _outcomes(connection, row).get((row["recipient"], row["number"]), {})
    item = HandoverItem.__table__.c
    query = select(item.finding, item.change, item.content).where(
        item.recipient == row["recipient"], item.number == row["number"]
    )
    items = []
    for one in connection.execute(query.order_by(item.finding)):
        content = orjson.loads(one.content)
        words = {name: content[name] for name in ("rule", "severity", "subject")}
        items.append(
            {"finding": one.finding, "change": one.change, **words, "outcomes": told.get(one.finding, [])}
        )
    return {**_told(row, told), "items": items}


def _outcomes(
    connection: Connection, batch: Row | None = None
) -> dict[tuple[str, int], dict[str, list[Row]]]:
    """Batch (recipient, number) → finding → what was told of it, the earliest first; of all, or of one."""
    table = HandoverOutcome.__table__
    query = select(table).order_by(table.c.place)
    if batch is not None:
        query = query.where(table.c.recipient == batch["recipient"], table.c.number == batch["number"])
    told: dict[tuple[str, int], dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for one in connection.execute(query).mappings():
        kept = {"outcome": one["outcome"], "reason": one["reason"]}
        told[one["recipient"], one["number"]][one["finding"]].append(
            {**kept, "by": one["told_by"], "at": one["told_at"]}
        )
    return told


def _told(row: Row, outcomes: Mapping[str, list[Row]]) -> Row:
    about = orjson.loads(row["about"])
    clues = about["handover"]["clues"]
    latest = Counter(of[-1]["outcome"] for of in outcomes.values())
    latest["not told yet"] = len(clues) - latest.total()
    return {
        "id": batch_id(row["recipient"], row["number"]),
        "recipient": row["recipient"],
        "number": row["number"],
        "state": "not finished" if row["handed_at"] is None else "handed over",
        "severity": row["severity"],
        "ledger_version": about["versions"]["ledger"],
        "folder": row["folder"],
        "by": row["prepared_by"],
        "prepared_at": row["prepared_at"],
        "handed_at": row["handed_at"],
        "sha256": row["sha256"],
        "clues": dict(sorted(Counter(clue["change"] for clue in clues).items())),
        "outcomes": {name: count for name, count in sorted(latest.items()) if count},
    }
