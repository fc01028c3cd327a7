"""Everything that goes out by itself: what a scheduler calls every second or so."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any, Final

import orjson
import structlog
from sqlalchemy import func, select

from app.casebook.instants import instant
from app.casebook.outbox_models import OutboxChannel, OutboxEntry, Webhook
from app.casebook.store import Casebook, Change
from app.clues import webhooks
from app.errors import CluegraphError, NotFoundError
from app.outbox.answers import outcome_of
from app.outbox.deliver import Delivered, Deliverer, deliver_once
from app.outbox.entries import Entry
from app.outbox.http import UnreachableError, post
from app.outbox.outcome import USUAL, Channel, Outcome, Policy
from app.outbox.signing import may_be_told, secret_of, signed_headers
from app.settings import Settings
from app.supervision.clearance import ClearanceFolder, clearance, take_answers
from app.supervision.instructions import CHANNEL, expire
from app.supervision.persons import named

log = structlog.get_logger("cluegraph.outgoing")

GIVE_UP: Final = timedelta(days=3)
"""How long a webhook may fail before it is disabled; Standard Webhooks has retries last for days."""
_GONE = 410


@dataclass(frozen=True)
class Report:
    """What a run did: instructions that expired, warnings put into the outbox, answers taken from files and
    those that cannot be used, messages delivered, refused and failed."""

    expired: int
    warnings: int
    answers: int
    unusable: int
    sent: Delivered

    def as_dict(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        plain = asdict(self)
        return {**plain, **plain.pop("sent")}


@dataclass(frozen=True)
class WebhookChannel:
    """One subscription: each warning is one signed POST."""

    settings: Settings
    webhook: str
    address: str
    clock: Callable[[], datetime]
    policy: Policy = USUAL

    def send(self, entry: Entry) -> Outcome:
        """One signed POST; a refusal is a failure like others: the receiver may be mended."""
        try:
            secret = secret_of(webhooks.secrets_folder(self.settings), self.webhook)
        except NotFoundError:
            return Outcome("failed", "its secret is not in this data folder", unreachable=True)
        body, allowed = entry.payload.encode(), may_be_told(self.settings.webhook_loopback)
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": entry.key,
            **signed_headers(secret, entry.key, self.clock(), body),
        }
        try:
            answer = post(self.address, body, headers, self.policy, allowed)
        except UnreachableError as error:
            return Outcome("failed", str(error), unreachable=True)
        outcome = outcome_of(answer, refusals=False)
        # What was answered is not kept: a subscription must not read what stands behind an address.
        gone = {"gone": True} if answer.status == _GONE else {}
        return Outcome(outcome.kind, outcome.error, outcome.unreachable, outcome.wait, gone)

    def settled(self, change: Change, entry: Entry, outcome: Outcome) -> None:
        """Give the subscription up where the receiver says so, or has failed for GIVE_UP."""
        at = self.clock()
        if outcome.answer.get("gone"):
            webhooks.disable(change, self.webhook, "its receiver says that it is gone (410)", at)
        elif outcome.kind == "failed":
            asked = select(OutboxChannel.failing_since).where(OutboxChannel.channel == entry.channel)
            since = change.connection.execute(asked).scalar_one()
            if since is not None and at - instant(since) >= GIVE_UP:
                why = f"it has failed for {GIVE_UP.days} days: {outcome.error}"
                webhooks.disable(change, self.webhook, why, at)


def channels(
    settings: Settings, casebook: Casebook, clock: Callable[[], datetime], policy: Policy = USUAL
) -> dict[str, Channel]:
    """The ways out that can be used now: the clearance system first, then each active webhook."""
    ways: dict[str, Channel] = {}
    receiver = clearance(settings, clock(), policy)
    if receiver is not None:
        ways[CHANNEL] = receiver
    active = select(Webhook.id, Webhook.address).where(Webhook.state == "active").order_by(Webhook.id)
    with casebook.read() as connection:
        rows = connection.execute(active).all()
    for row in rows:
        ways[webhooks.channel_of(row.id)] = WebhookChannel(settings, row.id, row.address, clock, policy)
    return ways


def run_once(
    settings: Settings, casebook: Casebook, clock: Callable[[], datetime], policy: Policy = USUAL
) -> Report:
    """Expire instructions, put new warnings into the outbox, deliver what is due, take what came back.

    May be killed and repeated; a handful of cheap reads where there is nothing to do. Raises BadInputError
    where CLUEGRAPH_CLEARANCE is no address.
    """
    ended, put_in = expire(casebook, clock()), webhooks.fill(casebook, clock())
    ways = channels(settings, casebook, clock, policy)
    sent = deliver_once(casebook, ways, clock, policy)
    took, unusable = _come_back(casebook, ways, clock())
    return Report(len(ended), put_in, took, unusable, sent)


def _come_back(casebook: Casebook, ways: dict[str, Channel], at: datetime) -> tuple[int, int]:
    """Take answers that came as files: how many, and how many are of no use."""
    receiver = ways.get(CHANNEL)
    return take_answers(casebook, receiver.folder, at) if isinstance(receiver, ClearanceFolder) else (0, 0)


def keep_going(
    settings: Settings,
    casebook: Casebook,
    clock: Callable[[], datetime],
    stop: Event,
    *,
    every: float = 1.0,
    policy: Policy = USUAL,
) -> None:
    """The same as `run_once` every so many seconds until told to stop, but for that it waits for no receiver:
    one that is slow holds up no other. For a thread of its own, which may be killed.

    What fails is logged once, by its kind, and tried again.
    """
    told = ""
    with Deliverer(casebook, clock, policy) as deliverer:
        while not stop.is_set():
            try:
                expire(casebook, clock())
                webhooks.fill(casebook, clock())
                ways = channels(settings, casebook, clock, policy)
                deliverer.begin(ways)
                _come_back(casebook, ways, clock())
                deliverer.ended()
                told = ""
            except Exception as error:  # a full disk, a store that is away: it goes on once that is mended
                # A sentence of ours names no value; that of a library may.
                why = str(error) if isinstance(error, CluegraphError) else type(error).__name__
                if why != told:
                    log.warning("nothing goes out now", error=why)
                told = why
            stop.wait(every)


def try_webhook(settings: Settings, casebook: Casebook, identity: str, *, by: str, at: datetime) -> Outcome:
    """Send one signed message of the type `test` to a webhook at once; NotFoundError for an unknown one."""
    by = named(by)
    one = webhooks.webhook(casebook, identity)
    message = {"type": "test", "timestamp": at.astimezone(UTC).isoformat(), "data": {"webhook": identity}}
    payload = orjson.dumps(message, option=orjson.OPT_SORT_KEYS).decode()
    entry = Entry(
        0, webhooks.channel_of(identity), "test", f"{identity}.test.{at.timestamp():.0f}", payload, 0
    )
    outcome = WebhookChannel(settings, identity, one["address"], lambda: at).send(entry)
    webhooks.tried(casebook, identity, outcome.error or outcome.kind, by=by, at=at)
    return outcome


def outbox_status(settings: Settings, casebook: Casebook) -> list[dict[str, Any]]:
    """By channel: how many messages wait, were delivered, refused, dropped; since when the oldest waits and
    the channel fails, and its last error."""
    counts = select(
        OutboxEntry.channel, OutboxEntry.state, func.count().label("count"), func.min(OutboxEntry.made_at)
    ).group_by(OutboxEntry.channel, OutboxEntry.state)
    with casebook.read() as connection:
        rows = connection.execute(counts).all()
        fares = {
            row["channel"]: dict(row)
            for row in connection.execute(select(OutboxChannel.__table__)).mappings()
        }
    told: dict[str, dict[str, Any]] = {}
    for channel, state, count, oldest in rows:
        entry = told.setdefault(channel, _empty(channel, settings, fares.get(channel, {})))
        entry[state] = count
        if state == "waiting":
            entry["oldest"] = oldest
    return [told[channel] for channel in sorted(told)]


def _empty(channel: str, settings: Settings, fares: dict[str, Any]) -> dict[str, Any]:
    return {
        "channel": channel,
        "configured": channel != CHANNEL or settings.clearance is not None,
        **dict.fromkeys(("waiting", "delivered", "refused", "dropped"), 0),
        "oldest": None,
        "failing_since": fares.get("failing_since"),
        "last_error": fares.get("last_error"),
    }
