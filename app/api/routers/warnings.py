"""Warnings: a list to page through, and a stream of server-sent events to follow."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Header, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app.api.event_stream import Beat, EventStream, places, take_place
from app.api.models import Limit, Severity
from app.api.problems import documented
from app.api.state import CasebookDep
from app.api.warning_models import WarningAnswer, WarningPage
from app.casebook.store import Casebook
from app.casebook.warnings import (
    BEGINNING,
    Warning,
    check_filters,
    count_warnings,
    latest,
    page_after,
    read_warnings,
)
from app.clues.faults import STORE_ERRORS

log = structlog.get_logger("cluegraph.api")

router = APIRouter(prefix="/v1/warnings", tags=["warnings"])

SeverityFilter = Annotated[
    Severity | None, Query(description="Only this severity or graver.", examples=["high"])
]
RuleFilter = Annotated[str | None, Query(description="Only of this rule.", examples=["payment-refuted"])]
_PAGE = 100
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
        "description": "Events `warning`: `id` is the warning's, `data` the warning as in the list (JSON). "
        "Comments in between say that the stream lives.",
    }
}


@router.get("", summary="List warnings", responses=documented(422, 503))
def list_warnings(
    book: CasebookDep,
    after: Annotated[
        str | None,
        Query(description="Id of a warning; from the first one where left out.", examples=[None]),
    ] = None,
    severity: SeverityFilter = None,
    rule: RuleFilter = None,
    limit: Annotated[Limit, Query(description="Rows a page.", examples=[50])] = 50,
) -> WarningPage:
    """Warnings in the order in which they came, after one of them."""
    after = after or BEGINNING
    with book.read() as connection:
        rows = read_warnings(connection, after=after, severity=severity, rule=rule, limit=limit + 1)
        count = count_warnings(connection, after=after, severity=severity, rule=rule)
    more = rows[limit - 1].id if len(rows) > limit else None
    page = [WarningAnswer.model_validate(row.as_dict()) for row in rows[:limit]]
    return WarningPage(data=page, count=count, next=more)


@router.get(
    "/stream",
    summary="Follow warnings",
    responses={**_STREAM, **documented(422, 503)},
    response_class=Response,
)
async def stream(
    request: Request,
    book: CasebookDep,
    after: Annotated[
        str | None,
        Query(description="Id of the last warning seen; from now on where left out.", examples=[None]),
    ] = None,
    severity: SeverityFilter = None,
    rule: RuleFilter = None,
    last_event_id: Annotated[
        str | None,
        Header(description="The same, as a browser sends it when it resumes; goes first.", examples=[None]),
    ] = None,
) -> Response:
    """Warnings as server-sent events, as they come. 503 where there are as many streams as are served."""
    since = last_event_id or after
    check_filters(severity, since)
    newest = await run_in_threadpool(_newest, book)
    beat: Beat = request.app.state.beat
    release = take_place(places(request))
    return EventStream(_events(request, book, since or newest, severity, rule, beat), release, beat)


def _newest(book: Casebook) -> str:
    with book.read() as connection:
        return latest(connection)


async def _events(
    request: Request, book: Casebook, place: str, severity: Severity | None, rule: str | None, beat: Beat
) -> AsyncIterator[str]:
    """Text of the events: pages of the casebook whenever its sequence has moved, comments in between. It ends
    where the casebook is away: whoever reads comes back, and is told so."""

    def read(after: str) -> tuple[list[Warning], str]:
        with book.read() as connection:
            return page_after(connection, after, severity=severity, rule=rule, limit=_PAGE)

    yield ": warnings follow\n\n"
    seen = -1
    async for tick in beat.ticks(request):
        try:
            now = await run_in_threadpool(book.seq)
            while now != seen:
                found, came_to = await run_in_threadpool(read, place)
                for warning in found:
                    text = WarningAnswer.model_validate(warning.as_dict()).model_dump_json()
                    yield f"id: {warning.id}\nevent: warning\ndata: {text}\n\n"
                if came_to == place or len(found) < _PAGE:
                    seen = now
                place = came_to
        except STORE_ERRORS as error:
            log.warning("a stream of warnings ends", error=type(error).__name__)
            return
        if tick:
            yield ": still here\n\n"
