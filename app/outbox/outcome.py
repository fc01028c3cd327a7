"""What became of an attempt, and how often and how long is attempted."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal, Protocol

from app.casebook.store import Change
from app.outbox.entries import Entry


@dataclass(frozen=True)
class Policy:
    """How an outbox is delivered: seconds, and how many at once.

    The lease is longer than an attempt can last, so that nobody else attempts the same meanwhile; waits grow
    twofold from the first to the longest.
    """

    lease: float = 60
    connect: float = 5
    attempt: float = 15
    first_wait: float = 1
    longest_wait: float = 600
    parallel: int = 4
    run: float = 20

    def wait(self, failures: int, asked: float | None = None) -> timedelta:
        """How long to wait after so many failures in a row (from 1); the receiver may have `asked` for
        more."""
        grown = self.first_wait * 2.0 ** min(failures - 1, 30)
        return timedelta(seconds=min(max(grown, asked or 0), self.longest_wait))


USUAL = Policy()


@dataclass(frozen=True)
class Outcome:
    """`refused`: the receiver will never take it; `failed`: to be attempted again.

    `unreachable` says that nobody answers there, whatever is sent. `error` is one sentence without any value
    of a message; `answer` what the receiver said (JSON object).
    """

    kind: Literal["delivered", "refused", "failed"]
    error: str | None = None
    unreachable: bool = False
    wait: float | None = None
    answer: dict[str, Any] = field(default_factory=dict)


class Channel(Protocol):
    """A way out."""

    def send(self, entry: Entry) -> Outcome:
        """Attempt one message, holding no lock; an error that it raises is a failure."""

    def settled(self, change: Change, entry: Entry, outcome: Outcome) -> None:
        """Called in the transaction that keeps the outcome."""
