"""What the API answers about people: statements, who is likely hit, protections. Keys and masks only."""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Level = Literal["watched", "locked"]


class Identity(BaseModel):
    """An identity number, which travels in a body and is never repeated."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    id_number: str = Field(
        min_length=4, max_length=60, description="The identity number.", examples=["11010519491231002X"]
    )
    id_type: str = Field(
        default="1",
        min_length=1,
        max_length=1,
        description="Its type; 1 is the identity card.",
        examples=["1"],
    )


class StatementAsked(Identity):
    """For whom a statement is wanted, and how."""

    year: int | None = Field(
        default=None, ge=2000, le=9998, description="Only this calendar year; null: all.", examples=[2025]
    )
    form: Literal["json", "html"] = Field(
        default="json", description="json, or a printable HTML page.", examples=["json"]
    )


class StatementYear(BaseModel):
    """A calendar year of one person."""

    year: int = Field(description="Calendar year of the declarations.", examples=[2025])
    limit: str | None = Field(description="Annual limit in CNY.", examples=["26000.00000"])
    used: str = Field(description="Dutiable value counted, in CNY.", examples=["1290.50000"])
    given_back: str = Field(description="Given back by cancels and returns, in CNY.", examples=["0.00000"])
    left_at_most: str | None = Field(
        description="What is left at most: the ledger is one office's.", examples=["24709.50000"]
    )
    sales: int = Field(description="Declarations that count.", examples=[4])
    pending: int = Field(description="Of them those that customs has not answered.", examples=[0])
    in_foreign_currency: int = Field(
        description="Declarations in a foreign currency, which are not counted.", examples=[0]
    )


class StatementSale(BaseModel):
    """One sale in a person's name."""

    model_config = ConfigDict(extra="allow")

    sale_id: str = Field(description="ebpCode|orderNo.", examples=["4401968001|ORDER-1"])
    platform: str = Field(description="Code of the platform.", examples=["4401968001"])
    platform_name: str | None = Field(description="Its name.", examples=["示例平台"])
    merchant: str | None = Field(description="Code of the merchant.", examples=["4401968002"])
    site: str | None = Field(description="Supervised place of clearance.", examples=["4401-44019W1W9P"])
    declared: date | None = Field(description="Day of the declaration.", examples=["2025-03-01"])
    state: str = Field(
        description="accepted, pending, not accepted, cancelled, foreign, not declared, or "
        "declared for another.",
        examples=["accepted"],
    )
    receipt_status: str | None = Field(description="Customs' last answer.", examples=["899"])
    dutiable: str | None = Field(description="Dutiable value in CNY.", examples=["129.30000"])
    given_back: str = Field(description="Given back of it, in CNY.", examples=["0.00000"])
    counted: str = Field(description="Counted towards the limit, in CNY.", examples=["129.30000"])
    goods: list[dict[str, Any]] = Field(
        description="Lines: name, code, qty, unit, price, total, currency.",
        examples=[[{"name": "奶粉", "qty": "1.00000", "total": "129.30000"}]],
    )


class Statement(BaseModel):
    """What was declared in one person's name."""

    person: dict[str, str | None] = Field(
        description="Key, masked number, masked name.",
        examples=[{"key": "mfzwizltoqzdgmbq", "masked_number": "110*************2X", "masked_name": "王**"}],
    )
    ledger_version: int = Field(description="Ledger version that it holds for.", examples=[3])
    as_of: date | None = Field(description="Last day that the ledger knows.", examples=["2025-10-31"])
    year: int | None = Field(description="The year that was asked for.", examples=[2025])
    years: list[StatementYear] = Field(description="The limit, year by year.")
    sales: list[StatementSale] = Field(description="Sales, in order of their days.")
    reports: list[dict[str, Any]] = Field(
        description="What the person reported.", examples=[[{"report": "CR1", "kind": "not_my_order"}]]
    )
    protection: list[dict[str, Any]] = Field(
        description="Protections of the identity.", examples=[[{"level": "locked", "since": "2025-03-01"}]]
    )
    note: dict[str, str] = Field(
        description="What 'at most' means, by language.",
        examples=[{"en": "The limit is national.", "zh": "…"}],
    )


