"""Tables about what left the house: clues handed over, what came of them, and who saw personal values."""

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.casebook.models import Base

CHANGES = ("new", "changed", "withdrawn")
OUTCOMES = ("taken up", "case opened", "not pursued", "returned")


class Handover(Base):
    """One batch of clues for one recipient, numbered from 1 for each.

    It is kept before its folder is written; `handed_at` and `sha256` (of its manifest) say that the folder
    was there, whole. One without them was cut off and is finished by the next run. `about` is JSON: what the
    manifest says besides its files.
    """

    __tablename__ = "handovers"
    recipient: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    severity: Mapped[str] = mapped_column(String(10))
    about: Mapped[str] = mapped_column(Text)
    folder: Mapped[str] = mapped_column(Text)
    prepared_by: Mapped[str] = mapped_column(String(80))
    prepared_at: Mapped[str] = mapped_column(String(40))
    handed_at: Mapped[str | None] = mapped_column(String(40))
    sha256: Mapped[str | None] = mapped_column(String(64))


class HandoverItem(Base):
    """One clue of a batch: why it is in it, and its words as they were handed over (JSON)."""

    __tablename__ = "handover_items"
    recipient: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    finding: Mapped[str] = mapped_column(ForeignKey("findings.id"), primary_key=True)
    change: Mapped[str] = mapped_column(String(20))
    content: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        ForeignKeyConstraint(["recipient", "number"], ["handovers.recipient", "handovers.number"]),
        Index("ix_handover_items_recipient_finding", "recipient", "finding"),
    )


class HandoverOutcome(Base):
    """What a recipient did with a clue, in the order in which it was told; nothing is overwritten."""

    __tablename__ = "handover_outcomes"
    recipient: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    finding: Mapped[str] = mapped_column(String(32), primary_key=True)
    place: Mapped[int] = mapped_column(Integer, primary_key=True)
    outcome: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)
    told_by: Mapped[str] = mapped_column(String(80))
    told_at: Mapped[str] = mapped_column(String(40))

    __table_args__ = (
        ForeignKeyConstraint(
            ["recipient", "number", "finding"],
            ["handover_items.recipient", "handover_items.number", "handover_items.finding"],
        ),
    )


class Access(Base):
    """Who asked for personal values, in which role and for what; kept before any of them is written.

    `findings` is a JSON list of ids; `persons` counts identities, none is named.
    """

    __tablename__ = "accesses"
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    asked_by: Mapped[str] = mapped_column(String(80))
    role: Mapped[str] = mapped_column(String(40))
    purpose: Mapped[str] = mapped_column(Text)
    at: Mapped[str] = mapped_column(String(40))
    findings: Mapped[str] = mapped_column(Text)
    persons: Mapped[int] = mapped_column(Integer)
