"""Regular ratings: scores into classes, with hysteresis, within what the official credit class allows."""

import hashlib
from base64 import b32encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, func, select

from app.casebook.canonical import canonical
from app.casebook.class_models import ClassRating, Rating
from app.casebook.store import Casebook, Change
from app.errors import BadInputError
from app.masking import refuse_numbers_of_persons
from app.supervision.class_history import letter_of, refresh
from app.supervision.credit import Limits, better, limits_of, read_credit_tables, within
from app.supervision.portraits import Portraits, portray
from app.supervision.scorecard import Band, Letter, Scorecard, scorecard_on
from loaders.ledger.ledger import Ledger

Row = dict[str, Any]


def class_of(score: float, bands: Sequence[Band]) -> Letter:
    """The class of a score (0 to 100): that of the best band that it reaches."""
    return next((band.letter for band in bands if score >= band.lower), bands[-1].letter)


def banded(score: float, previous: Letter | None, card: Scorecard) -> Letter:
    """The class of a score for one who had `previous`: another only if the score is past the edge by the
    width of the hysteresis, so that nobody goes to and fro on noise."""
    if previous is None:
        return class_of(score, card.bands)
    up = class_of(score - card.hysteresis, card.bands)
    down = class_of(score + card.hysteresis, card.bands)
    if better(up, previous):
        return up
    return down if better(previous, down) else previous


@dataclass(frozen=True)
class RatingReport:
    """What a rating did; `known` says that it had been made before, and nothing was written."""

    id: str
    on: date
    scorecard_version: str
    ledger_version: int
    enterprises: int
    classes: dict[str, int]
    raised: list[str]
    lowered: list[str]
    known: bool


def rate(
    ledger: Ledger,
    casebook: Casebook,
    *,
    on: date,
    first: date,
    last: date,
    by: str,
    scorecard: Path | None = None,
) -> RatingReport:
    """Rate every enterprise on a day for the days `first` to `last`; the caller holds the writer's lock.

    The same inputs give the same rating, which is then not written again. Emergency adjustments made before
    that day end with it. Raises BadInputError where a later rating is there already, where `by` says nobody,
    and for files and periods that are refused.
    """
    by = needed(by, "who rates", 80)
    refuse_numbers_of_persons(by)
    card = scorecard_on(on, scorecard)
    portraits = portray(ledger, casebook, card, first, last, on=on)
    with casebook.change() as change:
        before = _before(change.connection, on)
        rows = rate_rows(portraits, before)
        identity = _identity(portraits, rows, before)
        known = change.connection.execute(select(Rating.id).where(Rating.id == identity)).first()
        if known is None:
            _write(change, portraits, identity, rows, by)
            refresh(change, on)
    return RatingReport(
        identity,
        on,
        card.version,
        portraits.ledger_version,
        len(rows),
        {letter: sum(row["letter"] == letter for row in rows) for letter in ("A", "B", "C", "D")},
        [row["code"] for row in rows if row["previous"] and better(row["letter"], row["previous"])],
        [row["code"] for row in rows if row["previous"] and better(row["previous"], row["letter"])],
        known is not None,
    )


def needed(text: str, what: str, most: int) -> str:
    """The text, trimmed; raises BadInputError where it is empty or longer than `most` characters."""
    text = text.strip()
    if not text or len(text) > most:
        raise BadInputError(f"Say {what}, in 1 to {most} characters.")
    return text


