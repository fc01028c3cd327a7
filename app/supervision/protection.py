"""Protection of identities by their owner's wish: under watch or locked, from a day to a day."""

import re
from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select, update

from app.casebook.protection_models import LEVELS, Protection, ProtectionHistory
from app.casebook.protections import OPEN_END, ProtectionRecord, read_protections
from app.casebook.store import Casebook, Change
from app.errors import BadInputError, NotFoundError
from loaders.contract.keys import Keys, normalise

KEY = re.compile(r"[a-z2-7]{32}")
EARLIEST = date(2000, 1, 1)
"""First day of which anybody can have asked for a protection."""
_NUMBER_OF_A_PERSON = re.compile(r"\d[\d\s-]{9,}\d")


def consumer_key(keys: Keys, number: str, id_type: str = "1") -> str:
    """Key of an identity number; BadInputError, which never repeats it, where it is none."""
    given = number.strip()
    if not re.fullmatch(r"[0-9A-Za-z]", id_type.strip()):
        raise BadInputError("The type of the identity is one letter or digit (1: identity card).")
    if "\n" in given or not 4 <= len(normalise("id", given)) - 2 <= 60:
        raise BadInputError("What was given is no identity number: give exactly one.")
    return keys.key_of("id", f"{id_type.strip()}:{given}")


def protect(
    casebook: Casebook,
    consumer: str,
    level: str,
    *,
    since: date,
    until: date | None,
    why: str,
    by: str,
    on: date,
) -> ProtectionRecord:
    """Put an identity under watch or lock it; `on` is the day on which that is recorded.

    An identity has one protection at a time (a lock watches, too). Raises BadInputError for an unknown level,
    a day before EARLIEST, an end before the start, no reason, or one that overlaps another of this identity.
    """
    if level not in LEVELS:
        raise BadInputError(f"{level!r} is no level of protection: give one of {', '.join(LEVELS)}.")
    _check_key(consumer)
    if since < EARLIEST:
        raise BadInputError(f"A protection begins on {EARLIEST} or later, not on {since}.")
    if until is not None and until < since:
        raise BadInputError(f"The protection would end on {until}, before it begins on {since}.")
    _said(why, by)
    with casebook.change() as change:
        _refuse_overlap(read_protections(change.connection, consumer=consumer), since, until)
        newest = change.connection.execute(select(func.max(Protection.number))).scalar_one()
        number = int(newest or 0) + 1
        row = {
            "number": number,
            "consumer": consumer,
            "level": level,
            "since": since,
            "until": until,
            "lifted": None,
        }
        change.put(Protection, [row], number=number)
        return _recorded(change, number, "set", why, by, on)


def extend(
    casebook: Casebook, number: int, *, until: date | None, why: str, by: str, on: date
) -> ProtectionRecord:
    """Let a protection last longer (until None: without an end).

    Raises NotFoundError for an unknown number, BadInputError where it was lifted, would not last longer, or
    would overlap another of the same identity.
    """
    _said(why, by)
    with casebook.change() as change:
        one = _one(change, number)
        if one.lifted is not None:
            raise BadInputError(f"Protection {number} was lifted on {one.lifted}: set a new one.")
        if (until or OPEN_END) <= (one.until or OPEN_END):
            raise BadInputError(
                f"Protection {number} lasts until {one.until or 'it is lifted'}: an extension must end later "
                "(to end it earlier, lift it)."
            )
        others = [
            other
            for other in read_protections(change.connection, consumer=one.consumer)
            if other.number != number
        ]
        _refuse_overlap(others, one.since, until)
        change.connection.execute(update(Protection).where(Protection.number == number).values(until=until))
        return _recorded(change, number, "extended", why, by, on)


def lift(casebook: Casebook, number: int, *, day: date, why: str, by: str, on: date) -> ProtectionRecord:
    """End a protection: `day` is the first on which it no longer holds.

    Raises NotFoundError for an unknown number, BadInputError where it was lifted before or has ended by then.
    """
    _said(why, by)
    with casebook.change() as change:
        one = _one(change, number)
        if one.lifted is not None:
            raise BadInputError(f"Protection {number} was lifted on {one.lifted} already.")
        if day > one.last_day:
            raise BadInputError(f"Protection {number} ends on {one.last_day} by itself, before {day}.")
        change.connection.execute(update(Protection).where(Protection.number == number).values(lifted=day))
        return _recorded(change, number, "lifted", why, by, on)


def protections(
    casebook: Casebook, *, consumer: str | None = None, on: date | None = None, level: str | None = None
) -> list[ProtectionRecord]:
    """Protections, lifted and ended ones included: of one identity, holding on a day, of one level.

    Raises BadInputError for what is no key of a consumer, and for an unknown level.
    """
    if consumer is not None:
        _check_key(consumer)
    if level is not None and level not in LEVELS:
        raise BadInputError(f"{level!r} is no level of protection: give one of {', '.join(LEVELS)}.")
    with casebook.read() as connection:
        every = read_protections(connection, consumer=consumer)
    return [one for one in every if (on is None or one.holds(on)) and (level is None or one.level == level)]


def protection(casebook: Casebook, number: int) -> ProtectionRecord:
    """One protection by its number; raises NotFoundError."""
    with casebook.read() as connection:
        found = read_protections(connection, number=number)
    if not found:
        raise _unknown(number)
    return found[0]


def running(casebook: Casebook, consumer: str, day: date) -> ProtectionRecord:
    """The protection of an identity that holds on a day or begins after it; raises NotFoundError."""
    found = [one for one in protections(casebook, consumer=consumer) if one.last_day >= max(day, one.since)]
    if not found:
        raise NotFoundError(f"This identity has no protection that holds on {day} or begins later.")
    return found[0]


def _one(change: Change, number: int) -> ProtectionRecord:
    found = read_protections(change.connection, number=number)
    if not found:
        raise _unknown(number)
    return found[0]


def _unknown(number: int) -> NotFoundError:
    return NotFoundError(f"There is no protection {number}: `cluegraph consumers protected` lists them.")


def _check_key(consumer: str) -> None:
    if not KEY.fullmatch(consumer):
        raise BadInputError("That is no key of a consumer: `cluegraph key` makes it from an identity number.")


def _said(why: str, by: str) -> None:
    if not why.strip() or not by.strip():
        raise BadInputError("A protection says why, and by whom.")
    if any(_NUMBER_OF_A_PERSON.search(text) for text in (why, by)):
        raise BadInputError(
            "The reason or the name holds a long number: the casebook keeps no identity or telephone number."
        )
    if len(by) > 120:
        raise BadInputError("Who did it has more than 120 characters.")


def _refuse_overlap(others: Sequence[ProtectionRecord], since: date, until: date | None) -> None:
    end = until or OPEN_END
    for other in others:
        if other.last_day >= other.since and other.since <= end and since <= other.last_day:
            last = "without an end" if other.last_day == OPEN_END else f"to {other.last_day}"
            raise BadInputError(
                f"This identity is {other.level} from {other.since} {last} (protection {other.number}): "
                "extend or lift that one."
            )


def _recorded(change: Change, number: int, what: str, why: str, by: str, on: date) -> ProtectionRecord:
    """Keep what was done in the history of a protection; gives the protection."""
    one = _one(change, number)
    row = {
        "protection": number,
        "number": len(one.history) + 1,
        "casebook_seq": change.seq,
        "change": what,
        "on": on,
        "until": one.until,
        "lifted": one.lifted,
        "why": why.strip(),
        "by": by.strip(),
    }
    change.put(ProtectionHistory, [row], protection=number)
    return _one(change, number)
