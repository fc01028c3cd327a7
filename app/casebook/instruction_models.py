"""Tables of control instructions: what acts on clearance, and everything that was ever done with it.

Instants are text in UTC of one width (`app.casebook.instants`). A rate is an integer of 1/1,000,000.
"""

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.casebook.models import Base

STATES = ("drafted", "approved", "issued", "acknowledged", "refused", "withdrawn", "expired")
SCOPES = ("platform", "merchant", "agent", "consumer", "address", "goods")
SOURCES = ("finding", "class", "person")


def _one_of(column: str, names: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{name}'" for name in names)
    return CheckConstraint(f"{column} in ({listed})", name=column)


class Instruction(Base):
    """What is to be done at clearance with a scope, from an instant to another (this one not included).

    `source` says where it comes from: `finding`, a class (`class_letter`), or a person alone.
    """

    __tablename__ = "instructions"
    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    scope_kind: Mapped[str] = mapped_column(String(10))
    scope_key: Mapped[str] = mapped_column(String(32))
    action: Mapped[str] = mapped_column(String(30))
    rate_e6: Mapped[int] = mapped_column(Integer)
    starts: Mapped[str] = mapped_column(String(27))
    ends: Mapped[str] = mapped_column(String(27))
    reason: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(String(10))
    finding: Mapped[str | None] = mapped_column(ForeignKey("findings.id"))
    class_letter: Mapped[str | None] = mapped_column(String(1))
    state: Mapped[str] = mapped_column(String(15))

    __table_args__ = (
        Index("ix_instructions_state_ends", "state", "ends"),
        Index("ix_instructions_scope", "scope_kind", "scope_key"),
        _one_of("scope_kind", SCOPES),
        _one_of("source", SOURCES),
        _one_of("state", STATES),
        CheckConstraint("rate_e6 between 0 and 1000000", name="rate"),
        CheckConstraint("starts < ends", name="period"),
    )


class InstructionHistory(Base):
    """What was done with an instruction, by whom, when and why; rows are only ever added.

    `change` is what happened, `state` the one after it: a receiver's answer that moves nothing is kept too.
    """

    __tablename__ = "instruction_history"
    instruction: Mapped[str] = mapped_column(ForeignKey("instructions.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    change: Mapped[str] = mapped_column(String(30))
    state: Mapped[str] = mapped_column(String(15))
    at: Mapped[str] = mapped_column(String(27))
    by: Mapped[str] = mapped_column(String(80))
    why: Mapped[str] = mapped_column(Text)

    __table_args__ = (_one_of("state", STATES),)
