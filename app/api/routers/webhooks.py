"""Subscriptions to warnings, and how what goes out fares."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query

from app.api import cursor as cursors
from app.api.models import Limit, Page
from app.api.problems import documented
from app.api.state import CasebookDep, StoresDep
from app.api.warning_models import (
    NewWebhook,
    Outbox,
    Trial,
    Tried,
    WebhookAnswer,
    WebhookDecision,
    WebhookId,
    WebhookLine,
    WebhookMade,
)
from app.clues import outgoing, webhooks

router = APIRouter(prefix="/v1", tags=["warnings"])


@router.get("/webhooks", summary="List subscriptions", responses=documented(422, 503))
def list_webhooks(
    book: CasebookDep,
    limit: Annotated[Limit, Query(description="Rows a page.", examples=[50])] = 50,
    cursor: Annotated[str | None, Query(description="`next` of the page before.", examples=[None])] = None,
) -> Page[WebhookLine]:
    """Subscriptions that were not removed, and how they fare."""
    rows = webhooks.webhooks(book)
    last = "" if cursor is None else cursors.decode(cursor, str)[0]
    rest = [row for row in rows if row["id"] > last]
    more = cursors.encode([rest[limit - 1]["id"]]) if len(rest) > limit else None
    return Page(data=[WebhookLine.model_validate(row) for row in rest[:limit]], count=len(rows), next=more)


@router.post("/webhooks", summary="Subscribe to warnings", responses=documented(422, 503))
def add_webhook(opened: StoresDep, wanted: NewWebhook) -> WebhookMade:
    """Subscribe an address to the warnings to come. The secret is shown this once."""
    row, secret = webhooks.add(opened.settings, opened.casebook, **wanted.model_dump(), at=datetime.now(UTC))
    return WebhookMade.model_validate({**row, "secret": secret})


@router.get("/webhooks/{id}", summary="One subscription", responses=documented(404, 422, 503))
def one_webhook(book: CasebookDep, id: WebhookId) -> WebhookAnswer:
    """A subscription with what was done with it."""
    return WebhookAnswer.model_validate(webhooks.webhook(book, id))


@router.post("/webhooks/{id}/remove", summary="End a subscription", responses=documented(404, 422, 503))
def remove_webhook(opened: StoresDep, id: WebhookId, decision: WebhookDecision) -> WebhookAnswer:
    """End a subscription: what waits for it is dropped. Answers with what it was."""
    before = webhooks.webhook(opened.casebook, id)
    webhooks.remove(
        opened.settings, opened.casebook, id, by=decision.by, why=decision.why, at=datetime.now(UTC)
    )
    return WebhookAnswer.model_validate(before)


@router.post("/webhooks/{id}/resume", summary="Resume a subscription", responses=documented(404, 422, 503))
def resume_webhook(book: CasebookDep, id: WebhookId, decision: WebhookDecision) -> WebhookAnswer:
    """Go on with a subscription that was given up, from where it stood."""
    row = webhooks.resume(book, id, by=decision.by, why=decision.why, at=datetime.now(UTC))
    return WebhookAnswer.model_validate(row)


@router.post("/webhooks/{id}/test", summary="Try a subscription", responses=documented(404, 422, 503))
def try_webhook(opened: StoresDep, id: WebhookId, trial: Trial) -> Tried:
    """Send one signed message of the type `test` at once."""
    outcome = outgoing.try_webhook(opened.settings, opened.casebook, id, by=trial.by, at=datetime.now(UTC))
    return Tried(delivered=outcome.kind == "delivered", error=outcome.error)


@router.get("/outbox", summary="What goes out", responses=documented(422, 503))
def outbox(opened: StoresDep) -> Outbox:
    """How many messages wait, were delivered, refused or dropped, by channel, and which channels fail."""
    rows = outgoing.outbox_status(opened.settings, opened.casebook)
    return Outbox.model_validate({"data": rows, "count": len(rows)})
