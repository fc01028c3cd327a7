"""The life of rules: decisions on findings, moves between maturities, proposals

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "finding_decisions",
        sa.Column("finding", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("casebook_seq", sa.Integer(), nullable=False),
        sa.Column("former", sa.String(length=40), nullable=False),
        sa.Column("decision", sa.String(length=40), nullable=False),
        sa.Column("snoozed_until", sa.Date(), nullable=True),
        sa.Column("rule_version", sa.String(length=20), nullable=False),
        sa.Column("ledger_version", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["finding"], ["findings.id"], name=op.f("fk_finding_decisions_finding_findings")
        ),
        sa.PrimaryKeyConstraint("finding", "number", name=op.f("pk_finding_decisions")),
    )
    op.create_table(
        "rule_proposals",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rule", sa.String(length=80), nullable=False),
        sa.Column("rule_version", sa.String(length=20), nullable=False),
        sa.Column("right", sa.Integer(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("low", sa.Float(), nullable=False),
        sa.Column("high", sa.Float(), nullable=False),
        sa.Column("level", sa.Float(), nullable=False),
        sa.Column("floor", sa.Float(), nullable=False),
        sa.Column("minimum", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decided_why", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
        sa.CheckConstraint(
            "state in ('proposed', 'accepted', 'rejected')", name=op.f("ck_rule_proposals_state")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_rule_proposals")),
    )
    op.create_index("ix_rule_proposals_rule", "rule_proposals", ["rule"])
    op.create_table(
        "rule_moves",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rule", sa.String(length=80), nullable=False),
        sa.Column("rule_version", sa.String(length=20), nullable=False),
        sa.Column("former", sa.String(length=10), nullable=False),
        sa.Column("maturity", sa.String(length=10), nullable=False),
        sa.Column("proposal", sa.Integer(), nullable=True),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.CheckConstraint("maturity in ('draft', 'shadow', 'live')", name=op.f("ck_rule_moves_maturity")),
        sa.ForeignKeyConstraint(
            ["proposal"], ["rule_proposals.number"], name=op.f("fk_rule_moves_proposal_rule_proposals")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_rule_moves")),
    )
    op.create_index("ix_rule_moves_rule", "rule_moves", ["rule"])


def downgrade() -> None:
    op.drop_table("rule_moves")
    op.drop_table("rule_proposals")
    op.drop_table("finding_decisions")
