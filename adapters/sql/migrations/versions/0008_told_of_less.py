"""Channels that were promised more than they may be told, and do not know so yet"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("subscriptions") as table:
        table.add_column(sa.Column("notice", sa.String(), nullable=False, server_default=""))
    op.execute("UPDATE subscriptions SET notice = 'due' WHERE source = 'chat'")


def downgrade() -> None:
    with op.batch_alter_table("subscriptions") as table:
        table.drop_column("notice")
