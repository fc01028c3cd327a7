"""Drafts of control instructions: by a person's decision, from a finding, or from an enterprise's class."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

from app.casebook.findings import read_findings
from app.casebook.instruction_models import SCOPES
from app.casebook.store import Casebook
from app.errors import BadInputError, NotFoundError
from app.local_time import LOCAL
from app.supervision.class_history import history_of
from app.supervision.events import LONGEST
from app.supervision.instructions import Instruction, keep_draft
from app.supervision.lanes import LANES, gravest
from app.supervision.measure_table import MEASURES, measures_on
from app.supervision.persons import named, said

SCOPE_OF: Final = {
    "Platform": "platform",
    "Merchant": "merchant",
    "Agent": "agent",
    "Consumer": "consumer",
    "Address": "address",
}
"""Kind of a finding's subject → kind of the scope that it fills in."""
_ENTERPRISE = re.compile(r"[0-9A-Z]{10}|[0-9A-Z]{18}")
_PERSON = re.compile(r"[a-z2-7]{32}")
_GOODS = re.compile(r"[0-9]{2,10}")
_KEYS: Final[Mapping[str, tuple[re.Pattern[str], str]]] = {
    **dict.fromkeys(("platform", "merchant", "agent"), (_ENTERPRISE, "a code of 10 or 18 characters")),
    **dict.fromkeys(("consumer", "address"), (_PERSON, "a key, as `cluegraph key` makes it")),
    "goods": (_GOODS, "the first 2 to 10 digits of an HS code"),
}
_LONGEST_REASON = 2000
_SMALLEST_RATE = Decimal("0.000001")


@dataclass(frozen=True)
class Wanted:
    """What is to be drafted: a lane and the share (0 to 1; all where left out) of the scope's declarations
    that take it, between two aware instants.

    Scope and reason may be left out where a finding tells them, lane, rate and reason where a class does.
    """

    starts: datetime
    ends: datetime
    action: str | None = None
    rate: Decimal | str | None = None
    scope_kind: str | None = None
    scope_key: str | None = None
    reason: str | None = None


def draft(
    casebook: Casebook,
    wanted: Wanted,
    *,
    by: str,
    at: datetime,
    finding: str | None = None,
    by_class: bool = False,
    measures: Path | None = None,
) -> Instruction:
    """Keep a draft made at `at`: by a person's decision, from a finding, or from the class that a platform,
    merchant or agent has on that day, and its measures (`measures`: a table of one's own).

    Raises BadInputError for an unknown kind of scope or lane, a key that has not the form of its kind, a rate
    outside 0 to 1, a period that is none or has ended or begins before the day in Shanghai on which it is
    drafted, a scope that the finding is not about, no reason or name, or a number of a person in them;
    NotFoundError for an unknown finding, and an enterprise without a class.
    """
    if finding is not None and by_class:
        raise BadInputError("An instruction comes from a finding or from a class, not from both.")
    letter = None
    if finding is not None:
        wanted = _from_finding(casebook, finding, wanted)
    if wanted.scope_kind is None or wanted.scope_key is None:
        raise BadInputError("Name the scope: its kind and its key; or a finding alone.")
    kind, key = wanted.scope_kind, scope_key_of(wanted.scope_kind, wanted.scope_key)
    if by_class:
        letter, wanted = _from_class(casebook, kind, key, wanted, at.astimezone(LOCAL).date(), measures)
    _check_period(wanted.starts, wanted.ends, at)
    one = Instruction(
        id="",
        scope_kind=kind,
        scope_key=key,
        action=_lane(wanted.action),
        rate=rate_of("1" if wanted.rate is None else wanted.rate),
        starts=wanted.starts,
        ends=wanted.ends,
        reason=said(wanted.reason or "", "why", _LONGEST_REASON),
        source="finding" if finding is not None else "class" if by_class else "person",
        finding=finding,
        class_letter=letter,
        state="drafted",
    )
    by = named(by)
    with casebook.change(shown=False) as change:
        return keep_draft(change, one, by, at)


