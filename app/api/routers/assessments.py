"""Assessments: a declaration before its release, its lane and why; kept, explained, replayed."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from app.api import cursor as cursors
from app.api.assessments_models import (
    AssessmentAnswer,
    AssessmentKept,
    AssessmentLine,
    DeclarationAsked,
    ReleaseAsked,
    Replayed,
)
from app.api.models import Limit, Page
from app.api.problems import Mistake, documented, problem
from app.api.state import CasebookDep, DeskDep, StoresDep
from app.assessment import kept
from app.assessment.declaration import MOST_BYTES, MistakenError, read_declaration
from app.errors import BadInputError

router = APIRouter(prefix="/v1", tags=["assessments"])

Identity = Annotated[
    str,
    Path(title="Assessment", description="Id of the assessment.", examples=["A-0123456789abcdef01234567"]),
]
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": DeclarationAsked.model_json_schema()}},
    }
}


@router.post(
    "/assessments",
    summary="Assess a declaration",
    response_model=AssessmentAnswer,
    responses=documented(422, 503),
    openapi_extra=_BODY,
)
async def assess(request: Request, desk: DeskDep) -> Response:
    """The lane of a declaration before its release, and the rules and facts that decided it.

    The sale's quota is reserved at once. The same declaration again is answered with the same assessment; a
    changed one replaces it. What breaks the contract is refused with the names of its fields.
    """
    if not request.headers.get("content-type", "").startswith("application/json"):
        # A page of elsewhere could send anything else without asking first.
        raise BadInputError("Send the declaration as application/json.")
    try:
        declaration = read_declaration(await _bounded(request), desk.keys)
    except MistakenError as error:
        mistakes = [Mistake(where="body", name=name, what=what) for name, what in error.mistakes[:100]]
        return problem(request, 422, str(error), mistakes)
    answer = await asyncio.wrap_future(desk.desk.submit(declaration, datetime.now(UTC)))
    return Response(orjson.dumps(answer), media_type="application/json")


@router.get("/assessments", summary="List assessments", responses=documented(422, 503))
def list_assessments(
    book: CasebookDep,
    sale: Annotated[
        str | None, Query(description="Only of this sale.", examples=["4401968001|ORDER-1"])
    ] = None,
    lane: Annotated[str | None, Query(description="Only in this lane.", examples=["hold"])] = None,
    limit: Annotated[Limit, Query(description="Rows a page.", examples=[50])] = 50,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", examples=[None])] = None,
) -> Page[AssessmentLine]:
    """Assessments, the newest first."""
    before = None
    if cursor is not None:
        at, identity = cursors.decode(cursor, str, str)
        before = (at, identity)
    rows, count = kept.assessments(book, sale=sale, lane=lane, before=before, limit=limit + 1)
    more = cursors.encode([rows[limit - 1]["at"], rows[limit - 1]["id"]]) if len(rows) > limit else None
    return Page(data=[AssessmentLine.model_validate(row) for row in rows[:limit]], count=count, next=more)


@router.get("/assessments/{id}", summary="One assessment", responses=documented(404, 422, 503))
def one_assessment(book: CasebookDep, id: Identity) -> AssessmentKept:
    """What was answered, why, and what became of the quota that it reserved."""
    return AssessmentKept.model_validate(kept.assessment(book, id))


@router.get("/assessments/{id}/replay", summary="Replay an assessment", responses=documented(404, 422, 503))
def replay_assessment(opened: StoresDep, id: Identity) -> Replayed:
    """Works the answer out once more from what it was made from, and tells every difference."""
    return Replayed.model_validate(kept.replay(opened.casebook, id, opened.ledger.scratch))


@router.post(
    "/assessments/{id}/release", summary="Give reserved quota free", responses=documented(404, 422, 503)
)
def release_assessment(book: CasebookDep, id: Identity, asked: ReleaseAsked) -> AssessmentKept:
    """Gives the quota free that an assessment reserves, before its time; it is kept who did it and why."""
    told = kept.release(book, id, by=asked.by, why=asked.why, at=datetime.now(UTC))
    return AssessmentKept.model_validate(told)


async def _bounded(request: Request) -> bytes:
    """The body; no more of one that is too long than shows that it is."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            break
    return bytes(body)
