"""What the API takes and answers about assessments. Money is text, persons are keys."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

ANSWER_EXAMPLE: dict[str, Any] = {
    "id": "A-0123456789abcdef01234567",
    "replaces": None,
    "sale_id": "4401968001|ORDER-1",
    "at": "2026-07-01T02:30:00+00:00",
    "lane": "machine inspection",
    "reasons": [
        {
            "kind": "finding",
            "name": "payment-refuted",
            "lane": "machine inspection",
            "rule": "payment-refuted",
            "rule_version": "1.0.0",
            "finding": "63qcfveoicagqbbgwmmvhciima",
            "numbers": {"severity": "high", "about": "platform"},
            "reason": {"en": "A high finding of payment-refuted about its platform stands.", "zh": "…"},
        }
    ],
    "quota": {
        "person": "fbdbv3673ea6sxo62g7iolmes7jysb2s",
        "year": 2026,
        "limit": "26000.00000",
        "used": "5804.80000",
        "left_at_most": "20195.20000",
        "reserved": "1913.70000",
    },
    "enterprises": [{"role": "platform", "code": "4401968001", "class": "B"}],
    "measure": {"class": "B", "rated": True, "physical_inspection": "0.005", "draw": 0.62},
    "differences": [],
    "judgeable": ["payer", "amount"],
    "versions": {"ledger": 12, "casebook_seq": 40, "lanes": "1.0.0"},
    "fallback": [],
}

_Rows = list[dict[str, str | None]]


class DeclarationAsked(BaseModel):
    """One sale before release: flat documents of the contract (docs/documents.md), every value a text."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"inventories": [{"ebpCode": "4401968001", "orderNo": "ORDER-1"}]}]}
    )

    inventories: _Rows | None = Field(default=None, description="The declaration, at most one.", max_length=1)
    inventory_items: _Rows | None = Field(
        default=None,
        description="Its lines; what the head says (ebpCode, orderNo, copNo) may be left out.",
        max_length=99,
    )
    orders: _Rows | None = Field(default=None, description="The order, at most one.", max_length=1)
    order_items: _Rows | None = Field(default=None, description="Its lines.", max_length=99)
    payments: _Rows | None = Field(default=None, description="The payment, at most one.", max_length=1)
    waybills: _Rows | None = Field(default=None, description="The waybill, at most one.", max_length=1)


class AssessmentAnswer(BaseModel):
    """The lane of a declaration, and what decided it."""

    model_config = ConfigDict(json_schema_extra={"examples": [ANSWER_EXAMPLE]})

    id: str = Field(description="Id of the assessment.")
    replaces: str | None = Field(description="Assessment of an earlier content of the same declaration.")
    sale_id: str = Field(description="The sale: ebpCode|orderNo.")
    at: str = Field(description="When it was assessed (UTC).")
    lane: str = Field(description="The gravest lane that anything asks for.")
    reasons: list[dict[str, Any]] = Field(
        description="What asks for which lane: facts of the sale, findings, instructions, draws; with rule "
        "and version, numbers, and a sentence in English and Chinese."
    )
    quota: dict[str, Any] | None = Field(
        description="The person's quota after this sale; null where nobody is named, or where it is unknown."
    )
    enterprises: list[dict[str, Any]] = Field(description="Who takes part, by role, with the class.")
    measure: dict[str, Any] = Field(description="The class whose measures hold, its rates, and the draw.")
    differences: list[dict[str, str]] = Field(
        description="Differences between the documents, by name and size."
    )
    judgeable: list[str] = Field(description="Groups of differences for which the sale can be judged.")
    versions: dict[str, Any] = Field(description="Ledger, casebook_seq, and tables that it was made with.")
    fallback: list[str] = Field(
        description="What could not be asked: ledger, casebook, snapshot. Empty as a rule."
    )


class AssessmentKept(AssessmentAnswer):
    """An assessment as it was answered, and what became of the quota that it reserved."""

    number: int = Field(description="1 for the first content of this declaration, 2 for the next.")
    reservation: dict[str, Any] | None = Field(
        description="What it reserves now, or who gave it free; null where it reserves nothing (any more)."
    )


class AssessmentLine(BaseModel):
    """An assessment in the list."""

    id: str = Field(description="Id of the assessment.", examples=["A-0123456789abcdef01234567"])
    sale_id: str = Field(description="The sale.", examples=["4401968001|ORDER-1"])
    number: int = Field(description="Which content of the declaration.", examples=[1])
    at: str = Field(description="When (UTC).", examples=["2026-07-01T02:30:00.000000Z"])
    lane: str = Field(description="The lane.", examples=["release"])
    ledger_version: int | None = Field(description="Ledger version that it saw.", examples=[12])


class Difference(BaseModel):
    """One value that came out otherwise."""

    where: str = Field(description="Which value of the answer.", examples=["quota.used"])
    answered: Any = Field(description="What was answered.", examples=["5804.80000"])
    replayed: Any = Field(description="What comes out now.", examples=["5810.00000"])


class Replayed(BaseModel):
    """An assessment worked out once more from what it was made from."""

    id: str = Field(description="Id of the assessment.", examples=["A-0123456789abcdef01234567"])
    same: bool = Field(description="Whether the same came out.", examples=[True])
    lane: str = Field(description="The lane that was answered.", examples=["release"])
    replayed_lane: str = Field(description="The lane that comes out now.", examples=["release"])
    differences: list[Difference] = Field(description="Every value that differs.")


class ReleaseAsked(BaseModel):
    """Who gives reserved quota free, and why."""

    model_config = ConfigDict(extra="forbid")

    by: str = Field(description="Who does it.", min_length=1, max_length=80, examples=["Wang Fang"])
    why: str = Field(description="Why.", min_length=1, max_length=1000, examples=["Withdrawn by the agent."])
