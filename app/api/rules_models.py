"""What the API answers about rules."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field


class LastRun(BaseModel):
    """What the last run of a rule looked at."""

    ledger_version: int = Field(description="Ledger version that it holds for.", examples=[3])
    loads_behind: int | None = Field(description="Loads that came after that version.", examples=[0])
    loaded: datetime | None = Field(
        description="When the newest load was made that it has looked at.", examples=["2025-10-31T08:00:00Z"]
    )
    as_of: date = Field(description="Last day that was looked at.", examples=["2025-10-31"])
    rule_version: str = Field(description="Version of the rule that ran.", examples=["1.0.0"])
    looked_at: int = Field(description="Subjects looked at.", examples=[156])
    judgeable: int = Field(description="Of them with enough data to be judged.", examples=[56])
    found: int = Field(description="Findings.", examples=[5])


class Rule(BaseModel):
    """A rule and the numbers of its last run."""

    id: str = Field(description="Id of the rule.", examples=["platform-traffic"])
    version: str = Field(description="Version (semver).", examples=["1.0.0"])
    title: dict[str, str] = Field(
        description="What it asks, by language.", examples=[{"en": "Visits are far below …", "zh": "…"}]
    )
    maturity: str = Field(description="draft, shadow or live.", examples=["live"])
    scope: str = Field(description="local or global.", examples=["local"])
    risk: str = Field(description="Group of risks.", examples=["source control"])
    base: bool = Field(description="Whether its findings are base flags.", examples=[True])
    subjects: list[str] = Field(description="What it is about.", examples=[["Platform"]])
    last_run: LastRun | None = Field(description="Its last run; null where it never ran.")


class RuleParameter(BaseModel):
    """A number of a rule."""

    name: str = Field(description="Name.", examples=["visits_per_order"])
    default: Any = Field(description="Value.", examples=[40.0])
    unit: str = Field(description="Unit.", examples=["visits"])
    meaning: str = Field(description="What it means.", examples=["Visits that one order needs on average."])
    source: str = Field(description="Where the number comes from.", examples=["Set by the office."])
    holds_from: date = Field(description="From when it holds.", examples=["2019-01-01"])


class WholeRule(Rule):
    """All of one rule."""

    reason: dict[str, str] = Field(
        description="The sentence of a finding, by language; numbers stand in braces.",
        examples=[{"en": "{name} was visited {visits} times …", "zh": "…"}],
    )
    severity: str | dict[str, Any] = Field(
        description="One severity, or a table over a number.",
        examples=[{"by": "shortfall", "steps": {"0": "low"}}],
    )
    window: int | None = Field(description="Months that it looks at; null without a window.", examples=[12])
    parameters: list[RuleParameter] = Field(description="Its numbers.")
    population: str = Field(
        description="Cypher that counts who is looked at.", examples=["MATCH (p:Platform) RETURN count(p)"]
    )
    judgeable: str = Field(
        description="Cypher that counts who can be judged.", examples=["MATCH (p:Platform) RETURN count(p)"]
    )
    picture: str = Field(
        description="Cypher that draws one finding.", examples=["MATCH (p {code: $subject}) RETURN p"]
    )
    action: str = Field(description="What a finding asks for.", examples=["verification"])
    silent_on: list[str] = Field(
        description="Look-alikes that it leaves alone.", examples=[["no visits on record (not judgeable)"]]
    )
    needs: list[str] = Field(description="What must have run before.", examples=[["platform-traffic-seen"]])
    query: str = Field(description="Its statement.", examples=["MATCH (p:Platform) RETURN p.code AS subject"])
