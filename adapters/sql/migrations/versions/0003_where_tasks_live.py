"""Where tasks live, and what people can still take back"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
IS_OPEN_TASK = "status NOT IN ('completed', 'failed', 'cancelled')"


def where(condition: str) -> dict[str, Any]:
    """Of a partial index."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    op.add_column("tasks", sa.Column("place", sa.String(), nullable=True))
    op.add_column("tasks", sa.Column("thread", sa.String(), nullable=True))
    op.add_column("task_messages", sa.Column("amended_at", TIME, nullable=True))
    op.create_index("tasks_by_place", "tasks", ["place", "created_at"], unique=False)
    op.create_index("tasks_by_thread", "tasks", ["place", "thread", "created_at"], unique=False)
    op.create_index(
        "tasks_open_by_person", "tasks", ["requester_key", "created_at"], unique=False, **where(IS_OPEN_TASK)
    )
    op.create_index("tasks_open_by_place", "tasks", ["place", "created_at"], unique=False, **where(IS_OPEN_TASK))
    op.create_index("approvals_pending", "approvals", ["requested_at"], unique=False, **where("state = 'pending'"))
    op.create_index(
        "deliveries_roots", "deliveries", ["message_id"], unique=False, **where("card_key = 'status' AND part = 0")
    )


def downgrade() -> None:
    op.drop_index("deliveries_roots", table_name="deliveries")
    op.drop_index("approvals_pending", table_name="approvals")
    for name in ("tasks_open_by_place", "tasks_open_by_person", "tasks_by_thread", "tasks_by_place"):
        op.drop_index(name, table_name="tasks")
    op.drop_column("task_messages", "amended_at")
    op.drop_column("tasks", "thread")
    op.drop_column("tasks", "place")
