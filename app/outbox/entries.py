"""Entries of the outbox: put in with the decision, claimed by whoever delivers, settled once."""

import hashlib
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select

from app.casebook.canonical import canonical
from app.casebook.instants import written
from app.casebook.outbox_models import OutboxEntry
from app.casebook.store import Change


@dataclass(frozen=True)
class Entry:
    """One message: `key` is its idempotency key, `payload` canonical JSON, `attempts` those made before."""

    number: int
    channel: str
    subject: str
    key: str
    payload: str
    attempts: int


def put(change: Change, channel: str, subject: str, name: str, payload: dict[str, Any], at: datetime) -> str:
    """Keep a message to a channel in this transaction; returns its idempotency key.

    Messages of one subject go out in the order in which they were put. The key is `name` with a digest of
    the channel and the payload: a casebook that was set back, and counts again, never uses a key for another
    message.
    """
    text = canonical(payload)
    digest = hashlib.blake2b(f"{channel}\n{text}".encode(), digest_size=10, person=b"cg:outbox").digest()
    key = f"{name}.{b32encode(digest).decode().lower()}"
    table = OutboxEntry.__table__
    newest = change.connection.execute(select(func.max(OutboxEntry.number))).scalar_one()
    before = select(OutboxEntry.number).where(
        OutboxEntry.channel == channel, OutboxEntry.subject == subject, OutboxEntry.state == "waiting"
    )
    waits = change.connection.execute(before.limit(1)).first() is not None
    row = {
        "number": int(newest or 0) + 1,
        "channel": channel,
        "subject": subject,
        "key": key,
        "payload": text,
        "state": "waiting",
        "made_at": written(at),
        "attempts": 0,
        "due": None if waits else written(at),
    }
    change.connection.execute(insert(table), row)  # type: ignore[arg-type]
    return key
