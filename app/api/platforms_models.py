"""What the API answers about platforms and their checks. Times are those of Asia/Shanghai (UTC+8)."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

CheckName = Literal[
    "can_register",
    "can_login",
    "can_purchase",
    "goods_shipped",
    "goods_on_sale",
    "traffic_match",
    "licence_valid",
]


class CheckState(BaseModel):
    """One of the seven checks of a platform as of a day, and the check that its state comes from."""

    check: CheckName = Field(description="Which check.", examples=["can_login"])
    state: str = Field(
        description="The latest result that is one (pass, fail), else the latest word (unknown, "
        "not_applicable), else never.",
        examples=["fail"],
    )
    checked_at: str | None = Field(description="When.", examples=["2025-05-18T10:03:00"])
    age_days: int | None = Field(description="Days from then to the day asked about.", examples=[166])
    verification: str | None = Field(description="Id of the check.", examples=["PV0000123"])
    selection: str | None = Field(
        description="Why the platform was chosen: random, suspicion, routine.", examples=["random"]
    )
    inspector: str | None = Field(description="Who checked.", examples=["检查员07"])
    observed: str | None = Field(description="What was seen.", examples=["6"])
    expected: str | None = Field(description="What should have been seen.", examples=["520"])


class PlatformFinding(BaseModel):
    """A finding about a platform, or about a group that it is in."""

    id: str = Field(description="Id of the finding.", examples=["3k2m5q7dhx4zv6pwrbjivplkht"])
    rule: str = Field(description="Id of its rule.", examples=["platform-traffic"])
    severity: str = Field(description="Its severity.", examples=["medium"])
    role: str = Field(description="subject, or member of the group.", examples=["subject"])
    decision: str = Field(description="A person's word on it.", examples=["open"])


class Platform(BaseModel):
    """A platform in the register: the state of its checks, its sales, its findings."""

    code: str = Field(description="Canonical code.", examples=["4401968001"])
    name: str | None = Field(description="Name.", examples=["示例平台"])
    site: str | None = Field(description="Its site, where the register has it.", examples=["shop.example"])
    state: str = Field(
        description="never (no result yet), failed (a check, and no later one passed) or passed.",
        examples=["failed"],
    )
    last_checked: date | None = Field(description="Day of the last result.", examples=["2025-05-18"])
    age_days: int | None = Field(description="Days from then to the day asked about.", examples=[166])
    window_sales: int = Field(description="Sales in the twelve months up to that day.", examples=[68])
    first_sale: date | None = Field(description="First day of a sale.", examples=["2025-01-03"])
    last_sale: date | None = Field(description="Last day of a sale.", examples=["2025-10-30"])
    checks: list[CheckState] = Field(description="The seven checks.")
    findings: list[PlatformFinding] = Field(description="Findings that the data shows.")


class PastCheck(BaseModel):
    """One check in the history of a platform."""

    verification: str = Field(description="Id of the check.", examples=["PV0000123"])
    checked: CheckName = Field(description="Which check.", examples=["can_login"])
    result: str = Field(description="pass, fail, unknown or not_applicable.", examples=["pass"])
    selection: str | None = Field(description="Why the platform was chosen.", examples=["routine"])
    inspector: str | None = Field(description="Who checked.", examples=["检查员07"])
    observed: str | None = Field(description="What was seen.", examples=[None])
    expected: str | None = Field(description="What should have been seen.", examples=[None])
    checked_at: str = Field(description="When.", examples=["2025-01-09T10:03:00"])
    day: date = Field(description="The day of it.", examples=["2025-01-09"])


class PlatformWithHistory(Platform):
    """A platform with every check ever made of it."""

    history: list[PastCheck] = Field(description="Every check, the newest first.")


class Good(BaseModel):
    """A good that cleared, to look for on the platform."""

    bar_code: str | None = Field(description="Bar code.", examples=["6900003465029"])
    item_no: str | None = Field(description="Item number of the merchant.", examples=["SKU116132"])
    item_name: str | None = Field(description="Name as declared.", examples=["奶粉"])
    item_link: str | None = Field(
        description="Link that payment data (179) gave.", examples=["https://shop.example/116132"]
    )
    sales: int = Field(description="Sales with it that cleared in the window.", examples=[32])


class PlatformToCheck(Platform):
    """A platform on the work list."""

    place: int = Field(description="Its place on the list, from 1.", examples=[1])
    score: float = Field(
        description="What a check would tell: log10(1 + sales) · doubt · (1 + points).", examples=[13.86]
    )
    selection: str = Field(description="random, suspicion or routine.", examples=["suspicion"])
    why: str = Field(description="The parts of the score in words.", examples=["never checked; 591 sales"])
    goods: list[Good] = Field(description="Goods to look for, those with most cleared sales first.")


class Worklist(BaseModel):
    """What to check next; the same data and numbers give the same list."""

    id: str = Field(description="Id of the list.", examples=["WL20251031-e5648ed7"])
    as_of: date = Field(description="The day that was looked from.", examples=["2025-10-31"])
    seed: int = Field(description="Seed of the random ones.", examples=[0])
    parameters_version: str = Field(description="Version of the score's parameters.", examples=["1.0.0"])
    counts: dict[str, int] = Field(
        description="How many were chosen for each reason.",
        examples=[{"random": 4, "suspicion": 14, "routine": 2}],
    )
    platforms: list[PlatformToCheck] = Field(description="The platforms, in order of score.")


class CheckMade(BaseModel):
    """One check of a platform, as the contract has it (`platform_verifications`)."""

    model_config = ConfigDict(extra="forbid", str_max_length=2000, hide_input_in_errors=True)

    verificationId: str = Field(description="Id of the check, given by who sends it.", examples=["V-2025-17"])
    ebpCode: str = Field(description="Code of the platform.", examples=["4401968001"])
    checkedAt: str = Field(
        description="When: ISO 8601, without a zone UTC+8.", examples=["2025-10-31T10:03:00"]
    )
    check: str = Field(description="Which of the seven checks.", examples=["can_login"])
    result: str = Field(description="pass, fail, unknown or not_applicable.", examples=["pass"])
    selection: str | None = Field(
        default=None, description="random, suspicion or routine.", examples=["random"]
    )
    observed: str | None = Field(
        default=None, description="What was seen; for traffic_match the visits of a month.", examples=["900"]
    )
    expected: str | None = Field(default=None, description="What should have been seen.", examples=["1200"])
    inspector: str | None = Field(
        default=None, description="Who checked, where it is not `by`.", examples=["检查员07"]
    )
    note: str | None = Field(default=None, description="Anything else.", examples=[None])


class ChecksMade(BaseModel):
    """Checks to take into the ledger: all of them, or none where one has a mistake."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    by: str = Field(description="Who sends them.", min_length=1, max_length=120, examples=["检查员07"])
    checks: list[CheckMade] = Field(description="The checks.", min_length=1, max_length=10_000)


class Taken(BaseModel):
    """What came in."""

    new: int = Field(description="Checks that are new.", examples=[7])
    known: int = Field(description="Checks that were known.", examples=[0])
    ledger_version: int = Field(description="The ledger version that has them.", examples=[4])
