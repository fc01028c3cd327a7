"""What the API answers about referrals to the payment authority, and what it is told to draw one."""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

REFERRAL_EXAMPLE: dict[str, Any] = {
    "id": "PR-2026-00001",
    "company": "4401981234",
    "since": "2026-01-01",
    "until": "2026-06-30",
    "method": "sample",
    "half_width": 0.05,
    "population": 2000,
    "without_number": 0,
    "asked": 323,
    "argument": "323 of 2000 payments give the refuted share within ±5.0% at 95% where it is 50%.",
    "strata": {"4401968001 (captive)": {"payments": 1200, "asked": 194}},
    "parameters": {"answer_days": 30},
    "finding": None,
    "ledger_version": 3,
    "due": "2026-07-31",
    "drawn_by": "Wang Fang",
    "drawn_at": "2026-07-01T02:30:00+00:00",
    "exports": [],
    "answered": 0,
    "open": 323,
    "overdue": 0,
    "results": {},
    "status": "drawn",
    "estimate": {"share": None, "low": 0.0, "high": 1.0, "covered": 0.0},
}


class Export(BaseModel):
    """One copy of a referral that went out."""

    number: int = Field(description="1 for the first; a further one was asked for.", examples=[1])
    by: str = Field(description="Who exported it.", examples=["Wang Fang"])
    at: str = Field(description="When (UTC).", examples=["2026-07-01T02:31:00+00:00"])
    sha256: str = Field(description="SHA-256 of its referral.json.", examples=["9f86d0…"])


class Share(BaseModel):
    """Refuted share of all payments of the referral, estimated from the replies."""

    share: float | None = Field(description="The share; null without an answer.", examples=[0.12])
    low: float = Field(description="Lower end of its interval.", examples=[0.09])
    high: float = Field(description="Upper end.", examples=[0.16])
    covered: float = Field(description="Share of the payments in strata with an answer.", examples=[1.0])


class ReferralAnswer(BaseModel):
    """A referral, and what came back until now."""

    model_config = ConfigDict(json_schema_extra={"examples": [REFERRAL_EXAMPLE]})

    id: str = Field(description="Reference.")
    company: str = Field(description="Code of the payment company.")
    since: date = Field(description="First day of payment.")
    until: date = Field(description="Last day of payment.")
    method: Literal["sample", "all"] = Field(description="A stratified sample, or every payment.")
    half_width: float | None = Field(description="Half-width that the sample aims at; null for all.")
    population: int = Field(description="Payments that could be asked about.")
    without_number: int = Field(description="Payments of which no document gives a number.")
    asked: int = Field(description="Payments asked about.")
    argument: str = Field(description="Why so many.")
    strata: dict[str, dict[str, int]] = Field(description="Name of each stratum → payments, asked.")
    parameters: dict[str, Any] = Field(description="Numbers that it was drawn with.")
    finding: str | None = Field(description="Finding that it was drawn for.")
    ledger_version: int = Field(description="Ledger version that it was drawn from.")
    due: date = Field(description="Day on which answers are due.")
    drawn_by: str = Field(description="Who asked for it.")
    drawn_at: str = Field(description="When (UTC).")
    exports: list[Export] = Field(description="Copies that went out.")
    answered: int = Field(description="Payments with a reply.")
    open: int = Field(description="Payments without one.")
    overdue: int = Field(description="Of these, after the day on which answers are due.")
    results: dict[str, int] = Field(description="What is known of the answered payments, by result.")
    status: str = Field(description="drawn, exported, partly answered, answered.")
    estimate: Share = Field(description="Refuted share of all payments.")


class ReferralItem(BaseModel):
    """One payment that is asked about. Its payee goes into the exported files alone."""

    number: int = Field(description="Place in the referral, from 1.", examples=[1])
    sale: str = Field(
        description="Sale that stands for it: ebpCode|orderNo.", examples=["4401968001|ORDER-1"]
    )
    platform: str = Field(description="Code of the platform.", examples=["4401968001"])
    pay_code: str = Field(description="Code of the company as declared.", examples=["4401981234"])
    pay_number: str | None = Field(description="Number pushed to customs (411).", examples=["T-1"])
    clearing_number: str | None = Field(
        description="Number at the clearing institution (179), where there are such data.", examples=["C-1"]
    )
    ver_dept: str | None = Field(description="1 UnionPay, 2 NetsUnion, 3 other.", examples=["2"])
    amount: str | None = Field(description="Amount paid.", examples=["128.50000"])
    currency: str | None = Field(description="Its currency (142: CNY).", examples=["142"])
    paid_at: str | None = Field(description="When (UTC+8).", examples=["2026-01-05T10:30:00+08:00"])
    stratum: str = Field(description="Its stratum.", examples=["other platforms"])
    state: str = Field(description="open, a result, or says nothing.", examples=["open"])


class Answered(BaseModel):
    """A payment of a referral that a reply answers."""

    referral: str = Field(description="Reference.", examples=["PR-2026-00001"])
    number: int = Field(description="Place in it.", examples=[1])


class PaymentReply(BaseModel):
    """One reply of the payment authority."""

    id: str = Field(description="verificationId.", examples=["RV0000001"])
    company: str = Field(description="Code of the company as the reply names it.", examples=["4401981234"])
    result: str = Field(description="Result, as the data contract names them.", examples=["genuine"])
    replied_at: str = Field(description="When.", examples=["2026-07-20T01:00:00+00:00"])
    payment: Literal["known", "not known yet"] = Field(
        description="Whether any sale has such a payment.", examples=["known"]
    )
    names: str | None = Field(description="Referral that it names.", examples=["PR-2026-00001"])
    referral: Literal["known", "unknown"] | None = Field(
        description="Whether there is that referral; null where it names none.", examples=["known"]
    )
    answers: list[Answered] = Field(description="Payments of referrals that it answers.")


class NewReferral(BaseModel):
    """What is to be drawn."""

    model_config = ConfigDict(extra="forbid")

    company: str | None = Field(
        default=None,
        max_length=18,
        description="Code of the payment company; or name a finding.",
        examples=["4401981234"],
    )
    finding: str | None = Field(
        default=None, description="Finding about the company, instead of its code.", examples=[None]
    )
    since: date = Field(description="First day of payment.", examples=["2026-01-01"])
    until: date = Field(description="Last day of payment.", examples=["2026-06-30"])
    by: str = Field(description="Who asks for it.", min_length=1, max_length=120, examples=["Wang Fang"])
    everything: bool = Field(default=False, description="Every payment, no sample.", examples=[False])
    half_width: float | None = Field(
        default=None, description="Half-width that a sample aims at; null: the parameter.", examples=[0.05]
    )
