"""The tables of the first version"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
TIME = sa.DateTime(timezone=True)
IS_LASTING = (
    "type IN ('workflow.started', 'workflow.continued', 'workflow.completed', 'workflow.failed', 'workflow.cancelled', "
    "'budget.increased', 'follow_up.received', 'human_approval.requested', 'question.asked', 'context.compacted')"
)


def where(condition: str) -> dict[str, Any]:
    """Of a partial index."""
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    op.create_table(
        "deliveries",
        sa.Column("task_id", ID, nullable=False),
        sa.Column("sink", sa.String(), nullable=False),
        sa.Column("card_key", sa.String(), nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.String(), nullable=True),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("rendered_seq", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("posting_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("task_id", "sink", "card_key", "part"),
    )
    op.create_table(
        "intake",
        sa.Column("intake_id", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("platform_id", sa.String(), nullable=False),
        sa.Column("task_id", ID, nullable=False),
        sa.Column("command", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("refused", sa.JSON(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(), nullable=True),
        sa.Column("lease_until", TIME, nullable=True),
        sa.Column("stored_at", TIME, nullable=False),
        sa.Column("finished_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("intake_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("intake_new", "intake", ["task_id", "intake_id"], unique=False, **where("state = 'new'"))
    op.create_index("intake_once", "intake", ["platform", "platform_id"], unique=True)
    op.create_table(
        "leases",
        sa.Column("task_id", ID, nullable=False),
        sa.Column("sink", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("until", TIME, nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("task_id", "sink"),
    )
    op.create_table(
        "run_configs",
        sa.Column("config_hash", sa.String(), nullable=False),
        sa.Column("config", sa.JSON(), nullable=False),
        sa.Column("saved_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("config_hash"),
    )
    op.create_table(
        "subscriptions",
        sa.Column("subscription_id", sa.String(), nullable=False),
        sa.Column("sink", sa.JSON(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("agents", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.JSON(), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("subscription_id"),
    )
    op.create_table(
        "tasks",
        sa.Column("task_id", ID, nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("goal", sa.JSON(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("task_order", sa.JSON(), nullable=False),
        sa.Column("requester", sa.JSON(), nullable=False),
        sa.Column("requester_key", sa.String(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("iteration", sa.Integer(), nullable=False),
        sa.Column("stopped_seq", sa.Integer(), nullable=False),
        sa.Column("run_epoch", sa.Integer(), nullable=False),
        sa.Column("run_chain", sa.String(), nullable=True),
        sa.Column("run_started_at", TIME, nullable=True),
        sa.Column("spent_nanos", sa.BigInteger(), nullable=False),
        sa.Column("spent_tokens", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("task_id"),
    )
    op.create_index("tasks_by_age", "tasks", ["created_at", "task_id"], unique=False)
    op.create_index("tasks_by_person", "tasks", ["requester_key", "created_at"], unique=False)
    op.create_index(
        "tasks_open",
        "tasks",
        ["created_at"],
        unique=False,
        **where("status NOT IN ('completed', 'failed', 'cancelled')"),
    )
    op.create_table(
        "triggers",
        sa.Column("trigger_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("trigger", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.JSON(), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("fired_at", TIME, nullable=True),
        sa.Column("firings", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("trigger_id"),
    )
    op.create_table(
        "views",
        sa.Column("task_id", ID, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("fold_version", sa.Integer(), nullable=False),
        sa.Column("view", sa.JSON(), nullable=False),
        sa.Column("saved_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("task_id"),
    )
    op.create_table(
        "approvals",
        sa.Column("task_id", ID, nullable=False),
        sa.Column("approval_id", sa.String(), nullable=False),
        sa.Column("tool", sa.Text(), nullable=False),
        sa.Column("arguments_preview", sa.JSON(), nullable=False),
        sa.Column("arguments_ref", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("effect", sa.String(), nullable=False),
        sa.Column("approvers", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("decisions", sa.JSON(), nullable=False),
        sa.Column("requested_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=True),
        sa.Column("decided_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["task_id"],
            ["tasks.task_id"],
        ),
        sa.PrimaryKeyConstraint("task_id", "approval_id"),
    )
    op.create_table(
        "calls",
        sa.Column("task_id", ID, nullable=False),
        sa.Column("call_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempt", sa.String(), nullable=False),
        sa.Column("until", TIME, nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("claimed_at", TIME, nullable=False),
        sa.Column("done_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["task_id"],
            ["tasks.task_id"],
        ),
        sa.PrimaryKeyConstraint("task_id", "call_id"),
    )
    op.create_index("calls_lost", "calls", ["task_id", "closed_by"], unique=False, **where("closed_by IS NOT NULL"))
    op.create_index("calls_open", "calls", ["task_id"], unique=False, **where("state = 'claimed'"))
    op.create_table(
        "spend",
        sa.Column("task_id", ID, nullable=False),
        sa.Column("attempt", sa.String(), nullable=False),
        sa.Column("call_id", sa.String(), nullable=False),
        sa.Column("principal_key", sa.String(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
        sa.Column("nanos", sa.BigInteger(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"],
            ["tasks.task_id"],
        ),
        sa.PrimaryKeyConstraint("task_id", "attempt"),
    )
    op.create_index("spend_by_person", "spend", ["principal_key", "at"], unique=False)
    op.create_table(
        "task_events",
        sa.Column("task_id", ID, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("iteration", sa.Integer(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"],
            ["tasks.task_id"],
        ),
        sa.PrimaryKeyConstraint("task_id", "seq"),
        sqlite_with_rowid=False,
    )
    op.create_index("task_events_lasting", "task_events", ["task_id", "seq"], unique=False, **where(IS_LASTING))
    op.create_table(
        "task_messages",
        sa.Column("task_id", ID, nullable=False),
        sa.Column("ref", ID, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("stored_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"],
            ["tasks.task_id"],
        ),
        sa.PrimaryKeyConstraint("task_id", "ref"),
    )
    op.create_index("task_messages_in_order", "task_messages", ["task_id", "position"], unique=False)


def downgrade() -> None:
    op.drop_index("task_messages_in_order", table_name="task_messages")
    op.drop_table("task_messages")
    op.drop_index("task_events_lasting", table_name="task_events")
    op.drop_table("task_events")
    op.drop_index("spend_by_person", table_name="spend")
    op.drop_table("spend")
    op.drop_index("calls_open", table_name="calls")
    op.drop_index("calls_lost", table_name="calls")
    op.drop_table("calls")
    op.drop_table("approvals")
    op.drop_table("views")
    op.drop_table("triggers")
    op.drop_index("tasks_open", table_name="tasks")
    op.drop_index("tasks_by_person", table_name="tasks")
    op.drop_index("tasks_by_age", table_name="tasks")
    op.drop_table("tasks")
    op.drop_table("subscriptions")
    op.drop_table("run_configs")
    op.drop_table("leases")
    op.drop_index("intake_once", table_name="intake")
    op.drop_index("intake_new", table_name="intake")
    op.drop_table("intake")
    op.drop_table("deliveries")
