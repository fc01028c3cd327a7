"""Subscriptions to warnings: made, listed, ended; their warnings put into the outbox once each."""

import re
import secrets
from base64 import b32encode
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, select, update

from app.casebook.instants import written
from app.casebook.outbox_models import OutboxChannel, OutboxEntry, Webhook, WebhookHistory
from app.casebook.store import Casebook, Change
from app.casebook.warnings import check_filters, latest, page_after
from app.errors import BadInputError, NotFoundError
from app.outbox.entries import put
from app.outbox.http import check_address
from app.outbox.queue import reset
from app.outbox.signing import forget_secret, keep_secret, may_be_told, new_secret
from app.settings import Settings
from app.supervision.persons import named, said

MOST: Final = 50
"""Subscriptions that there can be at once."""
KEPT: Final = timedelta(days=30)
"""How long a message that was delivered stays in the outbox, once newer ones come."""
_PAGE, _PAGES = 200, 5
_RULE = re.compile(r"[a-z0-9-]{1,80}")
_ITSELF = "cluegraph"

Row = dict[str, Any]


def channel_of(webhook: str) -> str:
    """Its channel of the outbox."""
    return f"webhook:{webhook}"


def secrets_folder(settings: Settings) -> Path:
    """Where the secrets are: not in the casebook, which is backed up, and may be shared."""
    return settings.data / "webhooks"


def add(
    settings: Settings,
    casebook: Casebook,
    address: str,
    *,
    severity: str | None = None,
    rule: str | None = None,
    by: str,
    at: datetime,
) -> tuple[Row, str]:
    """Subscribe an address to what changes from now on; gives the subscription and its secret, which is never
    shown again. BadInputError for an address, severity or rule that is none."""
    by = named(by)
    check_filters(severity)
    check_address(address, may_be_told(settings.webhook_loopback))
    if rule is not None and not _RULE.fullmatch(rule):
        raise BadInputError("That is no id of a rule: `cluegraph rules list` lists them.")
    identity = f"wh-{b32encode(secrets.token_bytes(5)).decode().lower()}"
    secret = new_secret()
    keep_secret(secrets_folder(settings), identity, secret)
    try:
        with casebook.change(shown=False) as change:
            live = select(func.count()).select_from(Webhook).where(Webhook.state != "removed")
            if change.connection.execute(live).scalar_one() >= MOST:
                raise BadInputError(f"There are {MOST} webhooks already: remove one first.")
            row = {"id": identity, "address": address, "severity": severity, "rule": rule}
            row |= {"after": latest(change.connection), "state": "active"}
            change.connection.execute(insert(Webhook), row)
            _remember(change, identity, "added", by, "", at)
    except BaseException:
        forget_secret(secrets_folder(settings), identity)
        raise
    return webhook(casebook, identity), secret


def webhooks(casebook: Casebook) -> list[Row]:
    """Subscriptions that were not removed, by id: what they want, and how they fare."""
    asked = select(Webhook.__table__).where(Webhook.state != "removed").order_by(Webhook.id)
    with casebook.read() as connection:
        return [_told(connection, dict(row)) for row in connection.execute(asked).mappings()]


def webhook(casebook: Casebook, identity: str) -> Row:
    """One subscription with its history; raises NotFoundError."""
    with casebook.read() as connection:
        told = _told(connection, _one(connection, identity))
        history = WebhookHistory
        asked = select(history.change, history.at, history.by, history.why).where(history.webhook == identity)
        rows = connection.execute(asked.order_by(history.number)).mappings()
        return told | {"history": [dict(row) for row in rows]}


def remove(settings: Settings, casebook: Casebook, identity: str, *, by: str, why: str, at: datetime) -> None:
    """End a subscription: what waits for it is dropped, its secret deleted. Raises NotFoundError."""
    by, why = named(by), said(why, "why", 1000)
    with casebook.change(shown=False) as change:
        _one(change.connection, identity)
        change.connection.execute(update(Webhook).where(Webhook.id == identity).values(state="removed"))
        waiting = (OutboxEntry.channel == channel_of(identity)) & (OutboxEntry.state == "waiting")
        dropped = {"state": "dropped", "due": None, "claimed": None, "settled_at": written(at)}
        change.connection.execute(update(OutboxEntry).where(waiting).values(dropped))
        _remember(change, identity, "removed", by, why, at)
    forget_secret(secrets_folder(settings), identity)


