"""Tables of measures: proposals to change a rate, the day's selections, and every sale that they name.

Nothing here is ever deleted; of a proposal the decision is added, once. Rates are text, exact decimals.
"""

from datetime import date

from sqlalchemy import CheckConstraint, Date, Float, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.casebook.models import Base

PROPOSAL_STATES = ("proposed", "accepted", "rejected", "superseded")
REASONS = ("random", "instruction", "clue", "class_rate")
"""Why a sale was selected, as the contract of `inspections` names it."""


class MeasureProposal(Base):
    """A rate that the effect of the measures asks to change, and what a person decided.

    `digest` is of all that it was made from; `effect` (canonical JSON) what was found and what is expected.
    One that is accepted takes the place of the table's rate from the day `holds_from` on.
    """

    __tablename__ = "measure_proposals"
    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    digest: Mapped[str] = mapped_column(String(32), unique=True)
    letter: Mapped[str] = mapped_column(String(1))
    measure: Mapped[str] = mapped_column(String(20))
    rate_before: Mapped[str] = mapped_column(String(12))
    rate_after: Mapped[str] = mapped_column(String(12))
    why: Mapped[str] = mapped_column(Text)
    effect: Mapped[str] = mapped_column(Text)
    table_version: Mapped[str] = mapped_column(String(20))
    ledger_version: Mapped[int] = mapped_column(Integer)
    proposed_on: Mapped[date] = mapped_column(Date)
    proposed_by: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(10))
    decided_at: Mapped[str | None] = mapped_column(String(27))
    decided_by: Mapped[str | None] = mapped_column(String(80))
    decided_why: Mapped[str | None] = mapped_column(Text)
    holds_from: Mapped[date | None] = mapped_column(Date)

    __table_args__ = (
        Index("ix_measure_proposals_state", "state", "holds_from"),
        CheckConstraint("letter in ('A', 'B', 'C', 'D')", name="letter"),
        CheckConstraint(
            "measure in ('manual_review', 'machine_inspection', 'physical_inspection')", name="measure"
        ),
        CheckConstraint("state in ('proposed', 'accepted', 'rejected', 'superseded')", name="state"),
    )


class Selection(Base):
    """The selection of one day: what was declared on `day` as ledger version `ledger_version` knows it.

    `seed` is a digest of the seed, which lets nobody draw ahead; `id` a digest of the three. `measures`
    (canonical JSON) is the table in force with the changes that were accepted, `at` when it was made (UTC).
    """

    __tablename__ = "selections"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    day: Mapped[date] = mapped_column(Date)
    seed: Mapped[str] = mapped_column(String(32))
    ledger_version: Mapped[int] = mapped_column(Integer)
    detection_version: Mapped[int | None] = mapped_column(Integer)
    casebook_seq: Mapped[int] = mapped_column(Integer)
    table_version: Mapped[str] = mapped_column(String(20))
    measures: Mapped[str] = mapped_column(Text)
    declared: Mapped[int] = mapped_column(Integer)
    at: Mapped[str] = mapped_column(String(27))
    made_by: Mapped[str] = mapped_column(String(80))

    __table_args__ = (Index("ix_selections_day", "day"),)


class SelectedSale(Base):
    """A sale that was selected for a lane, or left out of it by a ceiling; `number` counts them as chosen.

    `chance` (0 to 1) is the risk that was looked at, or taken; `parts` (canonical JSON) what it is made of.
    """

    __tablename__ = "selected_sales"
    selection: Mapped[str] = mapped_column(ForeignKey("selections.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    sale: Mapped[str] = mapped_column(String(120))
    lane: Mapped[str] = mapped_column(String(30))
    reason: Mapped[str] = mapped_column(String(12))
    left_out: Mapped[bool]
    letter: Mapped[str] = mapped_column(String(1))
    site: Mapped[str | None] = mapped_column(String(40))
    points: Mapped[float] = mapped_column(Float)
    chance: Mapped[float] = mapped_column(Float)
    instruction: Mapped[str | None] = mapped_column(String(20))
    finding: Mapped[str | None] = mapped_column(String(32))
    parts: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        Index("ix_selected_sales_sale", "sale", "lane"),
        CheckConstraint("reason in ('random', 'instruction', 'clue', 'class_rate')", name="reason"),
        CheckConstraint("letter in ('A', 'B', 'C', 'D')", name="letter"),
    )
