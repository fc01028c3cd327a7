"""Delivering what waits: in order for a subject, several at once, again after a failure."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, as_completed, wait
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from types import TracebackType
from typing import Self

from app.casebook.store import Casebook
from app.outbox.entries import Entry
from app.outbox.outcome import USUAL, Channel, Outcome, Policy
from app.outbox.queue import claim, due_channels, settle

_MOST_CHANNELS = 64
"""Threads, of which each works on one channel: there are fewer channels, so that none waits for another."""


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
    if not due_channels(casebook, list(channels), clock()):
        return Delivered()
    total, until = Delivered(), time.monotonic() + policy.run
    with Deliverer(casebook, clock, policy) as deliverer:
        while True:
            if time.monotonic() < until:
                deliverer.begin(channels)
            if not deliverer.under_way:
                return total
            total += deliverer.ended(wait_seconds=_GLANCE)


_GLANCE = 0.2
"""Seconds after which is looked whether something has become due on another channel."""


class Deliverer:
    """Works on each channel in a thread of its own: a receiver that is slow holds up no other."""

    def __init__(self, casebook: Casebook, clock: Callable[[], datetime], policy: Policy = USUAL) -> None:
        self._casebook, self._clock, self._policy = casebook, clock, policy
        self._pool = ThreadPoolExecutor(_MOST_CHANNELS)
        self._under_way: dict[str, Future[Delivered]] = {}
        self._stopping = Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Attempts that are under way are ended and kept; none is begun any more."""
        self._stopping.set()
        self._pool.shutdown()

    @property
    def under_way(self) -> bool:
        """Whether any channel is worked on."""
        return bool(self._under_way)

    def begin(self, channels: Mapping[str, Channel]) -> None:
        """Begin on those of the channels where something is due, and which are not worked on; waits for
        nothing."""
        idle = [name for name in channels if name not in self._under_way]
        for name in due_channels(self._casebook, idle, self._clock()):
            self._under_way[name] = self._pool.submit(self._drain, name, channels[name])

    def ended(self, wait_seconds: float = 0) -> Delivered:
        """What became of channels whose work has ended since; raises what ended it. Waits so long for one."""
        done, _ = wait(self._under_way.values(), wait_seconds, FIRST_COMPLETED)
        self._under_way = {name: part for name, part in self._under_way.items() if part not in done}
        return sum((part.result() for part in done), Delivered())

    def _drain(self, name: str, channel: Channel) -> Delivered:
        total, until = Delivered(), time.monotonic() + self._policy.run
        with ThreadPoolExecutor(self._policy.parallel) as pool:
            while time.monotonic() < until and not self._stopping.is_set():
                claimed = claim(self._casebook, name, self._clock(), self._policy)
                if not claimed.entries:
                    break
                under_way = {pool.submit(_attempt, channel, entry): entry for entry in claimed.entries}
                for attempt in as_completed(under_way):
                    entry, outcome = under_way[attempt], attempt.result()
                    with self._casebook.change(shown=False) as change:
                        if settle(change, entry, claimed.token, outcome, self._clock(), self._policy):
                            channel.settled(change, entry, outcome)
                    total += Delivered(**{outcome.kind: 1})
        return total


def _attempt(channel: Channel, entry: Entry) -> Outcome:
    try:
        return channel.send(entry)
    except Exception as error:
        # Its text is not kept: it may quote the message.
        return Outcome("failed", f"the attempt broke off ({type(error).__name__})")
