"""Protections as they are read: each with its history, and the days on which identities are protected."""

from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, select

from app.casebook.protection_models import Protection, ProtectionHistory

OPEN_END = date(9999, 12, 31)
"""Last day of a protection that has none."""

PERIODS = pa.schema(
    [("key", pa.string()), ("level", pa.string()), ("since", pa.date32()), ("until", pa.date32())]
)


@dataclass(frozen=True)
class ProtectionRecord:
    """One protection: `until` is its last day (None: open), `lifted` the first day on which it no longer
    holds; `history` has what was done, the earliest first."""

    number: int
    consumer: str
    level: str
    since: date
    until: date | None
    lifted: date | None
    history: list[dict[str, Any]]

    @property
    def last_day(self) -> date:
        """The last day on which it holds; the day before `since` where it was lifted before it began."""
        end = self.until or OPEN_END
        return end if self.lifted is None else min(end, max(self.lifted, self.since) - timedelta(1))

    def holds(self, day: date) -> bool:
        """Whether it holds on a day."""
        return self.since <= day <= self.last_day

    def as_dict(self) -> dict[str, Any]:
        """The same as plain JSON values (dates as ISO text)."""
        plain = asdict(self)
        for row in (plain, *plain["history"]):
            row.update({name: value.isoformat() for name, value in row.items() if isinstance(value, date)})
        return plain


def read_protections(
    connection: Connection, *, consumer: str | None = None, number: int | None = None
) -> list[ProtectionRecord]:
    """Protections of all identities, of one (by key), or the one of a number, in order of their numbers."""
    query = select(Protection.__table__).order_by(Protection.number)
    if consumer is not None:
        query = query.where(Protection.consumer == consumer)
    if number is not None:
        # A number beyond what the casebook's column can hold is that of none.
        query = query.where(Protection.number == (number if 0 < number < 1 << 31 else 0))
    rows = connection.execute(query).mappings().all()
    events = select(ProtectionHistory.__table__).order_by(
        ProtectionHistory.protection, ProtectionHistory.number
    )
    history: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for event in connection.execute(events).mappings():
        kept = ("change", "on", "until", "lifted", "why", "by")
        history[event["protection"]].append({name: event[name] for name in kept})
    return [ProtectionRecord(**row, history=history[row["number"]]) for row in rows]


def periods(connection: Connection) -> pa.Table:
    """Columns of PERIODS: the days (both included) on which identities are or were protected."""
    held = [one for one in read_protections(connection) if one.last_day >= one.since]
    rows = [
        {"key": one.consumer, "level": one.level, "since": one.since, "until": one.last_day} for one in held
    ]
    return pa.Table.from_pylist(rows, schema=PERIODS)


def properties(connection: Connection) -> dict[str, dict[str, list[str]]]:
    """What the graph is told, by key: `watched_from`, `watched_to`, `locked_from`, `locked_to`, ISO days in
    lists of equal length."""
    told: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for row in periods(connection).to_pylist():
        of = told[row["key"]]
        of.setdefault(f"{row['level']}_from", []).append(row["since"].isoformat())
        of.setdefault(f"{row['level']}_to", []).append(row["until"].isoformat())
    return dict(told)
