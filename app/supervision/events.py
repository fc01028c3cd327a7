"""The table of events that adjust a class at once: a versioned file, checked as a whole when it is read."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from app.detection.rule import Severity, Translated
from app.plain_yaml import Place
from app.supervision.checked_yaml import Strict, WrongError, read_checked_or_own
from app.supervision.indicators import ROLES
from app.supervision.scorecard import CLASSES, Letter, check_days, check_rule, holding

FACTS = {
    "refuted_payments": ("answered_payments", "NOT genuine"),
    "seizures": ("inspected_sales", "seized"),
    "reports": ("reported_sales", "counted"),
}
"""Fact of the ledger → tally whose rows are looked at, condition of the rows that count."""
LONGEST = 3660
"""Days that an adjustment may hold at most."""


class Event(Strict):
    """One event: see data/events.yaml."""

    id: Annotated[str, Field(pattern=r"^[a-z]+(-[a-z]+)*$")]
    title: Translated
    fact: Literal["refuted_payments", "seizures", "reports"] | None = None
    finding: str | None = None
    severity: Severity | None = None
    roles: tuple[str, ...] = ()
    within_days: Annotated[int, Field(ge=1, le=366, strict=True)] = 1
    at_least: Annotated[int, Field(ge=1, strict=True)] = 1
    share: Annotated[float, Field(ge=0, le=1, strict=True)] | None = None
    before_days: Annotated[int, Field(ge=1, le=1830, strict=True)] | None = None
    level: Annotated[float, Field(gt=0, lt=1, strict=True)] | None = None
    to: Letter
    days: Annotated[int, Field(ge=1, le=LONGEST, strict=True)]


class EventTable(Strict):
    """One version; it holds from a day until another, or the version after it."""

    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    holds_from: date
    holds_until: date | None = None
    events: list[Event]


class EventTables(Strict):
    """The file."""

    versions: Annotated[list[EventTable], Field(min_length=1)]

    def check(self) -> None:
        """Raises WrongError for what no single field shows."""
        check_days(self.versions, "versions")
        for number, version in enumerate(self.versions):
            seen: set[str] = set()
            for place, event in enumerate(version.events):
                at: Place = ("versions", number, "events", place)
                if event.id in seen:
                    raise WrongError((*at, "id"), f"there is an event {event.id!r} already")
                seen.add(event.id)
                _check_event(event, at)


def _check_event(event: Event, at: Place) -> None:
    if (event.fact is None) == (event.finding is None):
        raise WrongError(at, f"{event.id} needs either a fact or a finding")
    if (event.finding is None) != (event.severity is None):
        raise WrongError(at, f"{event.id}: a finding needs a severity, and only a finding has one")
    if event.finding is not None:
        check_rule(event.finding, (*at, "finding"))
    of_facts = {"roles", "within_days", "share", "before_days", "level"} & event.model_fields_set
    if event.finding is not None and of_facts:
        raise WrongError((*at, min(of_facts)), f"{event.id}: only a fact has {min(of_facts)}")
    if event.to == CLASSES[0]:
        raise WrongError((*at, "to"), f"{event.id}: an event never raises a class, and this is the best one")
    if (event.before_days is None) != (event.level is None):
        raise WrongError(at, f"{event.id}: before_days and level need each other")
    if event.fact is not None and not event.roles:
        raise WrongError(at, f"{event.id} needs the roles in which an enterprise is meant")
    for number, role in enumerate(event.roles):
        if role not in ROLES:
            raise WrongError(
                (*at, "roles", number), f"there is no role {role!r}: they are {', '.join(ROLES)}"
            )
        if role in event.roles[:number]:
            raise WrongError((*at, "roles", number), f"{role!r} stands here twice")


def read_events(path: Path | None = None) -> EventTables:
    """The tables of a file, or those that come with cluegraph; raises as `read_checked`."""
    return read_checked_or_own(path, "events.yaml", EventTables)


def events_on(on: date, path: Path | None = None) -> EventTable:
    """The version that holds on a day; NotFoundError where none does."""
    return holding(read_events(path).versions, on, "the table of events")
