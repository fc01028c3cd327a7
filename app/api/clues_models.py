"""What the API takes and answers about handovers, dossiers and accesses to personal values."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.api.models import Entity, Severity

Told = Literal["taken up", "case opened", "not pursued", "returned"]
FindingIds = Annotated[list[Annotated[str, Field(max_length=32)]], Field(max_length=50)]

HANDOVER_EXAMPLE: dict[str, Any] = {
    "id": "smuggling-000001",
    "recipient": "smuggling",
    "number": 1,
    "state": "handed over",
    "severity": "high",
    "ledger_version": 3,
    "folder": "/srv/clues/smuggling-000001",
    "by": "scheduler",
    "prepared_at": "2026-01-31T17:00:00+00:00",
    "handed_at": "2026-01-31T17:00:01+00:00",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "clues": {"new": 2},
    "outcomes": {"not told yet": 2},
}


class DossierAsked(BaseModel):
    """The findings that a dossier is to be about."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"findings": ["f-3k2m5q7d"]}]})

    findings: FindingIds = Field(description="Ids of findings, at most 50.", min_length=1)


class Outcome(BaseModel):
    """What a recipient did with a clue, as somebody told it."""

    outcome: Told = Field(description="What they did.", examples=["taken up"])
    reason: str = Field(description="Why.", examples=["known already"])
    by: str = Field(description="Who told it.", examples=["Wang"])
    at: str = Field(description="When it was told (UTC).", examples=["2026-02-03T08:00:00+00:00"])


class HandoverLine(BaseModel):
    """One batch of clues that was handed over."""

    model_config = ConfigDict(json_schema_extra={"examples": [HANDOVER_EXAMPLE]})

    id: str = Field(description="Recipient and number; also the name of its folder.")
    recipient: str = Field(description="To whom.")
    number: int = Field(description="From 1 for each recipient.")
    state: Literal["handed over", "not finished"] = Field(
        description="not finished: a run was cut off, and the next one finishes the batch."
    )
    severity: Severity = Field(description="Least severity that was asked for.")
    ledger_version: int = Field(description="Ledger version at that time.")
    folder: str = Field(description="Where it was written.")
    by: str = Field(description="Who handed it over.")
    prepared_at: str = Field(description="When it was put together (UTC).")
    handed_at: str | None = Field(description="When its folder was there, whole (UTC).")
    sha256: str | None = Field(description="SHA-256 of its manifest, which has those of its files.")
    clues: dict[str, int] = Field(description="How many are new, changed, withdrawn.")
    outcomes: dict[str, int] = Field(description="Latest outcome → how many clues.")


class HandoverItem(BaseModel):
    """One clue of a batch."""

    finding: str = Field(description="Id of the finding.", examples=["f-3k2m5q7d"])
    change: Literal["new", "changed", "withdrawn"] = Field(
        description="Why it is in the batch.", examples=["new"]
    )
    rule: str = Field(description="Id of the rule.", examples=["ring-platforms"])
    severity: Severity = Field(description="Severity as it was handed over.", examples=["high"])
    subject: Entity = Field(description="Whom it is about.")
    outcomes: list[Outcome] = Field(description="What was told of it, the earliest first.")


class HandoverDetail(HandoverLine):
    """One batch with its clues."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**HANDOVER_EXAMPLE, "items": []}]})

    items: list[HandoverItem] = Field(description="Its clues, by finding.")


class OutcomeTold(BaseModel):
    """What came of the clues of a batch: of all, or of some."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"outcome": "taken up", "by": "Wang", "expected": ""}]},
    )

    outcome: Told = Field(description="What the recipient did; `not pursued` and `returned` need a reason.")
    findings: Annotated[list[str], Field(max_length=5000)] = Field(
        default=[], description="Only these clues; all of the batch where none is named."
    )
    reason: str = Field(default="", max_length=1000, description="Why.")
    by: str = Field(min_length=1, max_length=80, description="Who tells it.")
    expected: str = Field(
        description="The outcome that was seen, empty for none: if it is another by now, nothing changes."
    )


class AccessLine(BaseModel):
    """Somebody asked for personal values. None is in it."""

    number: int = Field(description="Number of the access.", examples=[1])
    by: str = Field(description="Who asked.", examples=["Wang"])
    role: str = Field(description="In which role, as stated.", examples=["investigator"])
    purpose: str = Field(description="What for.", examples=["case 2026-17"])
    at: str = Field(description="When (UTC).", examples=["2026-02-03T08:00:00+00:00"])
    persons: int = Field(description="Of how many identities.", examples=[158])
    findings: list[str] = Field(description="Behind which findings.", examples=[["f-3k2m5q7d"]])
