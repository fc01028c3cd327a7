"""What the API answers and takes about portraits and classes. Money is text, days are those of Shanghai."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

Letter = Literal["A", "B", "C", "D"]
RoleName = Literal["platform", "merchant", "payment", "logistics", "agent", "warehouse"]
Code = Annotated[
    str,
    Path(
        title="Enterprise",
        description="Code of the enterprise, 10 or 18 characters.",
        examples=["4401968001"],
    ),
]
"""The enterprise that an address names."""


def _code() -> Any:
    return Field(description="Canonical code of the enterprise.", examples=["4401968001"])


class PortraitLine(BaseModel):
    """An enterprise in the list of portraits."""

    code: str = _code()
    name: str | None = Field(description="Name in the register.", examples=["示例平台"])
    roles: list[RoleName] = Field(description="Roles that it is portrayed in.", examples=[["platform"]])
    score: float = Field(description="0 to 100: that of its weakest role.", examples=[82.5])
    role: RoleName = Field(description="The role that the score comes from.", examples=["platform"])
    sales: int = Field(description="Sales in that role in the period.", examples=[1200])
    groups: dict[str, float] = Field(
        description="Points (0 to 100) of each group of indicators.", examples=[{"verification": 90.0}]
    )


class IndicatorOfRole(BaseModel):
    """One indicator: raw value, denominator, interval, percentile, points."""

    indicator: str = Field(description="Name of the indicator.", examples=["refused"])
    group: str = Field(description="Group that it belongs to.", examples=["clearance"])
    value: float | None = Field(description="Raw value; null where there is none.", examples=[0.02])
    exact: str | None = Field(description="The value where it is money.", examples=["120000.00000"])
    unit: str = Field(description="Unit of the value.", examples=["share of answered declarations"])
    counted: int = Field(description="How many documents count.", examples=[2])
    denominator: int | None = Field(
        description="How many could be judged; null where nothing can be said.", examples=[100]
    )
    low: float | None = Field(description="Lower end of the interval of a share.", examples=[0.004])
    high: float | None = Field(description="Upper end of the interval.", examples=[0.06])
    percentile: float | None = Field(
        description="0 to 100: place among the judged peers of the role.", examples=[40.0]
    )
    weight: float = Field(description="Weight in the score; those of a role add up to 100.", examples=[4])
    points: float = Field(description="0 to 100.", examples=[100.0])
    enough: bool = Field(
        description="Whether there was enough data; else points are neutral.", examples=[True]
    )


class PortraitOfRole(BaseModel):
    """An enterprise in one of its roles."""

    role: RoleName = Field(description="The role.", examples=["platform"])
    active: bool = Field(description="Whether it took part in a sale of the period.", examples=[True])
    peers: int = Field(description="Active enterprises of the role.", examples=[498])
    score: float = Field(description="0 to 100.", examples=[82.5])
    groups: dict[str, float] = Field(description="Points of each group.", examples=[{"verification": 90.0}])
    indicators: list[IndicatorOfRole] = Field(description="Every indicator that has a weight in this role.")


class Portrait(BaseModel):
    """The portrait of an enterprise for a period."""

    model_config = ConfigDict(populate_by_name=True)

    code: str = _code()
    name: str | None = Field(description="Name in the register.", examples=["示例平台"])
    first: date = Field(alias="from", description="First day of the period.", examples=["2025-01-01"])
    last: date = Field(alias="to", description="Last day of the period.", examples=["2025-12-31"])
    on: date = Field(description="Day from which the register was looked at.", examples=["2025-12-31"])
    ledger_version: int = Field(description="Ledger version that it holds for.", examples=[3])
    detection_version: int | None = Field(
        description="Ledger version that findings hold for; null where detection never ran.", examples=[3]
    )
    scorecard_version: str = Field(description="Version of the scorecard.", examples=["1.0.0"])
    score: float = Field(description="0 to 100: that of its weakest role.", examples=[82.5])
    role: RoleName = Field(description="The role that the score comes from.", examples=["platform"])
    credit_class: str | None = Field(description="Official credit class in the register.", examples=["其他"])
    register_as_of: date | None = Field(
        description="Day of that state of the register.", examples=["2025-01-01"]
    )
    roles: list[PortraitOfRole] = Field(description="The enterprise in each of its roles.")


class Fact(BaseModel):
    """A document that an indicator is counted from."""

    kind: str = Field(description="What it is in the ledger or the casebook.", examples=["transactions"])
    id: str = Field(description="Its id.", examples=["4401968001|ORDER-1"])
    day: date | None = Field(description="Its day.", examples=["2025-03-01"])
    counts: bool = Field(description="Whether it is among what the indicator counts.", examples=[True])
    detail: str | None = Field(description="Amount, partners, or severity and rule.", examples=[None])


class Facts(BaseModel):
    """The documents behind an indicator, a page of them."""

    code: str = _code()
    role: RoleName = Field(description="The role.", examples=["platform"])
    indicator: str = Field(description="The indicator.", examples=["refused"])
    counted: int = Field(description="How many documents count, over every page.", examples=[2])
    denominator: int | None = Field(description="How many could be judged.", examples=[100])
    data: list[Fact] = Field(description="The documents of this page, those that count first.")
    count: int = Field(description="How many documents there are, over every page.", examples=[100])
    next: str | None = Field(description="Cursor of the next page; null on the last.", examples=[None])


class ClassLine(BaseModel):
    """The class of an enterprise on a day."""

    model_config = ConfigDict(populate_by_name=True)

    code: str = _code()
    letter: Letter = Field(alias="class", description="The class.", examples=["B"])
    source: Literal["rating", "event", "person"] = Field(
        description="Where it comes from.", examples=["rating"]
    )
    since: date = Field(description="Since when.", examples=["2026-01-05"])
    until: date | None = Field(description="Last day of an adjustment.", examples=[None])
    score: float | None = Field(description="Score of the last regular rating.", examples=[82.5])
    rated: Letter | None = Field(description="Class of the last regular rating.", examples=["B"])


class RatingOfOne(BaseModel):
    """An enterprise in a regular rating."""

    model_config = ConfigDict(populate_by_name=True)

    rating: str = Field(description="Id of the rating.", examples=["yqxaif5gmkj5xpxmaipzkvpvgu"])
    on_day: date = Field(description="Day of the rating.", examples=["2026-01-05"])
    first_day: date = Field(description="First day of its period.", examples=["2025-01-01"])
    last_day: date = Field(description="Last day of its period.", examples=["2025-12-31"])
    letter: Letter = Field(alias="class", description="The class.", examples=["B"])
    banded: Letter = Field(description="The class before the official credit class.", examples=["B"])
    previous: Letter | None = Field(description="The class of the rating before.", examples=["C"])
    score: float = Field(description="0 to 100.", examples=[82.5])
    role: RoleName = Field(description="The role that the score comes from.", examples=["platform"])
    groups: dict[str, float] = Field(description="Points of its groups.", examples=[{"verification": 90.0}])
    credit_class: str | None = Field(description="Official credit class.", examples=["其他"])
    at_least: Letter | None = Field(description="Floor by the official credit class.", examples=[None])
    at_best: Letter | None = Field(description="Ceiling by the official credit class.", examples=[None])
    why: str = Field(description="What made the class.", examples=["first rating: 82.5 is B"])
    rated_by: str = Field(description="Who rated.", examples=["K01"])
    scorecard_version: str = Field(description="Version of the scorecard.", examples=["1.0.0"])
    ledger_version: int = Field(description="Ledger version.", examples=[3])
    digest: str = Field(description="SHA-256 of all indicators.", examples=["9f86d081884c7d65"])


class AdjustmentOfOne(BaseModel):
    """An emergency adjustment."""

    model_config = ConfigDict(populate_by_name=True)

    id: str = Field(description="Its id.", examples=["bbi2qhrvf6sfurbp3w5ewusssa"])
    letter: Letter = Field(alias="class", description="The class that it sets.", examples=["D"])
    since: date = Field(description="First day.", examples=["2026-02-01"])
    until: date = Field(description="Last day.", examples=["2026-07-31"])
    event: str | None = Field(description="The event; null where a person decided.", examples=["seizure"])
    event_version: str | None = Field(description="Version of the table of events.", examples=["1.0.0"])
    reason: str = Field(description="Why.", examples=["Goods seized"])
    evidence: list[str] = Field(
        description="Ids of findings, sales or external rows.", examples=[["IN0000001"]]
    )
    by: str = Field(description="Who decided.", examples=["K02"])
    in_force: bool = Field(description="Whether it holds on the day.", examples=[True])
    ended_on: date | None = Field(description="First day on which it no longer held.", examples=[None])
    ended_why: str | None = Field(description="Expired, a regular rating, or a reason.", examples=[None])
    ended_by: str | None = Field(description="Who ended it.", examples=[None])


class ClassHistory(BaseModel):
    """The class of an enterprise on a day, and everything that was ever decided about it."""

    code: str = _code()
    on: date = Field(description="The day.", examples=["2026-02-01"])
    state: ClassLine | None = Field(description="The class on that day; null where it had none yet.")
    ratings: list[RatingOfOne] = Field(description="Regular ratings, the oldest first.")
    adjustments: list[AdjustmentOfOne] = Field(description="Emergency adjustments, the oldest first.")


class NewRating(BaseModel):
    """A regular rating to make."""

    model_config = ConfigDict(extra="forbid")

    on: date = Field(description="Day of the rating.", examples=["2026-01-05"])
    first: date = Field(alias="from", description="First day of the period.", examples=["2025-01-01"])
    last: date = Field(alias="to", description="Last day of the period.", examples=["2025-12-31"])
    by: str = Field(description="Who rates: the number of a member of staff.", examples=["K01"])


class RatingDone(BaseModel):
    """What a rating did."""

    id: str = Field(description="Id of the rating.", examples=["yqxaif5gmkj5xpxmaipzkvpvgu"])
    on: date = Field(description="Its day.", examples=["2026-01-05"])
    scorecard_version: str = Field(description="Version of the scorecard.", examples=["1.0.0"])
    ledger_version: int = Field(description="Ledger version.", examples=[3])
    enterprises: int = Field(description="How many were rated.", examples=[1479])
    classes: dict[str, int] = Field(description="How many have each class.", examples=[{"A": 900, "B": 500}])
    raised: list[str] = Field(description="Codes whose class rose.", examples=[["4401968001"]])
    lowered: list[str] = Field(description="Codes whose class fell.", examples=[[]])
    known: bool = Field(description="Whether this rating was there already.", examples=[False])


class NewAdjustment(BaseModel):
    """An emergency adjustment to make."""

    model_config = ConfigDict(extra="forbid")

    on: date = Field(description="First day.", examples=["2026-02-01"])
    until: date = Field(description="Last day.", examples=["2026-07-31"])
    to: Letter = Field(description="The class.", examples=["D"])
    reason: str = Field(description="Why.", examples=["Goods seized"])
    evidence: list[str] = Field(
        max_length=1000, description="Ids of findings, sales or external rows.", examples=[["IN0000001"]]
    )
    by: str = Field(description="Who decides: the number of a member of staff.", examples=["K02"])


class EndOfAdjustments(BaseModel):
    """The end of the adjustments of an enterprise that hold on a day."""

    model_config = ConfigDict(extra="forbid")

    on: date = Field(description="First day on which they no longer hold.", examples=["2026-03-01"])
    reason: str = Field(description="Why.", examples=["The goods were returned to the owner"])
    by: str = Field(description="Who decides: the number of a member of staff.", examples=["K02"])


class ScorecardOfDay(BaseModel):
    """The version of the scorecard that holds on a day."""

    version: str = Field(description="Its version.", examples=["1.0.0"])
    holds_from: date = Field(description="First day.", examples=["2019-01-01"])
    holds_until: date | None = Field(description="Last day; null: until the next version.", examples=[None])
    neutral: float = Field(description="Points where there is too little data.", examples=[70])
    interval_level: float = Field(description="Level of the intervals of shares.", examples=[0.95])
    hysteresis: float = Field(
        description="Points past a band's edge that it takes to change class.", examples=[3]
    )
    grave_from: str = Field(description="Severity from which a finding is grave.", examples=["medium"])
    findings_left_out: list[str] = Field(
        description="Rules whose findings do not count.", examples=[["platform-unverified"]]
    )
    bands: list[dict[str, Any]] = Field(
        description="Class, from and to of each band, the best first.",
        examples=[[{"class": "A", "from": 88, "to": 100}]],
    )
    indicators: dict[str, dict[str, Any]] = Field(
        description="How each indicator becomes points: direction, by, minimum, neutral, scale.",
        examples=[{"age": {"direction": "higher", "by": "value", "scale": [[0, 20], [1, 60]]}}],
    )
    weights: dict[str, dict[str, float]] = Field(
        description="Weights of the indicators by role; each role's add up to 100.",
        examples=[{"platform": {"checks_passed": 14}}],
    )


class EventsOfDay(BaseModel):
    """The table of events that holds on a day."""

    version: str = Field(description="Its version.", examples=["1.0.0"])
    holds_from: date = Field(description="First day.", examples=["2019-01-01"])
    holds_until: date | None = Field(description="Last day; null: until the next version.", examples=[None])
    events: list[dict[str, Any]] = Field(
        description="Each event: id, title, fact or finding, how many in how long, class, days.",
        examples=[[{"id": "seizure", "fact": "seizures", "within_days": 90, "to": "C", "days": 180}]],
    )


class EventsAsked(BaseModel):
    """The day by which events are looked for."""

    model_config = ConfigDict(extra="forbid")

    on: date = Field(description="The day.", examples=["2026-02-01"])


class Adjusted(BaseModel):
    """An adjustment that an event made."""

    model_config = ConfigDict(populate_by_name=True)

    id: str = Field(description="Its id.", examples=["bbi2qhrvf6sfurbp3w5ewusssa"])
    code: str = _code()
    letter: Letter = Field(alias="class", description="The class that it sets.", examples=["C"])
    since: date = Field(description="First day.", examples=["2026-02-01"])
    until: date = Field(description="Last day.", examples=["2026-07-30"])
    event: str = Field(description="The event.", examples=["seizure"])
    reason: str = Field(description="Why.", examples=["Goods seized or handed on: 1 within 90 days."])
    evidence: list[str] = Field(description="The facts behind it.", examples=[["IN0000001"]])


class EventsApplied(BaseModel):
    """What the table of events did."""

    on: date = Field(description="The day.", examples=["2026-02-01"])
    version: str = Field(description="Version of the table.", examples=["1.0.0"])
    applied: list[Adjusted] = Field(description="Adjustments that are new.")
