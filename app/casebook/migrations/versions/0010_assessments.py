"""Assessments, the quota that they reserve, and what was released

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_INSTANT = 27


def upgrade() -> None:
    op.create_table(
        "assessments",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("sale_id", sa.String(length=90), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=_INSTANT), nullable=False),
        sa.Column("lane", sa.String(length=30), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=True),
        sa.Column("fallback", sa.Text(), nullable=False),
        sa.Column("ledger_version", sa.Integer(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("inputs", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessments")),
        sa.UniqueConstraint("sale_id", "number", name=op.f("uq_assessments_sale_id")),
    )
    op.create_index("ix_assessments_at_id", "assessments", ["at", "id"])
    op.create_table(
        "reservations",
        sa.Column("sale_id", sa.String(length=90), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("amount_e5", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.String(length=_INSTANT), nullable=False),
        sa.Column("until", sa.String(length=_INSTANT), nullable=False),
        sa.Column("assessment", sa.String(length=32), nullable=False),
        sa.CheckConstraint("amount_e5 >= 0", name=op.f("ck_reservations_amount")),
        sa.PrimaryKeyConstraint("sale_id", name=op.f("pk_reservations")),
    )
    op.create_index("ix_reservations_person", "reservations", ["person"])
    op.create_table(
        "releases",
        sa.Column("assessment", sa.String(length=32), nullable=False),
        sa.Column("sale_id", sa.String(length=90), nullable=False),
        sa.Column("amount_e5", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.String(length=_INSTANT), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("assessment", name=op.f("pk_releases")),
    )


def downgrade() -> None:
    for table in ("releases", "reservations", "assessments"):
        op.drop_table(table)
