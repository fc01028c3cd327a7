"""What the API answers and takes about measures, their effect, and the day's selections."""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.api.class_models import Letter

MeasureName = Literal["manual_review", "machine_inspection", "physical_inspection"]
State = Literal["proposed", "accepted", "rejected", "superseded"]
Reason = Literal["random", "instruction", "clue", "class_rate"]


class ClassMeasures(BaseModel):
    """The measures of a class; rates are decimals as text."""

    manual_review: str = Field(description="Share (0 to 1) for manual review.", examples=["0.03"])
    machine_inspection: str = Field(description="Share for inspection by machine (image).", examples=["0.03"])
    physical_inspection: str = Field(description="Share for physical inspection.", examples=["0.02"])
    checks: list[str] = Field(description="Authenticity checks required.", examples=[["can_register"]])


class MeasuresOfDay(BaseModel):
    """The measures in force on a day."""

    version: str = Field(description="Version of the table.", examples=["1.0.0"])
    holds_from: date = Field(description="First day of that version.", examples=["2019-01-01"])
    holds_until: date | None = Field(description="Its last day; null: until the next.", examples=[None])
    random: dict[str, str] = Field(
        description="Share of all sales that is drawn blindly, by measure.",
        examples=[{"manual_review": "0.002"}],
    )
    unrated: Letter = Field(description="Class whose measures hold for who has none.", examples=["C"])
    class_of: list[str] = Field(description="Roles whose worst class counts.", examples=[["platform"]])
    measures: dict[Letter, ClassMeasures] = Field(description="The measures by class.")
    ceilings: dict[str, dict[str, int | None]] = Field(
        description="Most inspections a day at a site of a class.", examples=[{"small": {"physical": 20}}]
    )
    clues: dict[str, str] = Field(
        description="Which findings are clues to a parcel, and how many at most.",
        examples=[{"severity": "high"}],
    )
    adjusting: dict[str, Any] = Field(description="How proposals move rates.", examples=[{"least": 50}])
    risk: dict[str, Any] = Field(description="Weights of a sale's risk.", examples=[{"base": -4.0}])
    changes: list[str] = Field(
        description="Accepted proposals whose rates stand in it.", examples=[["MP-2026-00001"]]
    )


class RequiredChecks(BaseModel):
    """A platform that sells, and what its class requires."""

    code: str = Field(description="Code of the platform.", examples=["4401968001"])
    name: str | None = Field(description="Its name, where one is known.", examples=["示例平台"])
    letter: Letter = Field(alias="class", description="Its class, or that of who has none.", examples=["D"])
    sales: int = Field(description="Sales in the year up to the day.", examples=[1200])
    required: list[str] = Field(description="Checks required.", examples=[["can_register", "can_login"]])
    outstanding: dict[str, str] = Field(
        description="Of these, those that are not settled: never, fail or unknown.",
        examples=[{"can_login": "fail"}],
    )


class Yield(BaseModel):
    """Finds per inspection."""

    inspections: int = Field(description="Inspections.", examples=[60])
    found: int = Field(description="Those that found a discrepancy.", examples=[12])
    share: float | None = Field(description="Their share; null without an inspection.", examples=[0.2])
    low: float = Field(description="Lower end of its interval.", examples=[0.11])
    high: float = Field(description="Upper end.", examples=[0.31])


class OtherYield(Yield):
    """Finds per inspection that was chosen for a reason, or for none known."""

    times: float | None = Field(
        description="The share over that of the random sample; null where there is none.", examples=[2.9]
    )


class EffectOfClass(BaseModel):
    """What inspections of one class (or all) by one measure found."""

    letter: Literal["A", "B", "C", "D", "all"] = Field(
        alias="class", description="The class.", examples=["C"]
    )
    measure: MeasureName = Field(description="The measure.", examples=["physical_inspection"])
    random: Yield = Field(description="The random sample: the only base rate.")
    others: dict[str, OtherYield] = Field(description="By reason; `unknown` where nobody said.")


class EffectTold(BaseModel):
    """What the inspections of some days found."""

    first: date = Field(alias="from", description="First day.", examples=["2026-01-01"])
    last: date = Field(alias="to", description="Last day.", examples=["2026-06-30"])
    ledger_version: int = Field(description="Ledger version.", examples=[3])
    level: float = Field(description="Level of the intervals.", examples=[0.95])
    without_sale: int = Field(description="Inspections of no known sale, which count nowhere.", examples=[0])
    otherwise: int = Field(
        description="Inspections of which our selections tell another reason than their row: ours counts.",
        examples=[0],
    )
    declared: dict[str, int] = Field(description="Sales declared, by present class.", examples=[{"D": 900}])
    data: list[EffectOfClass] = Field(description="By class and measure, then of all classes.")


