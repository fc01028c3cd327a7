"""What the API answers about warnings, subscriptions to them, and the outbox."""

from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from app.api.models import Severity

WEBHOOK: dict[str, Any] = {
    "id": "wh-6fzq2n4a",
    "address": "https://case.example.org/hooks",
    "severity": "high",
    "rule": None,
    "after": "0000000007.3k2m5q7dhx4zv6pwrbjivplkht.00001",
    "state": "active",
    "waiting": 0,
    "failing_since": None,
    "last_error": None,
}
STEP: dict[str, Any] = {"change": "added", "at": "2026-07-01T02:30:00.000000Z", "by": "K01", "why": ""}
WARNING: dict[str, Any] = {
    "id": "0000000007.3k2m5q7dhx4zv6pwrbjivplkht.00001",
    "finding": "3k2m5q7dhx4zv6pwrbjivplkht",
    "rule": "platform-failed-checks",
    "change": "found",
    "severity": "medium",
    "subject": {"kind": "Platform", "key": "4401968001", "name": "示例平台"},
    "reason": {"en": "2 of 7 checks failed.", "zh": "七项核查中两项未通过。"},
    "ledger_version": 3,
    "detail": {"severity": "medium", "evidence": 2, "members": 0},
}

WebhookId = Annotated[
    str, Path(title="Webhook", description="Id of the subscription.", examples=["wh-6fzq2n4a"])
]
By = Annotated[str, Field(description="Who does it.", max_length=80, examples=["K02"])]


class WarningAnswer(BaseModel):
    """What changed in a finding so that somebody should hear of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [WARNING]})

    id: str = Field(description="Stable, and greater than that of every warning before.")
    finding: str = Field(description="Id of the finding.")
    rule: str = Field(description="Rule that found it.")
    change: Literal["found", "changed", "gone", "returned"] = Field(
        description="New, changed materially (severity rose, other members, more evidence), gone, or back."
    )
    severity: Severity = Field(description="Severity after it.")
    subject: dict[str, str] = Field(description="Whom it is about: kind, key, name (persons masked).")
    reason: dict[str, str] = Field(description="The finding's reason as it stands now, by language.")
    ledger_version: int = Field(description="Ledger version at which it happened.")
    detail: dict[str, Any] = Field(description="What changed, in numbers.")


class WarningPage(BaseModel):
    """A page of warnings."""

    data: list[WarningAnswer] = Field(description="The warnings, the earliest first.")
    count: int = Field(description="How many there are after `after`, over every page.", examples=[1])
    next: str | None = Field(
        description="`after` of the next page; null where nothing is left by now.", examples=[None]
    )


class WebhookStep(BaseModel):
    """What was done with a subscription."""

    model_config = ConfigDict(json_schema_extra={"examples": [STEP]})

    change: str = Field(description="added, tried, disabled, resumed or removed.")
    at: AwareDatetime = Field(description="When.")
    by: str = Field(description="Who; cluegraph itself where it gave up.")
    why: str = Field(description="Why.")


class WebhookLine(BaseModel):
    """A subscription to warnings. Its secret is in no answer but that to its making."""

    model_config = ConfigDict(json_schema_extra={"examples": [WEBHOOK]})

    id: str = Field(description="Id.")
    address: str = Field(description="Where its warnings go.")
    severity: Severity | None = Field(description="Only this severity or graver.")
    rule: str | None = Field(description="Only of this rule.")
    after: str = Field(description="The last change that was looked at for it.")
    state: Literal["active", "disabled"] = Field(description="disabled: given up, until it is resumed.")
    waiting: int = Field(description="Warnings that wait to be delivered.")
    failing_since: AwareDatetime | None = Field(description="Since when it fails; null where it does not.")
    last_error: str | None = Field(description="How it failed last.")


class WebhookAnswer(WebhookLine):
    """A subscription with what was done with it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**WEBHOOK, "history": [STEP]}]})

    history: list[WebhookStep] = Field(description="What was done, the earliest first.")


class WebhookMade(WebhookAnswer):
    """A new subscription with its secret."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**WEBHOOK, "history": [STEP], "secret": "whsec_…"}]}
    )

    secret: str = Field(description="Keys the signatures; shown this once.")


class NewWebhook(BaseModel):
    """What is to be subscribed to."""

    model_config = ConfigDict(extra="forbid")

    address: str = Field(
        max_length=500, description="http or https.", examples=["https://case.example.org/hooks"]
    )
    severity: Severity | None = Field(
        default=None, description="Only this severity or graver.", examples=["high"]
    )
    rule: str | None = Field(default=None, max_length=80, description="Only of this rule.", examples=[None])
    by: By


class WebhookDecision(BaseModel):
    """Who decides, and why."""

    model_config = ConfigDict(extra="forbid")

    by: By
    why: str = Field(max_length=1000, description="Why.", examples=["The receiver was mended."])


class Trial(BaseModel):
    """Who tries a subscription."""

    model_config = ConfigDict(extra="forbid")

    by: By


class Tried(BaseModel):
    """What became of a message that was sent to try a subscription."""

    delivered: bool = Field(description="Whether the receiver answered with 2xx.", examples=[True])
    error: str | None = Field(description="How it failed.", examples=[None])


class ChannelAnswer(BaseModel):
    """How one channel of the outbox fares."""

    channel: str = Field(
        description="clearance, or webhook: and the id of a subscription.", examples=["clearance"]
    )
    configured: bool = Field(description="Whether there is a receiver; else all wait.", examples=[True])
    waiting: int = Field(description="Messages that wait.", examples=[0])
    delivered: int = Field(description="Messages that arrived.", examples=[12])
    refused: int = Field(description="Messages that the receiver refused for good.", examples=[0])
    dropped: int = Field(description="Messages of a subscription that was removed.", examples=[0])
    oldest: AwareDatetime | None = Field(description="When the oldest of them was put in.", examples=[None])
    failing_since: AwareDatetime | None = Field(description="Since when it fails.", examples=[None])
    last_error: str | None = Field(description="How it failed last.", examples=[None])


class Outbox(BaseModel):
    """How the channels of the outbox fare."""

    data: list[ChannelAnswer] = Field(description="Channels that anything was ever put in for, by name.")
    count: int = Field(description="How many there are.", examples=[1])
    next: None = Field(default=None, description="Always null: there is one page.", examples=[None])
