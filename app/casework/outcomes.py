"""What became of findings: decisions of people, each kept, beside what the machine says.

A decision changes the status of a finding and who has to look at it, never what a rule is given: rules do not
match findings, so a second detection finds the same whatever was decided.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Connection, select, update

from app.casebook.findings import FindingRecord
from app.casebook.models import DECISIONS, Finding
from app.casebook.rule_life_models import FindingDecision
from app.casebook.store import Casebook
from app.casework.said import checked, plain_day
from app.errors import BadInputError, NotFoundError

Row = dict[str, Any]


def decide(
    casebook: Casebook,
    identity: str,
    decision: str,
    *,
    expected: str,
    why: str,
    by: str,
    on: date,
    snoozed_until: date | None = None,
) -> Row:
    """Record on a day what became of a finding; gives the entry of its history.

    `expected` is the decision that whoever decides has before him: where it is another by now, somebody else
    was faster, and nothing is written. What changes in the finding is told from what is shown now. Raises
    NotFoundError for an unknown finding; BadInputError for an unknown decision, one that stands already, a
    snooze without a day after `on`, a day without a snooze, and as `checked` does.
    """
    for one in (decision, expected):
        if one not in DECISIONS:
            raise BadInputError(f"{one!r} is no decision: give one of {', '.join(DECISIONS)}.")
    if (decision == "snoozed") != (snoozed_until is not None):
        raise BadInputError("A snooze needs the day it ends, and only a snooze has one.")
    if snoozed_until is not None and snoozed_until <= on:
        raise BadInputError(f"A snooze ends after today ({on}), not on {snoozed_until}.")
    told = checked(by, why)
    with casebook.change() as change:
        row = _finding(change.connection, identity)
        if row["decision"] != expected:
            raise BadInputError(
                f"Finding {identity} is {row['decision']!r} by now, not {expected!r}: look at it again."
            )
        if (decision, snoozed_until) == (row["decision"], row["snoozed_until"]):
            raise BadInputError(f"Finding {identity} is {decision!r} already.")
        kept = decisions(change.connection, identity)
        entry = {
            "finding": identity,
            "number": len(kept) + 1,
            "casebook_seq": change.seq,
            "former": expected,
            "decision": decision,
            "snoozed_until": snoozed_until,
            "rule_version": row["rule_version"],
            "ledger_version": row["ledger_version"],
            "on": on,
            **told,
        }
        change.put(FindingDecision, [entry], finding=identity)
        values = {"decision": decision, "snoozed_until": snoozed_until, "baseline": row["result"]}
        change.connection.execute(update(Finding).where(Finding.id == identity).values(values))
    return _plain(entry)


def history(casebook: Casebook, identity: str) -> list[Row]:
    """Every decision on a finding, the earliest first; raises NotFoundError."""
    with casebook.read() as connection:
        _finding(connection, identity)
        return decisions(connection, identity)


def decisions(connection: Connection, identity: str) -> list[Row]:
    """Every decision on a finding as plain values, the earliest first."""
    query = select(FindingDecision.__table__).where(FindingDecision.finding == identity)
    rows = connection.execute(query.order_by(FindingDecision.number)).mappings()
    return [_plain(dict(row)) for row in rows]


def waits(finding: FindingRecord, on: date) -> bool:
    """Whether somebody should look at a finding: it is open, or a snooze has ended or been overtaken."""
    if finding.decision == "snoozed":
        ended = finding.snoozed_until is not None and finding.snoozed_until <= on
        return ended or finding.materially_changed
    return finding.decision == "open"


def of_decision(found: Iterable[FindingRecord], decision: str, on: date) -> list[FindingRecord]:
    """Findings of a decision, in their order; those that are `open` are those that wait (`waits`).

    Raises BadInputError for an unknown decision.
    """
    if decision not in DECISIONS:
        raise BadInputError(f"{decision!r} is no decision: give one of {', '.join(DECISIONS)}.")
    if decision == "open":
        return [one for one in found if waits(one, on)]
    return [one for one in found if one.decision == decision and not waits(one, on)]


def _finding(connection: Connection, identity: str) -> Row:
    columns = (
        Finding.decision, Finding.snoozed_until, Finding.rule_version, Finding.ledger_version, Finding.result
    )  # fmt: skip
    known = select(*columns).where(Finding.id == identity, Finding.maturity == "live")
    row = connection.execute(known).mappings().first()
    if row is None:
        raise NotFoundError(f"There is no finding {identity!r}: 'cluegraph findings' lists them.")
    return dict(row)


def _plain(entry: Row) -> Row:
    days = {name: plain_day(entry[name]) for name in ("on", "snoozed_until")}
    return {**entry, **days}
