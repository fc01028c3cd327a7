"""Which clues a recipient has not heard of yet, or not as they stand now."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from sqlalchemy import Connection, func, select

from app.casebook.findings import FindingRecord, materially_changed, read_findings
from app.casebook.handover_models import HandoverItem
from app.casebook.models import MATURITIES, SEVERITIES

_REFUTED = "false alarm"


@dataclass(frozen=True)
class DueClue:
    """A finding that a recipient is to hear of, and why: new, changed or withdrawn."""

    finding: FindingRecord
    change: str


def due_clues(connection: Connection, recipient: str, severity: str, on: date) -> list[DueClue]:
    """What is due for a recipient on a day, the gravest first.

    `new`: of this severity or graver and never handed to them. `changed`: materially other than when it was
    handed to them last, or there again. `withdrawn`: handed to them, and no longer shown by the data, found
    by no live rule, or a false alarm. What is snoozed waits for its day.
    """
    last = _last_items(connection, recipient)
    due = []
    for finding, live in _findings(connection, set(last)):
        change = _change(finding, live, last.get(finding.id), SEVERITIES.index(severity), on)
        if change is not None:
            due.append(DueClue(finding, change))
    return due


def _findings(connection: Connection, told: set[str]) -> Iterator[tuple[FindingRecord, bool]]:
    """Every finding of a live rule; and of others, those that were handed over when the rule was live."""
    for maturity in reversed(MATURITIES):
        live = maturity == "live"
        for finding in read_findings(connection, present=None, maturity=maturity):
            if live or finding.id in told:
                yield finding, live


def _last_items(connection: Connection, recipient: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """Finding → (change, content) of the latest batch that held it."""
    item = HandoverItem.__table__.c
    latest = (
        select(item.finding, func.max(item.number).label("number"))
        .where(item.recipient == recipient)
        .group_by(item.finding)
        .subquery()
    )
    query = select(item.finding, item.change, item.content).join(
        latest, (latest.c.finding == item.finding) & (latest.c.number == item.number)
    )
    rows = connection.execute(query.where(item.recipient == recipient))
    return {row.finding: (row.change, orjson.loads(row.content)) for row in rows}


def _change(
    now: FindingRecord, live: bool, last: tuple[str, dict[str, Any]] | None, least: int, on: date
) -> str | None:
    holds_for_them = last is not None and last[0] != "withdrawn"
    if not live or not now.present or now.decision == _REFUTED:
        return "withdrawn" if holds_for_them else None
    if SEVERITIES.index(now.severity) < least or (now.snoozed_until is not None and on < now.snoozed_until):
        return None
    if last is None:
        return "new"
    return "changed" if not holds_for_them or materially_changed(last[1], now.as_dict()) else None
