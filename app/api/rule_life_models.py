"""What the API takes and answers about outcomes of findings and the life of rules."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Decision = Literal[
    "open", "in case", "confirmed", "false alarm", "valuable", "real sale on a false platform", "snoozed"
]
Maturity = Literal["draft", "shadow", "live"]
ProposalState = Literal["proposed", "accepted", "rejected"]

_BY = Field(
    description="Who decides: the number of a member of staff.", max_length=80, examples=["officer 7"]
)
_WHY = Field(
    description="The reason.", max_length=2000, examples=["Nobody at the address knew of the platform."]
)
By = Annotated[str, _BY]
Why = Annotated[str, _WHY]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewDecision(_Body):
    """What became of a finding, and the decision that stood when it was looked at."""

    decision: Decision = Field(description="What became of it.", examples=["confirmed"])
    expected: Decision = Field(description="The decision that stands now, as it was seen.", examples=["open"])
    snoozed_until: date | None = Field(
        default=None, description="Day on which a snooze ends.", examples=["2026-03-01"]
    )
    why: Why
    by: By


class DecisionMade(BaseModel):
    """One decision on a finding."""

    finding: str = Field(description="Id of the finding.", examples=["3k2m5q7dhx4zv6pwrbjivplkht"])
    number: int = Field(description="Counts the decisions on it, from 1.", examples=[1])
    former: Decision = Field(description="The decision before it.", examples=["open"])
    decision: Decision = Field(description="The decision.", examples=["confirmed"])
    snoozed_until: date | None = Field(description="Day on which a snooze ends.", examples=[None])
    rule_version: str = Field(description="Version of the rule that it was told by.", examples=["1.0.0"])
    ledger_version: int = Field(description="Ledger version that it was told for.", examples=[3])
    on: date = Field(description="Day of the decision.", examples=["2026-01-31"])
    why: str = Field(description="The reason.", examples=["Nobody at the address knew of the platform."])
    by: str = Field(description="Who decided.", examples=["officer 7"])


class Share(BaseModel):
    """A share with its interval (Jeffreys)."""

    count: int = Field(description="How many.", examples=[4])
    of: int = Field(description="Of how many.", examples=[25])
    share: float | None = Field(
        description="The share; null where there is nothing to judge.", examples=[0.16]
    )
    low: float = Field(description="Lower end of the interval.", examples=[0.056])
    high: float = Field(description="Upper end of the interval.", examples=[0.336])
    level: float = Field(description="Level of the interval.", examples=[0.95])


class Precision(BaseModel):
    """How often findings were right, with the interval (Jeffreys) that so many outcomes allow."""

    right: int = Field(description="Findings that were right.", examples=[18])
    wrong: int = Field(description="Findings that were not.", examples=[3])
    judged: int = Field(description="Findings with an outcome.", examples=[21])
    precision: float | None = Field(description="Right of judged; null without outcomes.", examples=[0.857])
    low: float = Field(description="Lower end of the interval.", examples=[0.669])
    high: float = Field(description="Upper end of the interval.", examples=[0.957])
    level: float = Field(description="Level of the interval.", examples=[0.95])


class VersionPrecision(Precision):
    """The same of one version of a rule."""

    version: str = Field(description="Version of the rule.", examples=["1.0.0"])


class RulePrecision(Precision):
    """Precision of a rule by the outcomes of its findings, in all and by version."""

    rule: str = Field(description="Id of the rule.", examples=["platform-traffic"])
    version: str = Field(description="Version that runs now.", examples=["1.0.0"])
    maturity: Maturity = Field(description="How far it is trusted now.", examples=["live"])
    undecided: int = Field(description="Present findings without an outcome.", examples=[7])
    gone: int = Field(description="Findings without an outcome that the data no longer shows.", examples=[2])
    floor: float = Field(description="Least precision.", examples=[0.5])
    minimum: int = Field(description="Outcomes below which the floor does not count.", examples=[10])
    below: bool = Field(
        description="Whether the running version is surely under the floor.", examples=[False]
    )
    versions: list[VersionPrecision] = Field(description="By version of the rule, the earliest first.")


class KindUnseen(BaseModel):
    """One kind of discrepancy in the control sample."""

    discrepancy: str = Field(description="Kind of discrepancy.", examples=["quantity"])
    missed: Share = Field(description="Of those, the share that no rule had spoken of.")
    unseen: Share = Field(description="Share of all inspected parcels that had it, unseen by every rule.")


class SelectionYield(BaseModel):
    """What one way of choosing parcels yields."""

    model_config = ConfigDict(populate_by_name=True)

    selection: str = Field(description="How they were chosen.", examples=["random"])
    yielded: Share = Field(alias="yield", description="Share of its inspections with a discrepancy.")


class ControlSample(BaseModel):
    """Random inspections against what live rules had said before: what no rule sees."""

    since: date | None = Field(description="First day of inspection.", examples=["2025-01-01"])
    until: date | None = Field(description="Last day of inspection.", examples=["2025-12-31"])
    severity: str = Field(description="Findings of this severity or graver speak.", examples=["info"])
    random: int = Field(description="Random inspections.", examples=[240])
    not_judged: int = Field(
        description="Of those, loaded before anything was found, or of an unknown sale.", examples=[12]
    )
    judged: int = Field(description="The others.", examples=[228])
    discrepancies: int = Field(description="Judged ones with a discrepancy.", examples=[25])
    spoken_of: int = Field(description="Judged ones of which a rule had spoken.", examples=[60])
    spoken_of_wrong: int = Field(description="Of those, with a discrepancy.", examples=[21])
    missed: Share = Field(description="Share of the discrepancies that no rule had spoken of.")
    unseen: Share = Field(description="Share of all parcels with a discrepancy that no rule sees.")
    yield_spoken: Share = Field(description="Yield where a rule had spoken.")
    yield_unspoken: Share = Field(description="Yield elsewhere.")
    kinds: list[KindUnseen] = Field(description="By kind of discrepancy.")
    selections: list[SelectionYield] = Field(description="Yield of every way of choosing parcels.")


class NewMove(_Body):
    """Another maturity for a rule, and the one that it had when it was looked at."""

    to: Maturity = Field(description="The maturity that it gets.", examples=["shadow"])
    expected: Maturity = Field(description="The one that it has now, as it was seen.", examples=["live"])
    why: Why
    by: By


class Move(BaseModel):
    """A person moved a rule to another maturity."""

    number: int = Field(description="Counts the moves of all rules, from 1.", examples=[1])
    rule: str = Field(description="Id of the rule.", examples=["platform-traffic"])
    rule_version: str = Field(description="Its version at that time.", examples=["1.0.0"])
    former: Maturity = Field(description="The maturity before.", examples=["live"])
    maturity: Maturity = Field(description="The maturity after.", examples=["shadow"])
    proposal: int | None = Field(description="The proposal that was accepted by it.", examples=[None])
    on: date = Field(description="Day of the move.", examples=["2026-01-31"])
    why: str = Field(description="The reason.", examples=["Two of three findings are in vain."])
    by: str = Field(description="Who moved it.", examples=["officer 7"])
    follows: list[str] = Field(
        default_factory=list,
        description="Rules that hear other base flags from then on (when it is made).",
        examples=[[]],
    )


class ProposalDecided(_Body):
    """Who decides on a proposal, and why."""

    why: Why
    by: By


class Proposal(BaseModel):
    """A rule surely under its floor, proposed to run as a shadow."""

    number: int = Field(description="Number of the proposal.", examples=[1])
    rule: str = Field(description="Id of the rule.", examples=["platform-traffic"])
    rule_version: str = Field(description="Version that the outcomes are of.", examples=["1.0.0"])
    right: int = Field(description="Findings that were right.", examples=[2])
    wrong: int = Field(description="Findings that were not.", examples=[14])
    low: float = Field(description="Lower end of the interval.", examples=[0.026])
    high: float = Field(description="Upper end of the interval.", examples=[0.349])
    level: float = Field(description="Level of the interval.", examples=[0.95])
    floor: float = Field(description="The floor that it is under.", examples=[0.5])
    minimum: int = Field(description="Outcomes that had to be there.", examples=[10])
    version: str = Field(description="Version of the table of floors.", examples=["1.0.0"])
    made_on: date = Field(description="Day of the proposal.", examples=["2026-01-31"])
    state: ProposalState = Field(description="What became of it.", examples=["proposed"])
    decided_on: date | None = Field(description="Day of the decision.", examples=[None])
    decided_why: str | None = Field(description="Its reason.", examples=[None])
    decided_by: str | None = Field(description="Who decided.", examples=[None])
    follows: list[str] = Field(
        default_factory=list,
        description="Rules that hear other base flags from then on (when it is accepted).",
        examples=[[]],
    )
