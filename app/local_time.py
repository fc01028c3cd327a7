"""The time of the office: days are those of Asia/Shanghai, which keeps no summer time."""

from datetime import date, datetime, timedelta, timezone

LOCAL = timezone(timedelta(hours=8))


def today() -> date:
    """The day that it is there."""
    return datetime.now(LOCAL).date()


def local_day(at: datetime) -> date:
    """The day that it is there at an aware instant."""
    return at.astimezone(LOCAL).date()
