"""Control instructions, the outbox, subscriptions to warnings; what of a finding's history is a warning

Revision ID: 0007
Revises: 0006
"""

from typing import Any

import orjson
import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_INSTANT = 27


def upgrade() -> None:
    _instructions()
    _outbox()
    op.add_column("finding_history", sa.Column("severity", sa.String(length=10), nullable=True))
    material: sa.Column[bool] = sa.Column("material", sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column("finding_history", material)
    op.create_index("ix_finding_history_order", "finding_history", ["casebook_seq", "finding", "number"])
    _tell_warnings()


def _instructions() -> None:
    states = "'drafted', 'approved', 'issued', 'acknowledged', 'refused', 'withdrawn', 'expired'"
    op.create_table(
        "instructions",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("scope_kind", sa.String(length=10), nullable=False),
        sa.Column("scope_key", sa.String(length=32), nullable=False),
        sa.Column("action", sa.String(length=30), nullable=False),
        sa.Column("rate_e6", sa.Integer(), nullable=False),
        sa.Column("starts", sa.String(length=_INSTANT), nullable=False),
        sa.Column("ends", sa.String(length=_INSTANT), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("finding", sa.String(length=32), nullable=True),
        sa.Column("class_letter", sa.String(length=1), nullable=True),
        sa.Column("state", sa.String(length=15), nullable=False),
        sa.CheckConstraint(
            "scope_kind in ('platform', 'merchant', 'agent', 'consumer', 'address', 'goods')",
            name=op.f("ck_instructions_scope_kind"),
        ),
        sa.CheckConstraint("source in ('finding', 'class', 'person')", name=op.f("ck_instructions_source")),
        sa.CheckConstraint(f"state in ({states})", name=op.f("ck_instructions_state")),
        sa.CheckConstraint("rate_e6 between 0 and 1000000", name=op.f("ck_instructions_rate")),
        sa.CheckConstraint("starts < ends", name=op.f("ck_instructions_period")),
        sa.ForeignKeyConstraint(["finding"], ["findings.id"], name=op.f("fk_instructions_finding_findings")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instructions")),
    )
    op.create_index("ix_instructions_state_ends", "instructions", ["state", "ends"])
    op.create_index("ix_instructions_scope", "instructions", ["scope_kind", "scope_key"])
    op.create_table(
        "instruction_history",
        sa.Column("instruction", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("change", sa.String(length=30), nullable=False),
        sa.Column("state", sa.String(length=15), nullable=False),
        sa.Column("at", sa.String(length=_INSTANT), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.CheckConstraint(f"state in ({states})", name=op.f("ck_instruction_history_state")),
        sa.ForeignKeyConstraint(
            ["instruction"], ["instructions.id"], name=op.f("fk_instruction_history_instruction_instructions")
        ),
        sa.PrimaryKeyConstraint("instruction", "number", name=op.f("pk_instruction_history")),
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("made_at", sa.String(length=_INSTANT), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due", sa.String(length=_INSTANT), nullable=True),
        sa.Column("claimed", sa.String(length=32), nullable=True),
        sa.Column("settled_at", sa.String(length=_INSTANT), nullable=True),
        sa.Column("last_error", sa.String(length=300), nullable=True),
        sa.CheckConstraint(
            "state in ('waiting', 'delivered', 'refused', 'dropped')", name=op.f("ck_outbox_state")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
    )
    op.create_index("ix_outbox_due", "outbox", ["channel", "due"])
    op.create_index("ix_outbox_waiting", "outbox", ["channel", "state", "subject", "number"])
    op.create_index("ix_outbox_settled", "outbox", ["channel", "settled_at"])
    op.create_table(
        "outbox_channels",
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.String(length=_INSTANT), nullable=True),
        sa.Column("not_before", sa.String(length=_INSTANT), nullable=True),
        sa.Column("last_error", sa.String(length=300), nullable=True),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_outbox_channels")),
    )
    op.create_table(
        "webhooks",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.Column("severity", sa.String(length=10), nullable=True),
        sa.Column("rule", sa.String(length=80), nullable=True),
        sa.Column("after", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.CheckConstraint("state in ('active', 'disabled', 'removed')", name=op.f("ck_webhooks_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    op.create_table(
        "webhook_history",
        sa.Column("webhook", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("change", sa.String(length=10), nullable=False),
        sa.Column("at", sa.String(length=_INSTANT), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["webhook"], ["webhooks.id"], name=op.f("fk_webhook_history_webhook_webhooks")
        ),
        sa.PrimaryKeyConstraint("webhook", "number", name=op.f("pk_webhook_history")),
    )


def _tell_warnings() -> None:
    """Severity after each change that was kept before, from its details; what else was material they do not
    tell."""
    connection = op.get_bind()
    history = sa.table(
        "finding_history",
        *(sa.column(name) for name in ("finding", "number", "change", "detail", "severity", "material")),
    )
    rows = connection.execute(
        sa.select(history.c.finding, history.c.number, history.c.change, history.c.detail).order_by(
            history.c.finding, history.c.number
        )
    ).all()
    severity: str | None = None
    values: list[dict[str, Any]] = []
    for row in rows:
        told = orjson.loads(row.detail).get("severity")
        now = told["to"] if isinstance(told, dict) else told
        severity = now if row.number == 1 or now is not None else severity
        material = row.change != "changed" or (isinstance(told, dict) and told["rose"])
        key = {"of": row.finding, "at": row.number}
        values.append({**key, "new_severity": severity, "new_material": material})
    if values:
        one = (history.c.finding == sa.bindparam("of")) & (history.c.number == sa.bindparam("at"))
        told_now: dict[str, Any] = {name: sa.bindparam(f"new_{name}") for name in ("severity", "material")}
        connection.execute(sa.update(history).where(one).values(told_now), values)


def downgrade() -> None:
    op.drop_index("ix_finding_history_order", "finding_history")
    op.drop_column("finding_history", "material")
    op.drop_column("finding_history", "severity")
    for table in (
        "webhook_history",
        "webhooks",
        "outbox_channels",
        "outbox",
        "instruction_history",
        "instructions",
    ):
        op.drop_table(table)