class Proposal(BaseModel):
    """A rate that the effect asks to change, and what a person decided."""

    id: str = Field(description="Reference.", examples=["MP-2026-00001"])
    letter: Letter = Field(alias="class", description="The class.", examples=["D"])
    measure: MeasureName = Field(description="The measure.", examples=["physical_inspection"])
    rate_before: str = Field(description="The rate when it was proposed.", examples=["0.1"])
    rate_after: str = Field(description="The rate proposed.", examples=["0.15"])
    why: str = Field(description="Why.", examples=["30 of 60 random inspections found something …"])
    effect: dict[str, Any] = Field(
        description="What was found, and inspections and finds expected, with intervals.",
        examples=[{"days": 30, "inspections": 19.6, "finds": 3.9}],
    )
    table_version: str = Field(description="Version of the table of measures.", examples=["1.0.0"])
    ledger_version: int = Field(description="Ledger version.", examples=[3])
    proposed_on: date = Field(description="Day of the proposal.", examples=["2026-07-01"])
    proposed_by: str = Field(description="Who asked.", examples=["K01"])
    state: State = Field(description="What became of it.", examples=["proposed"])
    decided_at: str | None = Field(description="When it was decided (UTC).", examples=[None])
    decided_by: str | None = Field(description="By whom.", examples=[None])
    decided_why: str | None = Field(description="Why.", examples=[None])
    holds_from: date | None = Field(description="First day of an accepted rate.", examples=[None])


class ProposalsAsked(BaseModel):
    """From which inspections proposals are to be made."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    first: date = Field(alias="from", description="First day of the inspections.", examples=["2026-01-01"])
    last: date = Field(alias="to", description="Last day.", examples=["2026-06-30"])
    by: str = Field(description="Who asks.", min_length=1, max_length=80, examples=["K01"])


class DecisionMade(BaseModel):
    """What a person decides of an open proposal."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    decision: Literal["accept", "reject"] = Field(description="The decision.", examples=["accept"])
    by: str = Field(description="Who decides.", min_length=1, max_length=80, examples=["K02"])
    why: str = Field(description="Why.", min_length=1, max_length=1000, examples=["It pays."])
    since: date | None = Field(
        default=None,
        alias="from",
        description="First day of the accepted rate; null: today.",
        examples=[None],
    )


class SelectionLine(BaseModel):
    """One selection, and how many sales it names."""

    id: str = Field(
        description="Digest of day, ledger version and seed.", examples=["zxici4oyxs4c4epbvgngztxvhe"]
    )
    day: date = Field(description="Day of the declarations.", examples=["2026-06-30"])
    seed: str = Field(description="Digest of the seed.", examples=["zfcmtx3jcag2blmaychp24dhey"])
    ledger_version: int = Field(description="Ledger version.", examples=[3])
    detection_version: int | None = Field(
        description="Ledger version that the findings hold for; null: detection never ran.", examples=[3]
    )
    casebook_seq: int = Field(description="State of the casebook that it was made from.", examples=[17])
    table_version: str = Field(description="Version of the table of measures.", examples=["1.0.0"])
    changes: list[str] = Field(description="Accepted proposals in force.", examples=[[]])
    declared: int = Field(description="Sales declared on the day.", examples=[5200])
    at: str = Field(description="When it was made (UTC).", examples=["2026-06-30T10:00:00.000000Z"])
    made_by: str = Field(description="Who asked for it.", examples=["K01"])
    selected: int = Field(description="Rows selected.", examples=[180])
    by_lane: dict[str, int] = Field(description="Of these, by lane.", examples=[{"physical inspection": 40}])
    by_reason: dict[str, int] = Field(description="Of these, by reason.", examples=[{"random": 52}])
    expected: float = Field(description="Finds expected of them: the sum of their chances.", examples=[61.5])
    left_out: int = Field(description="Rows that a ceiling left out.", examples=[3])
    risk_taken: float = Field(description="Finds expected of these.", examples=[1.2])


class SelectionMade(SelectionLine):
    """A selection that was asked for."""

    known: bool = Field(
        description="Whether it was there already, and nothing was written.", examples=[False]
    )


class SelectedSale(BaseModel):
    """A sale in a lane, for a reason; or left out of it by a ceiling."""

    number: int = Field(description="Place in the order in which they were chosen.", examples=[1])
    sale: str = Field(description="The sale: ebpCode|orderNo.", examples=["4401968001|ORDER-1"])
    lane: str = Field(description="Lane of clearance.", examples=["physical inspection"])
    reason: Reason = Field(description="Why it was chosen.", examples=["random"])
    left_out: bool = Field(description="Whether a ceiling left it out.", examples=[False])
    letter: Letter = Field(alias="class", description="Class whose measures hold for it.", examples=["D"])
    site: str | None = Field(description="Place of clearance.", examples=["4401-440101"])
    points: float = Field(description="Logarithm of the odds of a find.", examples=[1.2])
    chance: float = Field(description="The same as a probability: expected yield.", examples=[0.77])
    instruction: str | None = Field(description="Instruction that it obeys.", examples=[None])
    finding: str | None = Field(description="Finding that is the clue.", examples=[None])
    parts: list[dict[str, Any]] = Field(
        description="What the risk is made of.",
        examples=[[{"kind": "finding", "what": "ring-platforms", "about": "platform", "points": 3.0}]],
    )


class SelectionAsked(BaseModel):
    """Which selection is to be made."""

    model_config = ConfigDict(extra="forbid")

    day: date = Field(description="Day of the declarations.", examples=["2026-06-30"])
    by: str = Field(description="Who asks.", min_length=1, max_length=80, examples=["K01"])
    version: int | None = Field(
        default=None, ge=0, description="Ledger version; null: the latest.", examples=[None]
    )
    seed: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="Seed of the draw; null: that of the office.",
        examples=[None],
    )
