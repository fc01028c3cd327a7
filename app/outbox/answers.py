"""What an answer over HTTP means for a message."""

from typing import Any

import orjson

from app.outbox.http import Answer
from app.outbox.outcome import Outcome

LATER = (408, 409, 425, 429)
"""Statuses of 4xx that are no refusal: too slow, the same key still being worked on
(draft-ietf-httpapi-idempotency-key-header), too early, too many."""
_BUSY = (429, 503)


def outcome_of(answer: Answer, *, refusals: bool) -> Outcome:
    """2xx delivers; another 4xx than LATER is a refusal for good where there are `refusals`; all else is a
    failure."""
    status, told = answer.status, object_of(answer.body)
    if 200 <= status < 300:
        return Outcome("delivered", answer=told)
    if refusals and 400 <= status < 500 and status not in LATER:
        return Outcome("refused", f"refused with status {status}", answer=told)
    moved = ", and redirects are not followed" if 300 <= status < 400 else ""
    return Outcome("failed", f"answered {status}{moved}", status in _BUSY, answer.wait)


def object_of(body: bytes) -> dict[str, Any]:
    """The JSON object that a body is; empty where it is none."""
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return told if isinstance(told, dict) else {}
