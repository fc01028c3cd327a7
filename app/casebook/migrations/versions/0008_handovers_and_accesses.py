"""Clues handed over, what came of them, and who asked for personal values

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "handovers",
        sa.Column("recipient", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("prepared_by", sa.String(length=80), nullable=False),
        sa.Column("prepared_at", sa.String(length=40), nullable=False),
        sa.Column("handed_at", sa.String(length=40), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("recipient", "number", name=op.f("pk_handovers")),
    )
    op.create_table(
        "handover_items",
        sa.Column("recipient", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("finding", sa.String(length=32), nullable=False),
        sa.Column("change", sa.String(length=20), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["finding"], ["findings.id"], name=op.f("fk_handover_items_finding_findings")
        ),
        sa.ForeignKeyConstraint(
            ["recipient", "number"],
            ["handovers.recipient", "handovers.number"],
            name=op.f("fk_handover_items_recipient_handovers"),
        ),
        sa.PrimaryKeyConstraint("recipient", "number", "finding", name=op.f("pk_handover_items")),
    )
    op.create_index("ix_handover_items_recipient_finding", "handover_items", ["recipient", "finding"])
    op.create_table(
        "handover_outcomes",
        sa.Column("recipient", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("finding", sa.String(length=32), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("told_by", sa.String(length=80), nullable=False),
        sa.Column("told_at", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["recipient", "number", "finding"],
            ["handover_items.recipient", "handover_items.number", "handover_items.finding"],
            name=op.f("fk_handover_outcomes_recipient_handover_items"),
        ),
        sa.PrimaryKeyConstraint("recipient", "number", "finding", "place", name=op.f("pk_handover_outcomes")),
    )
    op.create_table(
        "accesses",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_accesses")),
    )


def downgrade() -> None:
    op.drop_table("accesses")
    op.drop_table("handover_outcomes")
    op.drop_table("handover_items")
    op.drop_table("handovers")
