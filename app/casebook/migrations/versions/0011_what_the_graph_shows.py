"""The last change that the graph shows is counted apart: most it need not follow

Revision ID: 0011
Revises: 0007
"""

from alembic import op

revision = "0011"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "INSERT INTO sequence (name, value) SELECT 'shown', value FROM sequence WHERE name = 'casebook'"
    )
