"""What the API answers about control instructions, and what it is told."""

from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from app.casebook.instruction_models import SCOPES, STATES
from app.supervision.lanes import LANES

ScopeKind = Literal["platform", "merchant", "agent", "consumer", "address", "goods"]
State = Literal["drafted", "approved", "issued", "acknowledged", "refused", "withdrawn", "expired"]
Lane = Literal[
    "release", "machine review", "manual review", "machine inspection", "physical inspection", "hold"
]
assert (ScopeKind.__args__, State.__args__, Lane.__args__) == (SCOPES, STATES, LANES)  # type: ignore[attr-defined]

InstructionId = Annotated[
    str, Path(title="Instruction", description="Id of the instruction.", examples=["CI-2026-00001"])
]
By = Annotated[str, Field(description="Who does it.", max_length=80, examples=["K02"])]
Why = Annotated[str, Field(description="Why.", max_length=1000, examples=["Checked against the finding."])]

EXAMPLE: dict[str, Any] = {
    "id": "CI-2026-00001",
    "scope_kind": "platform",
    "scope_key": "4401968001",
    "action": "physical inspection",
    "rate": "0.25",
    "starts": "2026-07-01T02:30:00.000000Z",
    "ends": "2026-07-31T16:00:00.000000Z",
    "reason": "2 of 7 checks failed and none was passed later.",
    "source": "finding",
    "finding": "3k2m5q7dhx4zv6pwrbjivplkht",
    "class_letter": None,
    "state": "drafted",
}
HISTORY: dict[str, Any] = {
    "change": "drafted",
    "state": "drafted",
    "at": "2026-07-01T02:30:00.000000Z",
    "by": "K01",
    "why": "2 of 7 checks failed.",
}


class InstructionLine(BaseModel):
    """A control instruction."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    id: str = Field(description="Id.")
    scope_kind: ScopeKind = Field(description="Kind of what it is about.")
    scope_key: str = Field(description="Code, key, or the first digits of an HS code.")
    action: Lane = Field(description="Lane that its declarations take.")
    rate: str = Field(description="Share of its declarations that take it, 0 to 1.")
    starts: AwareDatetime = Field(description="From when.")
    ends: AwareDatetime = Field(description="Until when, this instant not included.")
    reason: str = Field(description="Why.")
    source: Literal["finding", "class", "person"] = Field(description="Where it comes from.")
    finding: str | None = Field(description="Finding that it comes from.")
    class_letter: str | None = Field(description="Class that it comes from.")
    state: State = Field(description="State; issued and acknowledged ones are in force.")


class Step(BaseModel):
    """What was done with an instruction or a subscription."""

    model_config = ConfigDict(json_schema_extra={"examples": [HISTORY]})

    change: str = Field(description="What was done, or answered by the receiver.")
    state: State = Field(description="State after it.")
    at: AwareDatetime = Field(description="When.")
    by: str = Field(description="Who.")
    why: str = Field(description="Why.")


class InstructionAnswer(InstructionLine):
    """A control instruction with everything that was done with it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**EXAMPLE, "history": [HISTORY]}]})

    history: list[Step] = Field(description="What was done, the earliest first.")


class NewInstruction(BaseModel):
    """What is to be drafted. Where left out, a finding tells scope and reason, a class lane, rate, reason."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    scope_kind: ScopeKind | None = Field(
        default=None, description="Kind of what it is about.", examples=["platform"]
    )
    scope_key: str | None = Field(
        default=None, max_length=60, description="Code, key, or digits.", examples=["4401968001"]
    )
    action: str | None = Field(
        default=None, description="Lane.", max_length=30, examples=["physical inspection"]
    )
    rate: str | None = Field(
        default=None, description="Share, 0 to 1; all where left out.", max_length=10, examples=["0.25"]
    )
    starts: AwareDatetime | None = Field(
        default=None, alias="from", description="From when; from now on where left out.", examples=[None]
    )
    ends: AwareDatetime = Field(
        alias="to",
        description="Until when, this instant not included.",
        examples=["2026-08-01T00:00:00+08:00"],
    )
    reason: str | None = Field(default=None, max_length=2000, description="Why.", examples=["Two raids."])
    finding: str | None = Field(
        default=None, max_length=32, description="Finding that it comes from.", examples=[None]
    )
    by_class: bool = Field(
        default=False, description="Whether it comes from the enterprise's class.", examples=[False]
    )
    by: By


class Decision(BaseModel):
    """Who decides, and why."""

    model_config = ConfigDict(extra="forbid")

    by: By
    why: Why


class Withdrawal(Decision):
    """A withdrawal, and the state in which the instruction was seen."""

    expected: State = Field(
        description="State that it is in: another one by now is refused.", examples=["issued"]
    )


class Acknowledgement(BaseModel):
    """What the receiver answers."""

    model_config = ConfigDict(extra="forbid")

    of: Literal["issue", "withdrawal"] = Field(
        default="issue", description="What is answered.", examples=["issue"]
    )
    state: Literal["acknowledged", "refused"] = Field(
        description="Whether it is done, or never will be.", examples=["acknowledged"]
    )
    by: By
    reason: str = Field(default="", max_length=1000, description="Why; needed for a refusal.", examples=[""])
