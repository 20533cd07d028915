"""Tools that people allowed for good, and approvals whose arguments are private"""

import sqlalchemy as sa
from alembic import op

from threadwork.adapters.sql.columns import Id, UtcTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True)
STANDING = sa.text("revoked_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "grants",
        sa.Column("grant_id", Id, primary_key=True),
        sa.Column("task_id", Id, sa.ForeignKey("tasks.task_id"), nullable=False),
        sa.Column("approval_id", sa.String(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("tool", sa.Text(), nullable=False),
        sa.Column("effect", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("shown", JSON, nullable=False),
        sa.Column("givers", JSON, nullable=False),
        sa.Column("given_at", UtcTime(), nullable=False),
        sa.Column("until", UtcTime(), nullable=True),
        sa.Column("revoked_at", UtcTime(), nullable=True),
        sa.Column("revoked_by", JSON, nullable=True),
    )
    op.create_index(
        "grants_standing", "grants", ["agent", "tool"], sqlite_where=STANDING, postgresql_where=STANDING
    )
    for name in ("always", "private"):
        op.add_column("approvals", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    for name in ("private", "always"):
        op.drop_column("approvals", name)
    op.drop_index("grants_standing", "grants")
    op.drop_table("grants")
