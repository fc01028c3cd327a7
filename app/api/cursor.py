"""Opaque cursors: where the next page of a list begins."""

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

from app.errors import BadInputError


def encode(position: Sequence[Any]) -> str:
    """A cursor from the sort key of the last row shown (JSON values)."""
    text = json.dumps(list(position), ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str, *types: type) -> list[Any]:
    """The sort key in a cursor that we gave out; BadInputError for anything else."""
    try:
        position = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, UnicodeError, ValueError):
        position = None
    if (
        not isinstance(position, list)
        or len(position) != len(types)
        or not all(type(value) is kind for value, kind in zip(position, types, strict=True))
    ):
        raise BadInputError("The cursor is not one that this list gave out: take it from `next`, unchanged.")
    return position