def rate_rows(portraits: Portraits, before: Mapping[str, tuple[Letter, Letter]]) -> list[Row]:
    """The class of every enterprise, by code; `before`: (banded, class) in the rating before, by code."""
    tables = read_credit_tables()
    rows = []
    for code in portraits.rated_in:
        score, role = portraits.score(code)
        register = portraits.register.get(code) or {"credit_class": None, "as_of": None}
        limits = limits_of(tables, register["credit_class"], register["as_of"])
        was, previous = before.get(code, (None, None))
        letter = banded(score, was, portraits.card)
        told = canonical(indicators_of(portraits, code))
        rows.append(
            {
                "code": code,
                "letter": within(letter, limits),
                "banded": letter,
                "previous": previous,
                "score": score,
                "role": role,
                "credit_class": register["credit_class"],
                "at_least": limits.at_least,
                "at_best": limits.at_best,
                "why": _why(score, was, letter, limits, register["credit_class"], portraits.card),
                "groups": canonical(portraits.row(code)["groups"]),
                "indicators": told,
                "digest": hashlib.sha256(told.encode()).hexdigest(),
            }
        )
    return rows


def indicators_of(portraits: Portraits, code: str) -> dict[str, dict[str, Row]]:
    """What a score is made from, role by role: value, what counted, denominator, points of each indicator."""
    return {
        row["role"]: {
            one["indicator"]: {
                "value": one["value"] if one["exact"] is None else one["exact"],
                "counted": one["counted"],
                "denominator": one["denominator"],
                "points": one["points"],
                "enough": one["enough"],
            }
            for one in row["indicators"]
        }
        for row in portraits.one(code)["roles"]
    }


def _why(
    score: float, was: Letter | None, now: Letter, limits: Limits, credit: str | None, card: Scorecard
) -> str:
    plain = class_of(score, card.bands)
    if was is None:
        text = f"first rating: {score:g} is {now}"
    elif now == was:
        text = f"{score:g} is {now}" if plain == now else f"{score:g} is within {card.hysteresis:g} of {now}"
    else:
        text = f"{score:g} is past the edge of {was} by more than {card.hysteresis:g}"
    held = within(now, limits)
    return text if held == now else f"{text}; {held} by the official credit class {credit}"


def _before(connection: Connection, on: date) -> dict[str, tuple[Letter, Letter]]:
    """(banded, class) by code of the last rating before a day; BadInputError where there is a later one."""
    latest = connection.execute(select(func.max(Rating.on_day))).scalar_one()
    if latest is not None and latest > on:
        raise BadInputError(
            f"There is a rating on {latest} already: one on {on} would change what followed it."
        )
    last = (
        select(Rating.id)
        .where(Rating.on_day < on)
        .order_by(Rating.on_day.desc(), Rating.number.desc())
        .limit(1)
    )
    identity = connection.execute(last).scalar_one_or_none()
    rows = connection.execute(
        select(ClassRating.code, ClassRating.banded, ClassRating.letter).where(ClassRating.rating == identity)
    )
    return {code: (letter_of(was), letter_of(now)) for code, was, now in rows}


def _identity(portraits: Portraits, rows: list[Row], before: Mapping[str, tuple[Letter, Letter]]) -> str:
    """Digest of all that went in and came out: 26 characters."""
    period = portraits.period
    inputs = [
        *(str(day) for day in (period.on, period.first, period.last)),
        portraits.card.digest,
        portraits.ledger_version,
        portraits.found.ledger_version,
        rows,
        sorted(before.items()),
    ]
    digest = hashlib.blake2b(orjson.dumps(inputs), digest_size=16, person=b"cg:rating").digest()
    return b32encode(digest).decode().rstrip("=").lower()


def _write(change: Change, portraits: Portraits, identity: str, rows: list[Row], by: str) -> None:
    number = change.connection.execute(select(func.coalesce(func.max(Rating.number), 0))).scalar_one() + 1
    rating = {
        "id": identity,
        "number": number,
        "on_day": portraits.period.on,
        "first_day": portraits.period.first,
        "last_day": portraits.period.last,
        "scorecard_version": portraits.card.version,
        "scorecard": portraits.card.digest,
        "ledger_version": portraits.ledger_version,
        "detection_version": portraits.found.ledger_version,
        "casebook_seq": change.seq - 1,
        "enterprises": len(rows),
        "rated_by": by,
    }
    change.put(Rating, [rating], id=identity)
    change.put(ClassRating, [{"rating": identity, **row} for row in rows], rating=identity)
