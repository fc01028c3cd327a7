"""Tables of classes: regular ratings, the class of each enterprise in each, and emergency adjustments.

Nothing here is ever deleted or overwritten, but for the three columns that say how an adjustment was ended.
"""

from datetime import date

from sqlalchemy import CheckConstraint, Date, Float, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.casebook.models import Base


class Rating(Base):
    """One regular rating of all enterprises; `number` counts them, `id` is a digest of what went in."""

    __tablename__ = "ratings"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, unique=True)
    on_day: Mapped[date] = mapped_column(Date)
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    scorecard_version: Mapped[str] = mapped_column(String(20))
    scorecard: Mapped[str] = mapped_column(Text)
    ledger_version: Mapped[int] = mapped_column(Integer)
    detection_version: Mapped[int | None] = mapped_column(Integer)
    casebook_seq: Mapped[int] = mapped_column(Integer)
    enterprises: Mapped[int] = mapped_column(Integer)
    rated_by: Mapped[str] = mapped_column(String(80))


class ClassRating(Base):
    """An enterprise in a rating: `banded` is the class of its score, `letter` that within what its official
    credit class allows; `indicators` (canonical JSON) is what made the score, `why` what moved it."""

    __tablename__ = "class_ratings"
    rating: Mapped[str] = mapped_column(ForeignKey("ratings.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    letter: Mapped[str] = mapped_column(String(1))
    banded: Mapped[str] = mapped_column(String(1))
    previous: Mapped[str | None] = mapped_column(String(1))
    score: Mapped[float] = mapped_column(Float)
    role: Mapped[str] = mapped_column(String(20))
    credit_class: Mapped[str | None] = mapped_column(String(40))
    at_least: Mapped[str | None] = mapped_column(String(1))
    at_best: Mapped[str | None] = mapped_column(String(1))
    why: Mapped[str] = mapped_column(String(200))
    groups: Mapped[str] = mapped_column(Text)
    indicators: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))

    __table_args__ = (
        Index("ix_class_ratings_code", "code"),
        CheckConstraint("letter in ('A', 'B', 'C', 'D')", name="letter"),
        CheckConstraint("banded in ('A', 'B', 'C', 'D')", name="banded"),
    )


class ClassAdjustment(Base):
    """An emergency adjustment: at once, by an event or a person, until a day, the next rating, or its end."""

    __tablename__ = "class_adjustments"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    code: Mapped[str] = mapped_column(String(40))
    letter: Mapped[str] = mapped_column(String(1))
    since: Mapped[date] = mapped_column(Date)
    until: Mapped[date] = mapped_column(Date)
    event: Mapped[str | None] = mapped_column(String(80))
    event_version: Mapped[str | None] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(String(80))
    ended_on: Mapped[date | None] = mapped_column(Date)
    ended_by: Mapped[str | None] = mapped_column(String(80))
    ended_why: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        Index("ix_class_adjustments_code", "code"),
        CheckConstraint("letter in ('A', 'B', 'C', 'D')", name="letter"),
    )
