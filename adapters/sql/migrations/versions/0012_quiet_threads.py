"""Threads in which people told the agent to be quiet"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tasks", sa.Column("follow_ups", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("tasks", "follow_ups")  # in place: a new table would leave rows of others without theirs
