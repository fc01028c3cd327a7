"""Referrals to the payment authority: drawn, listed, each with its payments; and the replies."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query

from app.api import cursor as cursors
from app.api.models import Limit, Page
from app.api.problems import documented
from app.api.referrals_models import NewReferral, PaymentReply, ReferralAnswer, ReferralItem
from app.api.state import StoresDep
from app.local_time import today
from app.supervision.referral_answers import answers, items_with_answers, progress
from app.supervision.referrals import draw, named_company

router = APIRouter(prefix="/v1", tags=["referrals"])

Reference = Annotated[
    str, Path(title="Referral", description="Reference of the referral.", examples=["PR-2026-00001"])
]
PageLimit = Annotated[Limit, Query(description="Rows a page.", examples=[50])]
Cursor = Annotated[str | None, Query(description="`next` of the page before.", examples=[None])]


@router.get("/referrals", summary="List referrals", responses=documented(422, 503))
def list_referrals(opened: StoresDep, limit: PageLimit = 50, cursor: Cursor = None) -> Page[ReferralAnswer]:
    """Referrals, the newest first, each with what came back until now."""
    rows = progress(opened.ledger, opened.casebook, today())
    last = None if cursor is None else str(cursors.decode(cursor, str)[0])
    rest = [row for row in rows if last is None or row["id"] < last]
    more = cursors.encode([rest[limit - 1]["id"]]) if len(rest) > limit else None
    return Page(data=[ReferralAnswer.model_validate(row) for row in rest[:limit]], count=len(rows), next=more)


@router.post("/referrals", summary="Draw a referral", responses=documented(404, 422, 503))
def draw_referral(opened: StoresDep, wanted: NewReferral) -> ReferralAnswer:
    """Draws payments of a company and a period, and keeps them under a reference of their own.

    Files for the authority hold accounts of payees: they are written by `cluegraph referrals export`.
    """
    company = named_company(opened.casebook, wanted.company, wanted.finding)
    reference = draw(
        opened.ledger,
        opened.casebook,
        company,
        wanted.since,
        wanted.until,
        by=wanted.by,
        at=datetime.now(UTC),
        everything=wanted.everything,
        half_width=wanted.half_width,
        finding=wanted.finding,
    )
    return _one(opened, reference)


@router.get("/referrals/{id}", summary="One referral", responses=documented(404, 422, 503))
def one_referral(opened: StoresDep, id: Reference) -> ReferralAnswer:
    """The referral with why so many are asked about, its strata, copies that went out, and answers."""
    return _one(opened, id)


@router.get("/referrals/{id}/items", summary="Payments of a referral", responses=documented(404, 422, 503))
def items_of_referral(
    opened: StoresDep, id: Reference, limit: PageLimit = 50, cursor: Cursor = None
) -> Page[ReferralItem]:
    """The payments that are asked about, each with the state of its answer."""
    rows = items_with_answers(opened.ledger, opened.casebook, id)
    start = 0 if cursor is None else int(cursors.decode(cursor, int)[0])
    more = cursors.encode([start + limit]) if len(rows) > start + limit else None
    page = [ReferralItem.model_validate(row) for row in rows[start : start + limit]]
    return Page(data=page, count=len(rows), next=more)


@router.get("/payment-replies", summary="Replies of the payment authority", responses=documented(422, 503))
def list_replies(
    opened: StoresDep,
    unmatched: Annotated[
        bool,
        Query(
            description="Only those that answer no referral, or about an unknown payment.", examples=[False]
        ),
    ] = False,
    limit: PageLimit = 50,
    cursor: Cursor = None,
) -> Page[PaymentReply]:
    """Replies in the order in which they came: what each answers, and whether its payment is known."""
    rows = answers(opened.ledger, opened.casebook).replies
    if unmatched:
        rows = [row for row in rows if not row["answers"] or row["payment"] != "known"]
    start = 0 if cursor is None else int(cursors.decode(cursor, int)[0])
    more = cursors.encode([start + limit]) if len(rows) > start + limit else None
    page = [PaymentReply.model_validate(row) for row in rows[start : start + limit]]
    return Page(data=page, count=len(rows), next=more)


def _one(opened: StoresDep, reference: str) -> ReferralAnswer:
    (row,) = progress(opened.ledger, opened.casebook, today(), reference)
    return ReferralAnswer.model_validate(row)
