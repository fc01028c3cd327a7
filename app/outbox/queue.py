"""The queue of each channel: who may attempt what now, and what became of it.

Both need the casebook's writer lock, so that they take turns, whichever process they are in.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    Connection,
    RowMapping,
    Select,
    delete,
    func,
    insert,
    literal,
    select,
    union_all,
    update,
)

from app.casebook.instants import written
from app.casebook.outbox_models import OutboxChannel, OutboxEntry
from app.casebook.store import Casebook, Change
from app.outbox.entries import Entry
from app.outbox.outcome import Outcome, Policy


@dataclass(frozen=True)
class Claim:
    """Entries that one deliverer holds until his lease ends; `token` proves it."""

    token: str
    entries: list[Entry]


def due_channels(casebook: Casebook, channels: Sequence[str], at: datetime) -> list[str]:
    """Those of the channels that something can be attempted on now, in order. One cheap read: an index is
    asked once for each channel, however much has gone out."""
    if not channels:
        return []
    asked = union_all(*(select(literal(channel).label("channel")) for channel in channels)).subquery()
    some = _due(at).where(OutboxEntry.channel == asked.c.channel).correlate(asked).exists()
    with casebook.read() as connection:
        ready = set(connection.execute(select(asked.c.channel).where(some)).scalars())
    return [channel for channel in channels if channel in ready]


def claim(casebook: Casebook, channel: str, at: datetime, policy: Policy) -> Claim:
    """Take what may be attempted on a channel now, at most `policy.parallel`; a channel that failed last
    gets one attempt."""
    token = secrets.token_hex(16)
    with casebook.change(shown=False) as change:
        fares = _fares(change.connection, channel)
        most = 1 if fares is not None and fares["failures"] else policy.parallel
        asked = _due(at).where(OutboxEntry.channel == channel).order_by(OutboxEntry.due, OutboxEntry.number)
        rows = change.connection.execute(asked.limit(most)).mappings().all()
        until = written(at + timedelta(seconds=policy.lease))
        taken = OutboxEntry.number.in_([row["number"] for row in rows])
        if rows:
            change.connection.execute(update(OutboxEntry).where(taken).values(due=until, claimed=token))
    names = ("number", "channel", "subject", "key", "payload", "attempts")
    return Claim(token, [Entry(**{name: row[name] for name in names}) for row in rows])


def settle(change: Change, entry: Entry, token: str, outcome: Outcome, at: datetime, policy: Policy) -> bool:
    """Keep what became of an attempt; False, and nothing kept, where another has taken it over since.

    A success or a refusal lets the next message of the subject go; a failure holds it back.
    """
    failures, now = entry.attempts + 1, written(at)
    one = (OutboxEntry.number == entry.number) & (OutboxEntry.claimed == token)
    values = {"attempts": failures, "claimed": None, "last_error": outcome.error and outcome.error[:300]}
    if outcome.kind == "failed":
        values["due"] = written(at + policy.wait(failures, outcome.wait))
    else:
        values |= {"due": None, "settled_at": now, "state": outcome.kind}
    kept = change.connection.execute(
        update(OutboxEntry).where(one, OutboxEntry.state == "waiting").values(values)
    )
    if kept.rowcount == 0:
        return False
    if outcome.kind != "failed":
        release(change, entry.channel, entry.subject, at)
    _keep_channel(change, entry.channel, outcome, at, policy)
    return True


def release(change: Change, channel: str, subject: str, at: datetime) -> None:
    """Make the first message that waits of a subject due."""
    waiting = (
        OutboxEntry.channel == channel,
        OutboxEntry.subject == subject,
        OutboxEntry.state == "waiting",
    )
    first = select(func.min(OutboxEntry.number)).where(*waiting).scalar_subquery()
    change.connection.execute(
        update(OutboxEntry)
        .where(OutboxEntry.number == first, OutboxEntry.due.is_(None))
        .values(due=written(at))
    )


def _due(at: datetime) -> Select[tuple[OutboxEntry]]:
    now = written(at)
    blocked = (
        select(OutboxChannel.channel)
        .where(OutboxChannel.channel == OutboxEntry.channel, OutboxChannel.not_before > now)
        .exists()
    )
    return select(OutboxEntry.__table__).where(OutboxEntry.due <= now, ~blocked)


def _fares(connection: Connection, channel: str) -> RowMapping | None:
    asked = select(OutboxChannel.__table__).where(OutboxChannel.channel == channel)
    return connection.execute(asked).mappings().first()


def _keep_channel(change: Change, channel: str, outcome: Outcome, at: datetime, policy: Policy) -> None:
    before, now = _fares(change.connection, channel), written(at)
    failed = 0 if before is None else int(before["failures"])
    if outcome.kind != "failed":
        if failed:
            reset(change, channel)
        return
    waiting = before is not None and before["not_before"] is not None and before["not_before"] > now
    failures = failed + (not waiting)  # those that were under way at once fail once
    row = {
        "channel": channel,
        "failures": failures,
        "failing_since": before["failing_since"] if before is not None and failed else now,
        "not_before": written(at + policy.wait(failures, outcome.wait)) if outcome.unreachable else None,
        "last_error": outcome.error and outcome.error[:300],
    }
    _put_channel(change, row)


def reset(change: Change, channel: str) -> None:
    """Forget that a channel failed: it is attempted at once again."""
    row = dict.fromkeys(("failing_since", "not_before", "last_error"))
    _put_channel(change, {"channel": channel, "failures": 0, **row})


def _put_channel(change: Change, row: dict[str, object]) -> None:
    # Not by `change.put`: how attempts fare is no change of what was found and decided.
    change.connection.execute(delete(OutboxChannel).where(OutboxChannel.channel == row["channel"]))
    change.connection.execute(insert(OutboxChannel), row)
