"""Classes of enterprises: who has which on a day, the history of one, ratings and adjustments to make."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from app.api import cursor as cursors
from app.api.class_models import (
    ClassHistory,
    ClassLine,
    Code,
    EndOfAdjustments,
    EventsApplied,
    EventsAsked,
    EventsOfDay,
    Letter,
    NewAdjustment,
    NewRating,
    RatingDone,
)
from app.api.models import Limit, Page
from app.api.problems import documented
from app.api.state import CasebookDep, Stores, StoresDep
from app.local_time import today
from app.projection import Publisher
from app.supervision import class_history, classes, emergency
from app.supervision.class_history import decision_day
from app.supervision.events import events_on
from loaders.ledger.lock import writer_lock

router = APIRouter(prefix="/v1/classes", tags=["classes"])

On = Annotated[date, Query(description="The day.", examples=["2026-01-31"])]


@contextmanager
def _deciding(opened: Stores) -> Iterator[None]:
    """The writer's lock, and afterwards the graph brought up to the casebook; BusyError while a job runs."""
    with writer_lock(opened.settings.data):
        yield
        if opened.graph.meta() is not None:
            Publisher(opened.casebook, opened.graph)()


@router.get("", summary="List classes", responses=documented(422, 503))
def list_classes(
    book: CasebookDep,
    on: On,
    letter: Annotated[
        Letter | None, Query(alias="class", description="Only of this class.", examples=["D"])
    ] = None,
    limit: Annotated[Limit, Query(description="Rows a page.", examples=[50])] = 50,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", examples=[None])] = None,
) -> Page[ClassLine]:
    """The class that each enterprise has on a day, and where it comes from, by code."""
    rows = class_history.classes_on(book, on, letter)
    after = "" if cursor is None else cursors.decode(cursor, str)[0]
    rest = [row for row in rows if row["code"] > after]
    more = cursors.encode([rest[limit - 1]["code"]]) if len(rest) > limit else None
    return Page(data=[ClassLine.model_validate(row) for row in rest[:limit]], count=len(rows), next=more)


@router.get("/events", summary="The table of events", responses=documented(404, 422, 503))
def table_of_events(on: On) -> EventsOfDay:
    """The events that adjust a class at once, by the version that holds on a day."""
    return EventsOfDay.model_validate(events_on(on).model_dump(mode="json"))


@router.post("/events", summary="Adjust by events", responses=documented(404, 422, 503))
def apply_events(opened: StoresDep, wanted: EventsAsked) -> EventsApplied:
    """Adjust whoever an event of the table happened to by a day, and bring the graph's classes to that day.

    A fact acts once: repeating it changes nothing.
    """
    decision_day(wanted.on, today())
    with _deciding(opened):
        told = emergency.apply_events(opened.ledger, opened.casebook, on=wanted.on)
    return EventsApplied.model_validate(told)


@router.get("/{code}", summary="The class of an enterprise", responses=documented(404, 422, 503))
def one_class(opened: StoresDep, code: Code, on: On) -> ClassHistory:
    """The class on a day, and every rating and adjustment there ever was."""
    code = emergency.firm(opened.ledger, code)
    return ClassHistory.model_validate(class_history.history_of(opened.casebook, code, on))


@router.post("/ratings", summary="Rate every enterprise", responses=documented(404, 422, 503))
def make_rating(opened: StoresDep, wanted: NewRating) -> RatingDone:
    """A regular rating on a day for a period. The same inputs are rated once; adjustments made before end."""
    decision_day(wanted.on, today())
    with _deciding(opened):
        report = classes.rate(
            opened.ledger, opened.casebook, on=wanted.on, first=wanted.first, last=wanted.last, by=wanted.by
        )
    return RatingDone.model_validate(asdict(report))


@router.post("/{code}/adjustments", summary="Adjust a class at once", responses=documented(404, 422, 503))
def make_adjustment(opened: StoresDep, code: Code, wanted: NewAdjustment) -> ClassHistory:
    """An emergency adjustment by a person, until its expiry, its end, or the next regular rating."""
    decision_day(wanted.on, today())
    with _deciding(opened):
        row = emergency.adjust(opened.ledger, opened.casebook, code, **wanted.model_dump())
    return ClassHistory.model_validate(class_history.history_of(opened.casebook, row["code"], wanted.on))


@router.post("/{code}/adjustments/end", summary="End adjustments", responses=documented(404, 422, 503))
def end_adjustments(opened: StoresDep, code: Code, wanted: EndOfAdjustments) -> ClassHistory:
    """End every adjustment of the enterprise that holds on a day; the history keeps them."""
    decision_day(wanted.on, today())
    with _deciding(opened):
        code = emergency.firm(opened.ledger, code)
        emergency.end(opened.casebook, code, on=wanted.on, by=wanted.by, reason=wanted.reason)
    return ClassHistory.model_validate(class_history.history_of(opened.casebook, code, wanted.on))