def _from_finding(casebook: Casebook, finding: str, wanted: Wanted) -> Wanted:
    """What is wanted with scope and reason of a finding, where they were left out."""
    with casebook.read() as connection:
        rows = read_findings(connection, identity=finding)
    if not rows:
        raise NotFoundError(f"There is no finding {finding!r}: `cluegraph findings` lists them.")
    (found,) = rows
    kind, key = wanted.scope_kind, wanted.scope_key
    if kind is None and key is None:
        if found.subject["kind"] not in SCOPE_OF:
            what = "name one of its members as the scope" if found.members else "draft without the finding"
            raise BadInputError(
                f"The finding {finding} is about a {found.subject['kind']}, which no instruction is about: "
                f"{what}."
            )
        kind, key = SCOPE_OF[found.subject["kind"]], found.subject["key"]
    elif kind is not None and key is not None and kind != "goods":
        about = {part["key"] for part in (found.subject, *found.members)}
        if scope_key_of(kind, key) not in about:
            raise BadInputError(f"The finding {finding} is not about that {kind}: leave the finding out.")
    told = f"{found.reason['en']} {found.reason['zh']}"[:_LONGEST_REASON]
    return replace(wanted, scope_kind=kind, scope_key=key, reason=wanted.reason or told)


def _from_class(
    casebook: Casebook, kind: str, code: str, wanted: Wanted, day: date, measures: Path | None
) -> tuple[str, Wanted]:
    """The class of an enterprise on a day, and what is wanted with lane, rate and reason of its measures,
    where they were left out: the gravest lane that has a rate, and that rate."""
    if kind not in ("platform", "merchant", "agent"):
        raise BadInputError(f"Of the kind {kind} nothing has a class: platforms, merchants and agents have.")
    state = history_of(casebook, code, day)["state"]
    if state is None:
        raise NotFoundError(f"Enterprise {code} has no class on {day}.")
    table = measures_on(day, measures)
    measure = table.of(state["class"])
    rates = {lane: measure.rate(name) for name, lane in MEASURES.items()}
    action = wanted.action or gravest([lane for lane, rate in rates.items() if rate])
    if wanted.rate is None and action not in rates:
        raise BadInputError(f"The measures of class {state['class']} have no rate of {action}: give one.")
    told = (
        f"Class {state['class']} since {state['since']}, by {state['source']}; "
        f"measures {table.version} of {table.holds_from}."
    )
    rate = rates[action] if wanted.rate is None else wanted.rate
    return state["class"], replace(wanted, action=action, rate=rate, reason=wanted.reason or told)


def scope_key_of(kind: str, key: str) -> str:
    """The key in its form; raises BadInputError for an unknown kind, or a key that is none of it."""
    if kind not in _KEYS:
        raise BadInputError(f"{kind!r} is no kind of scope: give one of {', '.join(SCOPES)}.")
    form, told = _KEYS[kind]
    text = key.strip() if kind in ("consumer", "address") else key.strip().upper()
    if not form.fullmatch(text):
        # Not repeated: it may be the number of a person.
        raise BadInputError(f"What was given is no {kind}: give {told}.")
    return text


def rate_of(rate: Decimal | str) -> Decimal:
    """A rate from 0 to 1 in steps of 0.00001; raises BadInputError."""
    try:
        value = Decimal(rate)
        fits = 0 <= value <= 1 and value == value.quantize(_SMALLEST_RATE)
    except InvalidOperation:
        fits = False
    if not fits:
        raise BadInputError("A rate is a share from 0 to 1, with at most six decimals.")
    return value


def _lane(action: str | None) -> str:
    if action not in LANES:
        raise BadInputError(f"{action!r} is no lane: give one of {', '.join(LANES)}.")
    return action


def _check_period(starts: datetime, ends: datetime, at: datetime) -> None:
    if starts.tzinfo is None or ends.tzinfo is None:
        raise BadInputError("A time needs its zone: write it as 2026-07-01T10:30:00+08:00.")
    if ends <= starts:
        raise BadInputError(f"The instruction would end at {ends}, not after it begins at {starts}.")
    if ends <= at:
        raise BadInputError(f"The instruction would have ended at {ends} already.")
    today = at.astimezone(LOCAL).date()
    if starts < datetime.combine(today, time(), LOCAL):
        raise BadInputError(f"The instruction would begin at {starts}, before today ({today}).")
    if ends - at > timedelta(days=LONGEST):
        raise BadInputError(f"The instruction would end at {ends}: give an end within {LONGEST} days.")
