"""Classes of enterprises: regular ratings and emergency adjustments

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ratings",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("scorecard_version", sa.String(length=20), nullable=False),
        sa.Column("scorecard", sa.Text(), nullable=False),
        sa.Column("ledger_version", sa.Integer(), nullable=False),
        sa.Column("detection_version", sa.Integer(), nullable=True),
        sa.Column("casebook_seq", sa.Integer(), nullable=False),
        sa.Column("enterprises", sa.Integer(), nullable=False),
        sa.Column("rated_by", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ratings")),
        sa.UniqueConstraint("number", name=op.f("uq_ratings_number")),
    )
    op.create_table(
        "class_ratings",
        sa.Column("rating", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("letter", sa.String(length=1), nullable=False),
        sa.Column("banded", sa.String(length=1), nullable=False),
        sa.Column("previous", sa.String(length=1), nullable=True),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("credit_class", sa.String(length=40), nullable=True),
        sa.Column("at_least", sa.String(length=1), nullable=True),
        sa.Column("at_best", sa.String(length=1), nullable=True),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("groups", sa.Text(), nullable=False),
        sa.Column("indicators", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.CheckConstraint("letter in ('A', 'B', 'C', 'D')", name=op.f("ck_class_ratings_letter")),
        sa.CheckConstraint("banded in ('A', 'B', 'C', 'D')", name=op.f("ck_class_ratings_banded")),
        sa.ForeignKeyConstraint(["rating"], ["ratings.id"], name=op.f("fk_class_ratings_rating_ratings")),
        sa.PrimaryKeyConstraint("rating", "code", name=op.f("pk_class_ratings")),
    )
    op.create_index("ix_class_ratings_code", "class_ratings", ["code"])
    op.create_table(
        "class_adjustments",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("letter", sa.String(length=1), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("event", sa.String(length=80), nullable=True),
        sa.Column("event_version", sa.String(length=20), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_by", sa.String(length=80), nullable=True),
        sa.Column("ended_why", sa.Text(), nullable=True),
        sa.CheckConstraint("letter in ('A', 'B', 'C', 'D')", name=op.f("ck_class_adjustments_letter")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_adjustments")),
    )
    op.create_index("ix_class_adjustments_code", "class_adjustments", ["code"])


def downgrade() -> None:
    # The graph would go on showing classes that nothing records.
    op.execute("DELETE FROM derived_nodes WHERE step = 'classes'")
    op.drop_table("class_adjustments")
    op.drop_table("class_ratings")
    op.drop_table("ratings")
