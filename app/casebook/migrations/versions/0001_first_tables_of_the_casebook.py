"""First tables of the casebook

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "communities",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("first_seen", sa.Integer(), nullable=False),
        sa.Column("last_changed", sa.Integer(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("split_from", sa.Text(), nullable=False),
        sa.Column("merged_from", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_communities")),
    )
    op.create_table(
        "derived_nodes",
        sa.Column("label", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("properties", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("label", "key", "step", name=op.f("pk_derived_nodes")),
    )
    op.create_table(
        "derived_relationships",
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("start_label", sa.String(length=40), nullable=False),
        sa.Column("start_key", sa.String(length=160), nullable=False),
        sa.Column("end_label", sa.String(length=40), nullable=False),
        sa.Column("end_key", sa.String(length=160), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("properties", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "type",
            "start_label",
            "start_key",
            "end_label",
            "end_key",
            "step",
            name=op.f("pk_derived_relationships"),
        ),
    )
    op.create_table(
        "findings",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("rule", sa.String(length=80), nullable=False),
        sa.Column("rule_version", sa.String(length=20), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("window_months", sa.Integer(), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("ledger_version", sa.Integer(), nullable=False),
        sa.Column("graph_version", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_key", sa.String(length=120), nullable=False),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("picture", sa.Text(), nullable=False),
        sa.Column("first_seen", sa.Integer(), nullable=False),
        sa.Column("last_seen", sa.Integer(), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("decision", sa.String(length=40), nullable=False),
        sa.Column("snoozed_until", sa.Date(), nullable=True),
        sa.Column("baseline", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "decision in ('open', 'in case', 'confirmed', 'false alarm', 'valuable', "
            "'real sale on a false platform', 'snoozed')",
            name=op.f("ck_findings_decision"),
        ),
        sa.CheckConstraint(
            "severity in ('info', 'low', 'medium', 'high', 'critical')", name=op.f("ck_findings_severity")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
    )
    with op.batch_alter_table("findings", schema=None) as batch_op:
        batch_op.create_index("ix_findings_present_severity", ["present", "severity"], unique=False)
        batch_op.create_index(
            "ix_findings_rule_subject", ["rule", "subject_kind", "subject_key"], unique=True
        )

    op.create_table(
        "runs",
        sa.Column("rule", sa.String(length=80), nullable=False),
        sa.Column("rule_version", sa.String(length=20), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("window_months", sa.Integer(), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("ledger_version", sa.Integer(), nullable=False),
        sa.Column("looked_at", sa.Integer(), nullable=False),
        sa.Column("judgeable", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("rule", name=op.f("pk_runs")),
    )
    sequence = op.create_table(
        "sequence",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sequence")),
    )
    op.create_table(
        "watermarks",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("ledger_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_watermarks")),
    )
    op.create_table(
        "community_members",
        sa.Column("community", sa.String(length=32), nullable=False),
        sa.Column("member", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["community"], ["communities.id"], name=op.f("fk_community_members_community_communities")
        ),
        sa.PrimaryKeyConstraint("community", "member", name=op.f("pk_community_members")),
    )
    op.create_table(
        "finding_history",
        sa.Column("finding", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("ledger_version", sa.Integer(), nullable=False),
        sa.Column("casebook_seq", sa.Integer(), nullable=False),
        sa.Column("change", sa.String(length=20), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["finding"], ["findings.id"], name=op.f("fk_finding_history_finding_findings")
        ),
        sa.PrimaryKeyConstraint("finding", "number", name=op.f("pk_finding_history")),
    )
    op.bulk_insert(sequence, [{"name": "casebook", "value": 0}])


def downgrade() -> None:
    op.drop_table("finding_history")
    op.drop_table("community_members")
    op.drop_table("watermarks")
    op.drop_table("sequence")
    op.drop_table("runs")
    with op.batch_alter_table("findings", schema=None) as batch_op:
        batch_op.drop_index("ix_findings_rule_subject")
        batch_op.drop_index("ix_findings_present_severity")

    op.drop_table("findings")
    op.drop_table("derived_relationships")
    op.drop_table("derived_nodes")
    op.drop_table("communities")
