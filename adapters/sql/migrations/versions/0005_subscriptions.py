"""Whose tasks a channel is told of, and why one is told no more"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True)
ALL, NOTHING = """'["*"]'""", """'""'"""  # nothing wrote to the table before, so these are for hands alone


def upgrade() -> None:
    with op.batch_alter_table("subscriptions") as table:
        table.add_column(sa.Column("requesters", JSON, nullable=False, server_default=sa.text(ALL)))
        table.add_column(sa.Column("channels", JSON, nullable=False, server_default=sa.text(ALL)))
        table.add_column(sa.Column("source", sa.String(), nullable=False, server_default="chat"))
        table.add_column(sa.Column("failure", JSON, nullable=False, server_default=sa.text(NOTHING)))


def downgrade() -> None:
    with op.batch_alter_table("subscriptions") as table:
        for name in ("failure", "source", "channels", "requesters"):
            table.drop_column(name)
