"""Proposals to change rates of measures, the day's selections and the sales that they name

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_LETTERS = "letter in ('A', 'B', 'C', 'D')"


def upgrade() -> None:
    op.create_table(
        "measure_proposals",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("letter", sa.String(length=1), nullable=False),
        sa.Column("measure", sa.String(length=20), nullable=False),
        sa.Column("rate_before", sa.String(length=12), nullable=False),
        sa.Column("rate_after", sa.String(length=12), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("table_version", sa.String(length=20), nullable=False),
        sa.Column("ledger_version", sa.Integer(), nullable=False),
        sa.Column("proposed_on", sa.Date(), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_at", sa.String(length=27), nullable=True),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
        sa.Column("decided_why", sa.Text(), nullable=True),
        sa.Column("holds_from", sa.Date(), nullable=True),
        sa.CheckConstraint(_LETTERS, name=op.f("ck_measure_proposals_letter")),
        sa.CheckConstraint(
            "measure in ('manual_review', 'machine_inspection', 'physical_inspection')",
            name=op.f("ck_measure_proposals_measure"),
        ),
        sa.CheckConstraint(
            "state in ('proposed', 'accepted', 'rejected', 'superseded')",
            name=op.f("ck_measure_proposals_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measure_proposals")),
        sa.UniqueConstraint("digest", name=op.f("uq_measure_proposals_digest")),
    )
    op.create_index("ix_measure_proposals_state", "measure_proposals", ["state", "holds_from"])
    op.create_table(
        "selections",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("seed", sa.String(length=32), nullable=False),
        sa.Column("ledger_version", sa.Integer(), nullable=False),
        sa.Column("detection_version", sa.Integer(), nullable=True),
        sa.Column("casebook_seq", sa.Integer(), nullable=False),
        sa.Column("table_version", sa.String(length=20), nullable=False),
        sa.Column("measures", sa.Text(), nullable=False),
        sa.Column("declared", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_selections")),
    )
    op.create_index("ix_selections_day", "selections", ["day"])
    op.create_table(
        "selected_sales",
        sa.Column("selection", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sale", sa.String(length=120), nullable=False),
        sa.Column("lane", sa.String(length=30), nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.Column("left_out", sa.Boolean(), nullable=False),
        sa.Column("letter", sa.String(length=1), nullable=False),
        sa.Column("site", sa.String(length=40), nullable=True),
        sa.Column("points", sa.Float(), nullable=False),
        sa.Column("chance", sa.Float(), nullable=False),
        sa.Column("instruction", sa.String(length=20), nullable=True),
        sa.Column("finding", sa.String(length=32), nullable=True),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.CheckConstraint(_LETTERS, name=op.f("ck_selected_sales_letter")),
        sa.CheckConstraint(
            "reason in ('random', 'instruction', 'clue', 'class_rate')",
            name=op.f("ck_selected_sales_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["selection"], ["selections.id"], name=op.f("fk_selected_sales_selection_selections")
        ),
        sa.PrimaryKeyConstraint("selection", "number", name=op.f("pk_selected_sales")),
    )
    op.create_index("ix_selected_sales_sale", "selected_sales", ["sale", "lane"])


def downgrade() -> None:
    for table in ("selected_sales", "selections", "measure_proposals"):
        op.drop_table(table)