class LikelyHit(BaseModel):
    """An identity that was likely misused as the reported one was."""

    key: str = Field(description="Key of the consumer.", examples=["mfzwizltoqzdgmbq"])
    likelihood_ratio: float = Field(
        description="How many times as likely what it has in common is among the misused.", examples=[393.0]
    )
    odds: float = Field(description="Odds (to one) that it was misused; a lower bound.", examples=[1.53])
    factors: list[dict[str, Any]] = Field(
        description="Each factor: what, its likelihood ratio, how many of those who reported and of others.",
        examples=[[{"factor": "phone", "likelihood_ratio": 36.7, "among_reported": [0, 195]}]],
    )
    evidence: dict[str, Any] = Field(
        description="Sales in common (bounded), and their count.",
        examples=[{"ids": ["4401968001|ORDER-1"], "count": 1}],
    )


class LikelyHits(BaseModel):
    """The identities that were likely misused with a reported one, the likeliest first."""

    data: list[LikelyHit] = Field(description="At most the limit.")
    count: int = Field(description="How many there are in all.", examples=[139])
    next: None = Field(default=None, description="Always null: ask for more with `limit`.", examples=[None])
    report: str = Field(description="The report.", examples=["CR0000001"])
    ledger_version: int = Field(description="Ledger version that it holds for.", examples=[3])
    looked_at: int = Field(description="Identities with a sale around the reported ones.", examples=[50_499])
    reported: int = Field(description="Of them those that reported misuse themselves.", examples=[195])
    prior_odds: float = Field(description="Odds of any identity, before the factors.", examples=[0.0039])
    explanation: dict[str, str] = Field(
        description="How the odds come about, by language.", examples=[{"en": "Each factor is …", "zh": "…"}]
    )


class Protection(BaseModel):
    """A protection of one identity, by its owner's wish."""

    number: int = Field(description="Number of the protection.", examples=[1])
    consumer: str = Field(description="Key of the identity.", examples=["mfzwizltoqzdgmbq"])
    level: Level = Field(description="watched, or locked.", examples=["locked"])
    since: date = Field(description="First day.", examples=["2025-03-01"])
    until: date | None = Field(description="Last day; null: without an end.", examples=[None])
    lifted: date | None = Field(description="First day without it, where it was lifted.", examples=[None])
    history: list[dict[str, Any]] = Field(
        description="What was done: change, on, until, lifted, why, by.",
        examples=[[{"change": "set", "on": "2025-03-01", "why": "asked for it", "by": "officer 7"}]],
    )


class _Done(BaseModel):
    """Why, and by whom; neither holds a number of a person."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    why: str = Field(min_length=1, max_length=1000, description="The reason.", examples=["asked for it"])
    by: str = Field(min_length=1, max_length=120, description="Who does it.", examples=["officer 7"])


class ProtectionAsked(_Done):
    """A protection to set: of an identity number or of a key."""

    id_number: str | None = Field(
        default=None, max_length=60, description="The identity number.", examples=["11010519491231002X"]
    )
    id_type: str = Field(
        default="1",
        min_length=1,
        max_length=1,
        description="Its type; 1 is the identity card.",
        examples=["1"],
    )
    key: str | None = Field(
        default=None,
        pattern="^[a-z2-7]{32}$",
        description="Key of the identity, instead.",
        examples=["mfzwizltoqzdgmbqmfzwizltoqzdgmbq"],
    )
    level: Level = Field(default="locked", description="watched, or locked.", examples=["locked"])
    since: date = Field(description="First day.", examples=["2025-03-01"])
    until: date | None = Field(default=None, description="Last day; null: without an end.", examples=[None])


class ProtectionExtended(_Done):
    """How long a protection is to last."""

    until: date | None = Field(
        default=None, description="New last day; null: without an end.", examples=[None]
    )


class ProtectionLifted(_Done):
    """From when on a protection is to hold no longer."""

    day: date = Field(description="First day without it.", examples=["2025-06-01"])
