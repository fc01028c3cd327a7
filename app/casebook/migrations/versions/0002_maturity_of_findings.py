"""Maturity of the rule that a finding and a run are of

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("findings", "runs"):
        op.add_column(
            table, sa.Column("maturity", sa.String(length=10), server_default="live", nullable=False)
        )


def downgrade() -> None:
    # What rules found that are not live would be told as findings.
    op.execute(
        "DELETE FROM finding_history WHERE finding IN (SELECT id FROM findings WHERE maturity <> 'live')"
    )
    for table in ("findings", "runs"):
        op.execute(f"DELETE FROM {table} WHERE maturity <> 'live'")
        op.drop_column(table, "maturity")
