"""Portraits of enterprises: the list, one, the documents behind an indicator, and the page to print."""

from datetime import date
from functools import lru_cache
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import HTMLResponse

from app.api import cursor as cursors
from app.api.class_models import Code, Facts, Portrait, PortraitLine, RoleName
from app.api.models import Limit, Page
from app.api.problems import documented
from app.api.state import Stores, StoresDep
from app.casebook.store import Casebook
from app.supervision.facts import facts_of
from app.supervision.pages import portrait_page
from app.supervision.portraits import Portraits, portray, ranked, usual_period
from app.supervision.scorecard import scorecard_on
from loaders.ledger.ledger import Ledger

router = APIRouter(prefix="/v1/portraits", tags=["portraits"])

First = Annotated[
    date | None,
    Query(
        alias="from",
        description="First day of the period: twelve months to the last.",
        examples=["2025-01-01"],
    ),
]
Last = Annotated[
    date | None,
    Query(alias="to", description="Last day of the period: that of the last sale.", examples=["2025-12-31"]),
]
Cursor = Annotated[str | None, Query(description="`next` of the page before.", examples=[None])]
Role = Annotated[RoleName | None, Query(description="The role.", examples=["platform"])]


@lru_cache(maxsize=4)
def _kept(ledger: Ledger, book: Casebook, version: int, _seq: int, first: date, last: date) -> Portraits:
    """Portraits as of these states of ledger and casebook, counted once for all pages of a list."""
    return portray(ledger, book, scorecard_on(last), first, last, version=version)


def portraits_of(opened: Stores, first: date | None, last: date | None) -> Portraits:
    """Portraits of all enterprises for a period, as everything stands."""
    begins, ends = usual_period(opened.ledger, first, last)
    book = opened.casebook
    return _kept(opened.ledger, book, opened.ledger.version, book.seq(), begins, ends)


@router.get("", summary="List portraits", responses=documented(404, 422, 503))
def list_portraits(
    opened: StoresDep,
    first: First = None,
    last: Last = None,
    role: Role = None,
    limit: Annotated[Limit, Query(description="Rows a page.", examples=[50])] = 50,
    cursor: Cursor = None,
) -> Page[PortraitLine]:
    """Enterprises with score and points of each group, the lowest score first; filter by role."""
    rows, count = ranked(portraits_of(opened, first, last), role)
    start = 0 if cursor is None else cursors.decode(cursor, int)[0]
    more = cursors.encode([start + limit]) if count > start + limit else None
    page = [PortraitLine.model_validate(row) for row in rows[start : start + limit]]
    return Page(data=page, count=count, next=more)


@router.get("/{code}", summary="One portrait", responses=documented(404, 422, 503))
def one_portrait(opened: StoresDep, code: Code, first: First = None, last: Last = None) -> Portrait:
    """Every indicator of an enterprise in each of its roles, against its peers, and the score."""
    return Portrait.model_validate(portraits_of(opened, first, last).one(code))


@router.get(
    "/{code}/facts/{indicator}",
    summary="The documents behind an indicator",
    responses=documented(404, 422, 503),
)
def facts_of_indicator(
    opened: StoresDep,
    code: Code,
    indicator: Annotated[str, Path(description="Name of the indicator.", examples=["refused"])],
    first: First = None,
    last: Last = None,
    role: Role = None,
    limit: Annotated[Limit, Query(description="Rows a page.", examples=[50])] = 50,
    cursor: Cursor = None,
) -> Facts:
    """The documents that an indicator is counted from, those that count first; `role` as in the portrait."""
    start = 0 if cursor is None else cursors.decode(cursor, int)[0]
    told = facts_of(
        opened.ledger,
        portraits_of(opened, first, last),
        code,
        indicator,
        role=role,
        limit=limit,
        offset=start,
    )
    count = told.pop("total")
    more = cursors.encode([start + limit]) if count > start + limit else None
    return Facts.model_validate({**told, "count": count, "next": more})


@router.get(
    "/{code}/page",
    summary="The portrait as a page to print",
    response_class=HTMLResponse,
    responses=documented(404, 422, 503),
)
def page_of_portrait(
    opened: StoresDep,
    code: Code,
    on: Annotated[date, Query(description="The day as of which classes are told.", examples=["2026-01-31"])],
    first: First = None,
    last: Last = None,
) -> str:
    """HTML without scripts, with radar and history as SVG; readable when printed in black and white."""
    return portrait_page(portraits_of(opened, first, last), opened.casebook, code, on)
