"""Tables of assessments: what was answered to whom, the quota that it reserves, and what was released.

No personal value: persons are keys, and documents are kept without the fields that are personal.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.casebook.models import Base

_INSTANT = 27


class Assessment(Base):
    """One answer. `number` counts the versions of a sale's declaration, `digest` is that of its content.

    `answer` and `inputs` are JSON, compressed (zlib): what was answered; and what it was made from.
    """

    __tablename__ = "assessments"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    sale_id: Mapped[str] = mapped_column(String(90))
    number: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[str] = mapped_column(String(_INSTANT))
    lane: Mapped[str] = mapped_column(String(30))
    person: Mapped[str | None] = mapped_column(String(32))
    fallback: Mapped[str] = mapped_column(Text)
    ledger_version: Mapped[int | None] = mapped_column(Integer)
    answer: Mapped[bytes] = mapped_column(LargeBinary)
    inputs: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (
        UniqueConstraint("sale_id", "number"),
        Index("ix_assessments_at_id", "at", "id"),
    )


class Reservation(Base):
    """Quota that a declared sale takes before the ledger has it, in 1/100,000 CNY; one a sale."""

    __tablename__ = "reservations"
    sale_id: Mapped[str] = mapped_column(String(90), primary_key=True)
    person: Mapped[str] = mapped_column(String(32))
    year: Mapped[int] = mapped_column(Integer)
    amount_e5: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[str] = mapped_column(String(_INSTANT))
    until: Mapped[str] = mapped_column(String(_INSTANT))
    assessment: Mapped[str] = mapped_column(String(32))

    __table_args__ = (
        Index("ix_reservations_person", "person"),
        CheckConstraint("amount_e5 >= 0", name="amount"),
    )


class Release(Base):
    """Who gave a reserved quota free before its time, and why; what was reserved is in the assessment."""

    __tablename__ = "releases"
    assessment: Mapped[str] = mapped_column(String(32), primary_key=True)
    sale_id: Mapped[str] = mapped_column(String(90))
    amount_e5: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[str] = mapped_column(String(_INSTANT))
    by: Mapped[str] = mapped_column(String(80))
    why: Mapped[str] = mapped_column(Text)
