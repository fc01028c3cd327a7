"""Delivering what waits: in order for a subject, several at once, again after a failure."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime

from app.casebook.store import Casebook
from app.outbox.entries import Entry
from app.outbox.outcome import USUAL, Channel, Outcome, Policy
from app.outbox.queue import claim, due_channels, settle


@dataclass(frozen=True)
class Delivered:
    """How many attempts were successes, refusals by the receiver, and failures that are repeated."""

    delivered: int = 0
    refused: int = 0
    failed: int = 0

    def __add__(self, other: "Delivered") -> "Delivered":
        return Delivered(
            self.delivered + other.delivered, self.refused + other.refused, self.failed + other.failed
        )


def deliver_once(
    casebook: Casebook,
    channels: Mapping[str, Channel],
    clock: Callable[[], datetime],
    policy: Policy = USUAL,
) -> Delivered:
    """Attempt whatever is due on these channels until nothing is, or the time of a run is up.

    Safe to kill, to repeat, and to run in several processes at once: what was sent but not kept as sent is
    sent again with the same idempotency key when the lease of the killed one has ended. One cheap read where
    nothing is due. Entries of channels that are not given wait.
    """
    ready = due_channels(casebook, list(channels), clock())
    if not ready:
        return Delivered()
    until = time.monotonic() + policy.run
    with ThreadPoolExecutor(min(len(ready), policy.channels)) as pool:
        parts = [pool.submit(_drain, casebook, name, channels[name], clock, policy, until) for name in ready]
        return sum((part.result() for part in parts), Delivered())


def _drain(
    casebook: Casebook,
    name: str,
    channel: Channel,
    clock: Callable[[], datetime],
    policy: Policy,
    until: float,
) -> Delivered:
    """Attempts on one channel: a receiver that is slow holds up no other."""
    total = Delivered()
    with ThreadPoolExecutor(policy.parallel) as pool:
        while time.monotonic() < until:
            claimed = claim(casebook, name, clock(), policy)
            if not claimed.entries:
                break
            under_way = {pool.submit(_attempt, channel, entry): entry for entry in claimed.entries}
            for attempt in as_completed(under_way):
                entry, outcome = under_way[attempt], attempt.result()
                with casebook.change(shown=False) as change:
                    if settle(change, entry, claimed.token, outcome, clock(), policy):
                        channel.settled(change, entry, outcome)
                total += Delivered(**{outcome.kind: 1})
    return total


def _attempt(channel: Channel, entry: Entry) -> Outcome:
    try:
        return channel.send(entry)
    except Exception as error:
        # Its text is not kept: it may quote the message.
        return Outcome("failed", f"the attempt broke off ({type(error).__name__})")
