"""Emergency adjustments of classes: at once, by an event of the table or by a person, until a day."""

import hashlib
from base64 import b32encode
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import select, update

from app.casebook.canonical import canonical
from app.casebook.class_models import ClassAdjustment
from app.casebook.store import Casebook, Change
from app.detection.significance import jeffreys, poisson_tail
from app.detection.tally import Tallies
from app.errors import BadInputError, NotFoundError
from app.masking import refuse_numbers_of_persons
from app.supervision.class_history import letter_of, records, refresh
from app.supervision.classes import needed
from app.supervision.credit import better
from app.supervision.events import FACTS, LONGEST, Event, EventTable, events_on
from app.supervision.indicators import SOURCES, column_of
from app.supervision.measures import sql
from app.supervision.suspicions import rank_of, suspicions
from loaders.ledger.ledger import Ledger
from loaders.projection.schema import read_sql

Row = dict[str, Any]
BY_EVENT = "table of events"
_INTERVAL = 0.95


@dataclass(frozen=True)
class Trigger:
    """An event that happened to an enterprise: the facts behind it, sorted, and the numbers in words."""

    event: Event
    code: str
    evidence: tuple[str, ...]
    told: str


@dataclass
class _Facts:
    """Facts of one enterprise: those that count, how many could have, and what came before."""

    counted: set[str] = field(default_factory=set)
    looked_at: set[str] = field(default_factory=set)
    before: set[str] = field(default_factory=set)


def firm(ledger: Ledger, code: str) -> str:
    """The code that stands for an enterprise; NotFoundError where neither sale nor register names it."""
    statement = sql("known_firm").replace("<CODE_MAP>", read_sql("code_map.sql"))
    with ledger.connect() as connection:
        found = connection.execute(statement, {"code": code.strip()}).fetchall()
    if not found:
        raise NotFoundError(f"There is no enterprise {code} in the ledger or its register.")
    return str(found[0][0])


def adjust(
    ledger: Ledger,
    casebook: Casebook,
    code: str,
    to: str,
    *,
    on: date,
    until: date,
    reason: str,
    evidence: Sequence[str],
    by: str,
) -> Row:
    """Set the class of an enterprise at once, by a person, from `on` to `until`, both included.

    `evidence` are ids of findings, sales or external rows. The same decision made again is not written again.
    Raises NotFoundError for an unknown enterprise, BadInputError for a class that there is not or that the
    official credit class does not allow, an expiry before the beginning or too far off, no reason, evidence
    or name, or a number of a person in them.
    """
    to = letter_of(to)
    code = firm(ledger, code)
    by, reason = needed(by, "who decides", 80), needed(reason, "why", 2000)
    refuse_numbers_of_persons(by, reason)
    told = sorted({needed(one, "what the evidence is", 200) for one in evidence})
    if not told:
        raise BadInputError("Name the evidence: ids of findings, sales or external rows.")
    if until < on:
        raise BadInputError(f"The adjustment would end on {until}, before it begins on {on}.")
    if (until - on).days >= LONGEST:
        raise BadInputError(f"The adjustment would hold until {until}: give an expiry within {LONGEST} days.")
    with casebook.change() as change:
        record = records(change.connection, [code]).get(code)
        rated = record and record.rated(on)
        if rated and rated["at_best"] and better(to, rated["at_best"]):
            raise BadInputError(
                f"{code} cannot be {to}: its official credit class {rated['credit_class']} "
                f"allows {rated['at_best']} at best."
            )
        row = _row(code, to, on, until, None, None, reason, told, by)
        _keep(change, [row])
        refresh(change, on)
    return row


def end(casebook: Casebook, code: str, *, on: date, by: str, reason: str) -> list[str]:
    """End all adjustments of an enterprise that hold on a day: from that day on they do not. Gives their ids.

    Raises NotFoundError where none holds, BadInputError where name or reason is missing, or where a person
    ended one before: what was decided is not decided anew.
    """
    by, reason = needed(by, "who decides", 80), needed(reason, "why", 2000)
    refuse_numbers_of_persons(by, reason)
    with casebook.change() as change:
        record = records(change.connection, [code]).get(code)
        holding = [] if record is None else record.in_force(on)
        if not holding:
            raise NotFoundError(f"No adjustment of enterprise {code} holds on {on}.")
        ended = [row["ended_on"] for row in holding if row["ended_on"] is not None]
        if ended:
            raise BadInputError(f"An adjustment of {code} was ended on {ended[0]} already, not on {on}.")
        held = [row["id"] for row in holding]
        values = {"ended_on": on, "ended_by": by, "ended_why": reason}
        change.connection.execute(update(ClassAdjustment).where(ClassAdjustment.id.in_(held)).values(values))
        change.written += len(held)
        refresh(change, on)
    return held


def apply_events(
    ledger: Ledger, casebook: Casebook, *, on: date, table: Path | None = None
) -> dict[str, Any]:
    """Adjust whoever an event of the table happened to by a day, and bring the graph's classes to that day.

    Facts that an adjustment named before act no more, so that repeating it changes nothing.
    """
    events = events_on(on, table)
    with casebook.change() as change:
        used = _used(change)
        triggers = _triggers(ledger, casebook, events, on, used)
        rows = [_by_event(one, events.version, on) for one in triggers]
        _keep(change, rows)
        refresh(change, on)
    return {"on": on, "version": events.version, "applied": [_told(row) for row in rows]}


