"""Protection of identities, and its history

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "protections",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("consumer", sa.String(length=32), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("lifted", sa.Date(), nullable=True),
        sa.CheckConstraint("level in ('watched', 'locked')", name=op.f("ck_protections_level")),
        sa.CheckConstraint("until is null or until >= since", name=op.f("ck_protections_until")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_protections")),
    )
    op.create_index("ix_protections_consumer", "protections", ["consumer"])
    op.create_table(
        "protection_history",
        sa.Column("protection", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("casebook_seq", sa.Integer(), nullable=False),
        sa.Column("change", sa.String(length=10), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("lifted", sa.Date(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.CheckConstraint(
            "change in ('set', 'extended', 'lifted')", name=op.f("ck_protection_history_change")
        ),
        sa.ForeignKeyConstraint(
            ["protection"],
            ["protections.number"],
            name=op.f("fk_protection_history_protection_protections"),
        ),
        sa.PrimaryKeyConstraint("protection", "number", name=op.f("pk_protection_history")),
    )


def downgrade() -> None:
    op.drop_table("protection_history")
    op.drop_index("ix_protections_consumer", "protections")
    op.drop_table("protections")
