"""Instants as the casebook keeps them: text in UTC of one width, whose order is that of the times."""

from datetime import UTC, datetime

from app.errors import BadInputError


def written(at: datetime) -> str:
    """An aware instant as text: 2026-07-01T02:30:00.000000Z. BadInputError for one without its zone."""
    if at.tzinfo is None:
        raise BadInputError(f"The time {at.isoformat()} has no zone: write it as 2026-07-01T10:30:00+08:00.")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def instant(text: str) -> datetime:
    """The instant that `written` wrote."""
    return datetime.fromisoformat(text)
