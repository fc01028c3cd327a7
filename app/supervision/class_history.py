"""What class an enterprise has on a day, worked out from ratings and adjustments; and its whole history."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

import orjson
from sqlalchemy import Connection, select

from app.casebook.canonical import canonical
from app.casebook.class_models import ClassAdjustment, ClassRating, Rating
from app.casebook.models import DerivedNode
from app.casebook.store import Casebook, Change
from app.errors import BadInputError, NotFoundError
from app.supervision.credit import better
from app.supervision.scorecard import CLASSES, Letter

STEP = "classes"
"""Name under which classes are given to the graph, beside the steps of detection."""

Row = dict[str, Any]


@dataclass
class Record:
    """All that the casebook holds of one enterprise's class: ratings by day, adjustments by day."""

    code: str
    ratings: list[Row] = field(default_factory=list)
    adjustments: list[Row] = field(default_factory=list)

    def rated(self, day: date) -> Row | None:
        """The rating that counts on a day; of several on one day the last that was made."""
        return max(
            (row for row in self.ratings if row["on_day"] <= day),
            key=lambda row: (row["on_day"], row["number"]),
            default=None,
        )

    def ends(self, adjustment: Row) -> tuple[date, str, str | None]:
        """First day on which an adjustment no longer holds, why, and who ended it.

        Its expiry, a person's end, or the next regular rating, whichever is first.
        """
        ways = [(adjustment["until"] + date.resolution, "expired", None)]
        if adjustment["ended_on"] is not None:
            ways.append((adjustment["ended_on"], adjustment["ended_why"], adjustment["ended_by"]))
        ways += [
            (row["on_day"], f"regular rating {row['rating']}", row["rated_by"])
            for row in self.ratings
            if row["on_day"] > adjustment["since"]
        ]
        return min(ways, key=lambda way: way[0])

    def in_force(self, day: date) -> list[Row]:
        """Adjustments that hold on a day."""
        return [row for row in self.adjustments if row["since"] <= day < self.ends(row)[0]]

    def state(self, day: date) -> Row | None:
        """The class on a day, its source (rating, event, person), since when, until when; None where none.

        The worst of the adjustments that hold counts; an event never raises a class.
        """
        rated, held = self.rated(day), self.in_force(day)
        if rated is not None:
            held = [row for row in held if row["event"] is None or not better(row["letter"], rated["letter"])]
        state: Row = {
            "code": self.code,
            "score": rated and rated["score"],
            "rated": rated and rated["letter"],
        }
        if held:
            worst = max(held, key=lambda row: (CLASSES.index(row["letter"]), row["since"], row["id"]))
            source = "person" if worst["event"] is None else "event"
            until = self.ends(worst)[0] - date.resolution
            return state | {
                "class": worst["letter"],
                "source": source,
                "since": worst["since"],
                "until": until,
            }
        if rated is None:
            return None
        return state | {"class": rated["letter"], "source": "rating", "since": rated["on_day"], "until": None}


def records(connection: Connection, codes: Iterable[str] | None = None) -> dict[str, Record]:
    """Records by code, of all enterprises or some."""
    out: dict[str, Record] = {}
    ratings = (
        select(
            *(one for one in ClassRating.__table__.columns if one.name != "indicators"),
            Rating.number,
            Rating.on_day,
            Rating.first_day,
            Rating.last_day,
        )
        .add_columns(Rating.rated_by, Rating.scorecard_version, Rating.ledger_version)
        .join(Rating, Rating.id == ClassRating.rating)
        .order_by(Rating.on_day, Rating.number, ClassRating.code)
    )
    adjustments = select(ClassAdjustment.__table__).order_by(ClassAdjustment.since, ClassAdjustment.id)
    if codes is not None:
        some = sorted(codes)
        ratings = ratings.where(ClassRating.code.in_(some))
        adjustments = adjustments.where(ClassAdjustment.code.in_(some))
    for query, name in ((ratings, "ratings"), (adjustments, "adjustments")):
        for row in connection.execute(query).mappings():
            record = out.setdefault(row["code"], Record(row["code"]))
            getattr(record, name).append(dict(row))
    return dict(sorted(out.items()))


def refresh(change: Change, day: date) -> None:
    """Give the graph the classes of a day, or of the last day on which anything was decided, if later."""
    known = records(change.connection)
    days = [row["on_day"] for record in known.values() for row in record.ratings]
    days += [
        row[name]
        for r in known.values()
        for row in r.adjustments
        for name in ("since", "ended_on")
        if row[name]
    ]
    at = max([day, *days])
    rows = []
    for code, record in known.items():
        state = record.state(at)
        if state is not None:
            told = {"class": state["class"], "class_source": state["source"]}
            if state["score"] is not None:
                told["class_score"] = state["score"]
            rows.append({"label": "Enterprise", "key": code, "step": STEP, "properties": canonical(told)})
    change.replace(DerivedNode, rows, step=STEP)


def classes_on(casebook: Casebook, day: date, letter: str | None = None) -> list[Row]:
    """The class of every enterprise that has one on a day, sorted by code; only of one class where given."""
    with casebook.read() as connection:
        states = [record.state(day) for record in records(connection).values()]
    return [row for row in states if row is not None and letter in (None, row["class"])]


def history_of(casebook: Casebook, code: str, day: date) -> Row:
    """The class of an enterprise on a day, and all ratings and adjustments there ever were.

    Raises NotFoundError where it was never rated and never adjusted.
    """
    with casebook.read() as connection:
        record = records(connection, [code]).get(code)
    if record is None:
        raise NotFoundError(f"Enterprise {code} has no class yet: `cluegraph classes rate` gives one.")
    return {
        "code": code,
        "on": day,
        "state": record.state(day),
        "ratings": [_rating(row) for row in record.ratings],
        "adjustments": [_adjustment(record, row, day) for row in record.adjustments],
    }


def _rating(row: Row) -> Row:
    names = "rating on_day first_day last_day banded previous score role credit_class at_least at_best why"
    told = {
        name: row[name]
        for name in (*names.split(), "rated_by", "scorecard_version", "ledger_version", "digest")
    }
    return told | {"class": row["letter"], "groups": orjson.loads(row["groups"])}


def _adjustment(record: Record, row: Row, day: date) -> Row:
    ends, why, who = record.ends(row)
    held = day < ends
    return {
        "id": row["id"],
        "class": row["letter"],
        "since": row["since"],
        "until": row["until"],
        "event": row["event"],
        "event_version": row["event_version"],
        "reason": row["reason"],
        "evidence": orjson.loads(row["evidence"]),
        "by": row["made_by"],
        "in_force": row["since"] <= day and held,
        "ended_on": None if held else ends,
        "ended_why": None if held else why,
        "ended_by": None if held else who,
    }


def decision_day(on: date, today: date) -> date:
    """The day of a decision; raises BadInputError for one after today: it could not be undone until then."""
    if on > today:
        raise BadInputError(f"Nothing can be decided for {on}, a day after today ({today}).")
    return on


def letter_of(text: str) -> Letter:
    """A class; raises BadInputError."""
    if text not in CLASSES:
        raise BadInputError(f"{text!r} is no class: give one of {', '.join(CLASSES)}.")
    return cast(Letter, text)
