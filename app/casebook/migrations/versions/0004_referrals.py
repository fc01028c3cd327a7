"""Referrals to the payment authority: what is asked, payment by payment, and what was exported

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "referrals",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("company", sa.String(length=18), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("half_width", sa.Float(), nullable=True),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("without_number", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("argument", sa.Text(), nullable=False),
        sa.Column("strata", sa.Text(), nullable=False),
        sa.Column("finding", sa.String(length=32), nullable=True),
        sa.Column("ledger_version", sa.Integer(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("drawn_by", sa.String(length=120), nullable=False),
        sa.Column("drawn_at", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals")),
    )
    op.create_table(
        "referral_items",
        sa.Column("referral", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sale", sa.String(length=120), nullable=False),
        sa.Column("platform", sa.String(length=18), nullable=False),
        sa.Column("pay_code", sa.String(length=18), nullable=False),
        sa.Column("pay_number", sa.String(length=60), nullable=True),
        sa.Column("clearing_number", sa.String(length=60), nullable=True),
        sa.Column("ver_dept", sa.String(length=10), nullable=True),
        sa.Column("amount", sa.String(length=30), nullable=True),
        sa.Column("currency", sa.String(length=10), nullable=True),
        sa.Column("paid_at", sa.String(length=40), nullable=True),
        sa.Column("stratum", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral"], ["referrals.id"], name=op.f("fk_referral_items_referral_referrals")
        ),
        sa.PrimaryKeyConstraint("referral", "number", name=op.f("pk_referral_items")),
    )
    op.create_index("ix_referral_items_pay_number", "referral_items", ["pay_number"])
    op.create_table(
        "referral_exports",
        sa.Column("referral", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("exported_by", sa.String(length=120), nullable=False),
        sa.Column("exported_at", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["referral"], ["referrals.id"], name=op.f("fk_referral_exports_referral_referrals")
        ),
        sa.PrimaryKeyConstraint("referral", "number", name=op.f("pk_referral_exports")),
    )


def downgrade() -> None:
    op.drop_table("referral_exports")
    op.drop_index("ix_referral_items_pay_number", table_name="referral_items")
    op.drop_table("referral_items")
    op.drop_table("referrals")
