"""Dossiers to download, clues handed over with what came of them, and accesses to personal values."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from app.api import cursor as cursors
from app.api.clues_models import AccessLine, DossierAsked, HandoverDetail, HandoverLine, OutcomeTold
from app.api.models import Limit, Page
from app.api.problems import documented
from app.api.state import CasebookDep, StoresDep
from app.clues import handover_record
from app.clues.dossier.access import accesses
from app.clues.dossier.write import dossier_zip

router = APIRouter(prefix="/v1", tags=["clues"])

_ZIP: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
        "description": "The folder of the dossier as a ZIP file; start with dossier.html.",
    }
}
Batch = Annotated[str, Path(title="Handover", description="Id of the batch.", examples=["smuggling-000001"])]
PageLimit = Annotated[Limit, Query(description="Rows a page.", examples=[50])]
Cursor = Annotated[str | None, Query(description="`next` of the page before.", examples=[None])]


@router.post(
    "/dossiers",
    summary="A dossier of findings",
    response_class=Response,
    responses={**documented(404, 422, 503), **_ZIP},
)
def make_dossier(opened: StoresDep, asked: DossierAsked) -> Response:
    """All that stands behind some findings, to be read without the software: page, tables, pictures, graph.

    Persons are masked: `cluegraph export dossier --unmasked` writes one with personal values, this does not.
    """
    packed = dossier_zip(opened.ledger, opened.casebook, opened.graph, asked.findings, at=datetime.now(UTC))
    return Response(
        packed,
        media_type="application/zip",
        headers={"Content-Disposition": 'attachment; filename="dossier.zip"'},
    )


@router.get("/handovers", summary="List handovers", responses=documented(422, 503))
def list_handovers(
    book: CasebookDep,
    to: Annotated[str | None, Query(description="Only to this recipient.", examples=["smuggling"])] = None,
    limit: PageLimit = 50,
    cursor: Cursor = None,
) -> Page[HandoverLine]:
    """Batches of clues, the newest first: to whom, when, how many, and what came of them."""
    rows = handover_record.handovers(book, to)
    start = 0 if cursor is None else int(cursors.decode(cursor, int)[0])
    more = cursors.encode([start + limit]) if len(rows) > start + limit else None
    page = [HandoverLine.model_validate(row) for row in rows[start : start + limit]]
    return Page(data=page, count=len(rows), next=more)


@router.get("/handovers/{id}", summary="One handover", responses=documented(404, 422, 503))
def one_handover(book: CasebookDep, id: Batch) -> HandoverDetail:
    """The batch with each of its clues, why it was in it, and what the recipient told of it."""
    return HandoverDetail.model_validate(handover_record.handover(book, id))


@router.post(
    "/handovers/{id}/outcomes", summary="Tell what came of clues", responses=documented(404, 422, 503)
)
def tell_outcome(book: CasebookDep, id: Batch, told: OutcomeTold) -> HandoverDetail:
    """Keep what the recipient did with the clues of a batch; earlier outcomes stay in the record."""
    return HandoverDetail.model_validate(
        handover_record.tell_outcome(book, id, at=datetime.now(UTC), **told.model_dump())
    )


@router.get("/accesses", summary="List accesses to personal values", responses=documented(422, 503))
def list_accesses(book: CasebookDep, limit: PageLimit = 50, cursor: Cursor = None) -> Page[AccessLine]:
    """Who asked for personal values, in which role and for what, the newest first."""
    rows = accesses(book)
    start = 0 if cursor is None else int(cursors.decode(cursor, int)[0])
    more = cursors.encode([start + limit]) if len(rows) > start + limit else None
    page = [AccessLine.model_validate(row) for row in rows[start : start + limit]]
    return Page(data=page, count=len(rows), next=more)
