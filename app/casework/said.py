"""Who decided, and why: what every decision of a person has to say."""

from datetime import date

from app.errors import BadInputError
from app.masking import refuse_numbers_of_persons

_LONGEST_NAME, _LONGEST_REASON = 80, 2_000


def checked(by: str, why: str) -> dict[str, str]:
    """`by` and `why` as they are kept.

    Raises BadInputError where one is empty or too long (80 and 2,000 characters), or holds the number of a
    person.
    """
    refuse_numbers_of_persons(by, why)
    told = {"by": by.strip(), "why": why.strip()}
    for name, longest in (("by", _LONGEST_NAME), ("why", _LONGEST_REASON)):
        if not 0 < len(told[name]) <= longest:
            raise BadInputError(f"A decision says {name}, in 1 to {longest:,} characters.")
    return told


def plain_day(day: date | None) -> str | None:
    """A day as ISO text."""
    return None if day is None else day.isoformat()
