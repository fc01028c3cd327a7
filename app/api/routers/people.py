"""Consumer-end monitoring: statements, who is likely hit with a reported identity, protections.

Identity numbers come in request bodies, never in an address, and are never repeated.
"""

from datetime import date
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query
from fastapi.responses import HTMLResponse, Response

from app.api import cursor as cursors
from app.api.consumer_models import (
    Level,
    LikelyHits,
    Protection,
    ProtectionAsked,
    ProtectionExtended,
    ProtectionLifted,
    Statement,
    StatementAsked,
)
from app.api.models import Limit, Page
from app.api.problems import documented
from app.api.state import CasebookDep, StoresDep
from app.errors import BadInputError
from app.local_time import today
from app.supervision import protection
from app.supervision.likely_hit import likely_hit
from app.supervision.statement import page, statement
from loaders.contract.keys import Keys

router = APIRouter(prefix="/v1", tags=["consumers"])

_PAGE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/html": {}}, "description": "The statement, as JSON or as a page."}
}
Number = Annotated[int, Path(title="Protection", description="Number of the protection.", examples=[1])]


@router.post(
    "/consumers/statement",
    summary="The statement for one person",
    response_model=Statement,
    responses={**documented(404, 422, 503), **_PAGE},
)
def statement_for(opened: StoresDep, asked: StatementAsked) -> Statement | Response:
    """What was declared in the name of an identity number: when, where, what, how much, and what is left of
    the limit at most; as JSON or, with `form` html, as a printable page."""
    told = statement(
        opened.ledger,
        opened.casebook,
        _keys(opened),
        asked.id_number,
        id_type=asked.id_type,
        year=asked.year,
    )
    if asked.form == "html":
        return HTMLResponse(page(told))
    return Statement.model_validate(orjson.loads(orjson.dumps(told, default=str)))


@router.get(
    "/reports/{id}/likely-hit", summary="Who is likely hit as well", responses=documented(404, 422, 503)
)
def likely_hit_with(
    opened: StoresDep,
    id: Annotated[str, Path(title="Report", description="reportId of a report.", examples=["CR0000001"])],
    limit: Annotated[Limit, Query(description="Most identities to list.", examples=[50])] = 50,
) -> LikelyHits:
    """Identities used as the reported one was: the same platforms, phones, addresses, payment company, at the
    same time; with the odds and what they rest on."""
    return LikelyHits.model_validate(likely_hit(opened.ledger, id, limit=limit))


@router.get("/protections", summary="List protections", responses=documented(422, 503))
def list_protections(
    book: CasebookDep,
    key: Annotated[
        str | None,
        Query(description="Only of this identity.", pattern="^[a-z2-7]{32}$", examples=["mfzwizltoqzdgmbq"]),
    ] = None,
    on: Annotated[
        date | None, Query(description="Only those that hold on this day.", examples=["2025-06-01"])
    ] = None,
    level: Annotated[Level | None, Query(description="Only of this level.", examples=["locked"])] = None,
    limit: Annotated[Limit, Query(description="Rows a page.", examples=[50])] = 50,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", examples=[None])] = None,
) -> Page[Protection]:
    """Protections in the order in which they were set, lifted and ended ones included."""
    found = protection.protections(book, consumer=key, on=on, level=level)
    after = 0 if cursor is None else int(cursors.decode(cursor, int)[0])
    rest = [one for one in found if one.number > after]
    more = cursors.encode([rest[limit - 1].number]) if len(rest) > limit else None
    rows = [Protection.model_validate(one.as_dict()) for one in rest[:limit]]
    return Page(data=rows, count=len(found), next=more)


@router.get("/protections/{number}", summary="One protection", responses=documented(404, 422, 503))
def one_protection(book: CasebookDep, number: Number) -> Protection:
    """The protection with all that was done with it."""
    return Protection.model_validate(protection.protection(book, number).as_dict())


@router.post("/protections", summary="Protect an identity", responses=documented(404, 422, 503))
def protect(opened: StoresDep, asked: ProtectionAsked) -> Protection:
    """Lock an identity or put it under watch, by its owner's wish; one protection at a time.

    What is declared in a locked name is a finding with the next detection.
    """
    if (asked.id_number is None) == (asked.key is None):
        raise BadInputError("Give the identity number or the key of the identity, one of them.")
    key = asked.key or protection.consumer_key(_keys(opened), asked.id_number or "", asked.id_type)
    one = protection.protect(
        opened.casebook,
        key,
        asked.level,
        since=asked.since,
        until=asked.until,
        why=asked.why,
        by=asked.by,
        on=today(),
    )
    return Protection.model_validate(one.as_dict())


@router.post(
    "/protections/{number}/extend", summary="Extend a protection", responses=documented(404, 422, 503)
)
def extend(book: CasebookDep, number: Number, asked: ProtectionExtended) -> Protection:
    """Let a protection last longer; a lifted one cannot."""
    one = protection.extend(book, number, until=asked.until, why=asked.why, by=asked.by, on=today())
    return Protection.model_validate(one.as_dict())


@router.post("/protections/{number}/lift", summary="Lift a protection", responses=documented(404, 422, 503))
def lift(book: CasebookDep, number: Number, asked: ProtectionLifted) -> Protection:
    """End a protection; it stays in the casebook with its history."""
    one = protection.lift(book, number, day=asked.day, why=asked.why, by=asked.by, on=today())
    return Protection.model_validate(one.as_dict())


def _keys(opened: StoresDep) -> Keys:
    return Keys.open(opened.settings.key_file, create=False)
