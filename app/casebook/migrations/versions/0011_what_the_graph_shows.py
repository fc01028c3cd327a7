"""The last change that the graph shows is counted apart: most it need not follow

Revision ID: 0011
Revises: 0010
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("shown", "shown before"):
        op.execute(
            f"INSERT INTO sequence (name, value) SELECT '{name}', value FROM sequence WHERE name = 'casebook'"
        )


def downgrade() -> None:
    op.execute("DELETE FROM sequence WHERE name IN ('shown', 'shown before')")
