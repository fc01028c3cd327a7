"""Tables of protection: identities watched or locked by their owner's wish, by key, with their history."""

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.casebook.models import Base

LEVELS = ("watched", "locked")
CHANGES = ("set", "extended", "lifted")


class Protection(Base):
    """One protection of one identity, from a day to its last one (open where null).

    `lifted` is the first day on which it no longer holds; the row stays.
    """

    __tablename__ = "protections"
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    consumer: Mapped[str] = mapped_column(String(32))
    level: Mapped[str] = mapped_column(String(10))
    since: Mapped[date] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)
    lifted: Mapped[date | None] = mapped_column(Date)

    __table_args__ = (
        Index("ix_protections_consumer", "consumer"),
        CheckConstraint("level in ('watched', 'locked')", name="level"),
        CheckConstraint("until is null or until >= since", name="until"),
    )


class ProtectionHistory(Base):
    """What was done with a protection, by whom and why; `until` and `lifted` are those after the change."""

    __tablename__ = "protection_history"
    protection: Mapped[int] = mapped_column(ForeignKey("protections.number"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    casebook_seq: Mapped[int] = mapped_column(Integer)
    change: Mapped[str] = mapped_column(String(10))
    on: Mapped[date] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)
    lifted: Mapped[date | None] = mapped_column(Date)
    why: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(120))

    __table_args__ = (CheckConstraint("change in ('set', 'extended', 'lifted')", name="change"),)