def resume(casebook: Casebook, identity: str, *, by: str, why: str, at: datetime) -> Row:
    """Go on with a subscription that was given up, from where it stood: nothing is lost."""
    by, why = named(by), said(why, "why", 1000)
    with casebook.change(shown=False) as change:
        if _one(change.connection, identity)["state"] != "disabled":
            raise BadInputError(f"Webhook {identity} is active: there is nothing to resume.")
        change.connection.execute(update(Webhook).where(Webhook.id == identity).values(state="active"))
        reset(change, channel_of(identity))
        heads = OutboxEntry.channel == channel_of(identity), OutboxEntry.due.is_not(None)
        change.connection.execute(update(OutboxEntry).where(*heads).values(due=written(at), claimed=None))
        _remember(change, identity, "resumed", by, why, at)
    return webhook(casebook, identity)


def tried(casebook: Casebook, identity: str, told: str, *, by: str, at: datetime) -> None:
    """Keep that a subscription was tried, by whom, and what came of it; raises NotFoundError."""
    by = named(by)
    with casebook.change(shown=False) as change:
        _one(change.connection, identity)
        _remember(change, identity, "tried", by, told, at)


def disable(change: Change, identity: str, why: str, at: datetime) -> None:
    """Give a subscription up: what waits stays, and nothing is put in until it is resumed."""
    one = (Webhook.id == identity) & (Webhook.state == "active")
    if change.connection.execute(update(Webhook).where(one).values(state="disabled")).rowcount:
        _remember(change, identity, "disabled", _ITSELF, why, at)


def fill(casebook: Casebook, at: datetime) -> int:
    """Put new warnings into the outbox, once for each subscription that wants them; gives how many.

    What was put in and how far a subscription has come are one transaction. Cheap where nothing is new; of
    very many a part, so that whatever else goes out does not wait for them.
    """
    asked = select(Webhook.id, Webhook.after).where(Webhook.state == "active").order_by(Webhook.id)
    with casebook.read() as connection:
        active, newest = connection.execute(asked).all(), latest(connection)
    behind = [row.id for row in active if row.after != newest]
    count = 0
    for identity in behind:
        for _ in range(_PAGES):
            page = _fill_one(casebook, identity, at)
            if page is None:
                break
            count += page
    return count


def _fill_one(casebook: Casebook, identity: str, at: datetime) -> int | None:
    """One page of one subscription; None where it has come to the end."""
    with casebook.change(shown=False) as change:
        asked = select(Webhook.__table__).where(Webhook.id == identity, Webhook.state == "active")
        one = change.connection.execute(asked).mappings().first()
        if one is None:
            return None
        wanted = {"severity": one["severity"], "rule": one["rule"]}
        found, after = page_after(change.connection, one["after"], **wanted, limit=_PAGE)
        if after == one["after"]:
            return None
        for warning in found:
            message = {
                "type": f"warning.{warning.change}",
                "timestamp": written(at),
                "data": warning.as_dict(),
            }
            subject = f"{warning.subject['kind']}:{warning.subject['key']}"
            put(change, channel_of(identity), subject, f"{identity}.{warning.id}", message, at)
        change.connection.execute(update(Webhook).where(Webhook.id == identity).values(after=after))
        _make_room(change, identity, at)
        return len(found)


def _make_room(change: Change, identity: str, at: datetime) -> None:
    """Delete what was settled long ago: the warnings themselves are kept, and can be read again."""
    old = (OutboxEntry.channel == channel_of(identity)) & (OutboxEntry.settled_at < written(at - KEPT))
    change.connection.execute(delete(OutboxEntry).where(old))


def _one(connection: Connection, identity: str) -> Row:
    asked = select(Webhook.__table__).where(Webhook.id == identity, Webhook.state != "removed")
    row = connection.execute(asked).mappings().first()
    if row is None:
        raise NotFoundError(f"There is no webhook {identity}: `cluegraph webhooks list` lists them.")
    return dict(row)


def _told(connection: Connection, row: Row) -> Row:
    channel = channel_of(row["id"])
    fares = select(OutboxChannel.failing_since, OutboxChannel.last_error)
    state = connection.execute(fares.where(OutboxChannel.channel == channel)).mappings().first()
    waiting = select(func.count()).select_from(OutboxEntry)
    waiting = waiting.where(OutboxEntry.channel == channel, OutboxEntry.state == "waiting")
    told = dict(state) if state is not None else {"failing_since": None, "last_error": None}
    return row | told | {"waiting": connection.execute(waiting).scalar_one()}


def _remember(change: Change, identity: str, what: str, by: str, why: str, at: datetime) -> None:
    known = select(func.count()).select_from(WebhookHistory).where(WebhookHistory.webhook == identity)
    row = {"webhook": identity, "number": change.connection.execute(known).scalar_one() + 1}
    row |= {"change": what, "at": written(at), "by": by, "why": why}
    change.connection.execute(insert(WebhookHistory), row)
