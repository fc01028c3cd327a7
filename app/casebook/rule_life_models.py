"""Tables of the life of a rule: what became of findings, how far rules are trusted, and who said so.

Nothing here is ever deleted or overwritten, but for the columns that say how a proposal was decided.
"""

from datetime import date

from sqlalchemy import CheckConstraint, Date, Float, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.casebook.models import Base

PROPOSAL_STATES = ("proposed", "accepted", "rejected")


class FindingDecision(Base):
    """One decision on a finding, beside the version of the rule and of the ledger that it was told by."""

    __tablename__ = "finding_decisions"
    finding: Mapped[str] = mapped_column(ForeignKey("findings.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    casebook_seq: Mapped[int] = mapped_column(Integer)
    former: Mapped[str] = mapped_column(String(40))
    decision: Mapped[str] = mapped_column(String(40))
    snoozed_until: Mapped[date | None] = mapped_column(Date)
    rule_version: Mapped[str] = mapped_column(String(20))
    ledger_version: Mapped[int] = mapped_column(Integer)
    on: Mapped[date] = mapped_column(Date)
    why: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(80))


class RuleMove(Base):
    """A person moved a rule to another maturity; the last move of a rule holds, whatever its file says."""

    __tablename__ = "rule_moves"
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    rule: Mapped[str] = mapped_column(String(80))
    rule_version: Mapped[str] = mapped_column(String(20))
    former: Mapped[str] = mapped_column(String(10))
    maturity: Mapped[str] = mapped_column(String(10))
    proposal: Mapped[int | None] = mapped_column(ForeignKey("rule_proposals.number"))
    on: Mapped[date] = mapped_column(Date)
    why: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(80))

    __table_args__ = (
        Index("ix_rule_moves_rule", "rule"),
        CheckConstraint("maturity in ('draft', 'shadow', 'live')", name="maturity"),
    )


class RuleProposal(Base):
    """A rule whose precision is surely under its floor, proposed to run as a shadow; and what a person said.

    `version` is that of the table of floors; `low` and `high` bound the precision at `level`.
    """

    __tablename__ = "rule_proposals"
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    rule: Mapped[str] = mapped_column(String(80))
    rule_version: Mapped[str] = mapped_column(String(20))
    right: Mapped[int] = mapped_column(Integer)
    wrong: Mapped[int] = mapped_column(Integer)
    low: Mapped[float] = mapped_column(Float)
    high: Mapped[float] = mapped_column(Float)
    level: Mapped[float] = mapped_column(Float)
    floor: Mapped[float] = mapped_column(Float)
    minimum: Mapped[int] = mapped_column(Integer)
    version: Mapped[str] = mapped_column(String(20))
    made_on: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(10))
    decided_on: Mapped[date | None] = mapped_column(Date)
    decided_why: Mapped[str | None] = mapped_column(Text)
    decided_by: Mapped[str | None] = mapped_column(String(80))

    __table_args__ = (
        Index("ix_rule_proposals_rule", "rule"),
        CheckConstraint("state in ('proposed', 'accepted', 'rejected')", name="state"),
    )