def _by_event(one: Trigger, version: str, on: date) -> Row:
    title, until = one.event.title, on + timedelta(days=one.event.days - 1)
    reason = f"{title.en} ({title.zh}): {one.told}."
    return _row(one.code, one.event.to, on, until, one.event.id, version, reason, one.evidence, BY_EVENT)


def _triggers(
    ledger: Ledger, casebook: Casebook, table: EventTable, on: date, used: set[tuple[str, str, str]]
) -> list[Trigger]:
    found: list[Trigger] = []
    about = suspicions(casebook).about
    with ledger.connect() as connection:
        # The window of the event that looks back farthest holds those of all others.
        longest = max((event.within_days + (event.before_days or 0) for event in table.events), default=1)
        tallies = Tallies(connection, since=on - timedelta(days=longest), until=on)
        for event in table.events:
            if event.finding is not None:
                for code, told in about.items():
                    new = sorted(
                        one.finding
                        for one in told
                        if one.rule == event.finding
                        and one.rank >= rank_of(event.severity or "info")
                        and (event.id, code, one.finding) not in used
                    )
                    if len(new) >= event.at_least:
                        found.append(Trigger(event, code, tuple(new), f"finding {', '.join(new)}"))
            else:
                found += _of_facts(tallies, event, on, used)
    return sorted(found, key=lambda one: (one.code, one.event.id))


def _of_facts(tallies: Tallies, event: Event, on: date, used: set[tuple[str, str, str]]) -> Iterable[Trigger]:
    since = on - timedelta(days=event.within_days)
    sales: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    facts: dict[str, _Facts] = defaultdict(_Facts)
    for role in event.roles:
        for row in tallies.query(_statement(event, role, "event_sales"), {"since": since}).to_pylist():
            now, before = sales[row["code"]]
            sales[row["code"]] = now + row["now"], before + row["before"]
        earliest = since - timedelta(days=event.before_days or 0)
        tallies.keep(FACTS[event.fact or ""][0])
        rows = tallies.query(_statement(event, role, "event_facts"), {"since": earliest}).to_pylist()
        for row in rows:
            own = facts[row["code"]]
            if row["day"] <= since:
                own.before |= {row["id"]} if row["counts"] else set()
                continue
            if (event.id, row["code"], row["id"]) in used:
                continue
            own.looked_at.add(row["id"])
            own.counted |= {row["id"]} if row["counts"] else set()
    for code, own in sorted(facts.items()):
        told = _happened(event, own, *sales[code])
        if told is not None:
            yield Trigger(event, code, tuple(sorted(own.counted)), told)


def _happened(event: Event, own: _Facts, sales: int, sales_before: int) -> str | None:
    """The numbers in words, if the facts are an event; None if they are not."""
    count, looked_at = len(own.counted), len(own.looked_at)
    if count < event.at_least:
        return None
    told = f"{count} within {event.within_days} days"
    if event.share is not None:
        low = float(jeffreys(count, looked_at, level=_INTERVAL)[0])
        if low < event.share:
            return None
        told += f", of {looked_at}; the share is at least {low:.1%}"
    if event.level is not None:
        # Half a report more than was seen: a rate of none would make anything a burst.
        expected = (len(own.before) + 0.5) * max(sales, 1) / max(sales_before, 1)
        p = float(poisson_tail(count, expected))
        if p > event.level:
            return None
        told += f", where {expected:.3g} were to be expected (p {p:.2g})"
    return told


def _statement(event: Event, role: str, name: str) -> str:
    source, flag = FACTS[event.fact or ""]
    identity, day, _ = SOURCES[source]
    parts = {"COLUMN": column_of(role), "IDENTITY": identity, "DAY": day, "FLAG": flag, "SOURCE": source}
    statement = sql(name)
    for part, text in parts.items():
        statement = statement.replace(f"<{part}>", text)
    return statement


def _used(change: Change) -> set[tuple[str, str, str]]:
    """(event, code, id) of every fact that acted already."""
    query = select(ClassAdjustment.event, ClassAdjustment.code, ClassAdjustment.evidence)
    rows = change.connection.execute(query.where(ClassAdjustment.event.is_not(None)))
    return {(str(event), code, one) for event, code, told in rows for one in orjson.loads(told)}


def _row(
    code: str, to: str, since: date, until: date, event: str | None, version: str | None, reason: str,
    evidence: Sequence[str], by: str,
) -> Row:  # fmt: skip
    told = canonical(list(evidence))
    parts = [code, to, str(since), str(until), event or "", reason, told, by]
    digest = hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16, person=b"cg:adjust").digest()
    return {
        "id": b32encode(digest).decode().rstrip("=").lower(),
        "code": code,
        "letter": to,
        "since": since,
        "until": until,
        "event": event,
        "event_version": version,
        "reason": reason,
        "evidence": told,
        "made_by": by,
    }


def _keep(change: Change, rows: list[Row]) -> None:
    """Write those that are not there yet; one that is there, ended or not, stays as it is."""
    wanted = [row["id"] for row in rows]
    query = select(ClassAdjustment.id).where(ClassAdjustment.id.in_(wanted))
    known = set(change.connection.execute(query).scalars())
    fresh = [
        row | dict.fromkeys(("ended_on", "ended_by", "ended_why")) for row in rows if row["id"] not in known
    ]
    if fresh:
        change.put(ClassAdjustment, fresh)


def _told(row: Row) -> Row:
    names = ("id", "code", "since", "until", "event", "reason")
    return {name: row[name] for name in names} | {
        "class": row["letter"],
        "evidence": orjson.loads(row["evidence"]),
    }
