"""Tables of what goes out: entries, how each channel fares, and who subscribed to warnings.

Instants are text in UTC of one width (`app.casebook.instants`).
"""

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.casebook.models import Base

ENTRY_STATES = ("waiting", "delivered", "refused", "dropped")
WEBHOOK_STATES = ("active", "disabled", "removed")


class OutboxEntry(Base):
    """One message to a channel; those of one subject go out in the order of their numbers.

    `due` is set for the first that waits of a subject alone, and is then the instant of its next attempt:
    whoever attempts it moves `due` to the end of his lease and leaves his token in `claimed`.
    """

    __tablename__ = "outbox"
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    channel: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(200))
    key: Mapped[str] = mapped_column(String(120), unique=True)
    payload: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10))
    made_at: Mapped[str] = mapped_column(String(27))
    attempts: Mapped[int] = mapped_column(Integer)
    due: Mapped[str | None] = mapped_column(String(27))
    claimed: Mapped[str | None] = mapped_column(String(32))
    settled_at: Mapped[str | None] = mapped_column(String(27))
    last_error: Mapped[str | None] = mapped_column(String(300))

    __table_args__ = (
        Index("ix_outbox_due", "channel", "due"),
        Index("ix_outbox_waiting", "channel", "state", "subject", "number"),
        Index("ix_outbox_settled", "channel", "settled_at"),
        CheckConstraint("state in ('waiting', 'delivered', 'refused', 'dropped')", name="state"),
    )


class OutboxChannel(Base):
    """How a channel fares: no row, or `failures` of 0, where its last attempt went well.

    `not_before` is set where nobody answers there: nothing is attempted until then.
    """

    __tablename__ = "outbox_channels"
    channel: Mapped[str] = mapped_column(String(40), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    failing_since: Mapped[str | None] = mapped_column(String(27))
    not_before: Mapped[str | None] = mapped_column(String(27))
    last_error: Mapped[str | None] = mapped_column(String(300))


class Webhook(Base):
    """A subscription to warnings. Its secret is no part of the casebook: it has a file of its own.

    `severity` (this one or graver) and `rule` choose warnings; `after` is the last one that went into the
    outbox.
    """

    __tablename__ = "webhooks"
    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    address: Mapped[str] = mapped_column(String(500))
    severity: Mapped[str | None] = mapped_column(String(10))
    rule: Mapped[str | None] = mapped_column(String(80))
    after: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(10))

    __table_args__ = (CheckConstraint("state in ('active', 'disabled', 'removed')", name="state"),)


class WebhookHistory(Base):
    """What was done with a subscription, by whom, when and why; rows are only ever added."""

    __tablename__ = "webhook_history"
    webhook: Mapped[str] = mapped_column(ForeignKey("webhooks.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    change: Mapped[str] = mapped_column(String(10))
    at: Mapped[str] = mapped_column(String(27))
    by: Mapped[str] = mapped_column(String(80))
    why: Mapped[str] = mapped_column(Text)
