"""Tasks that another task delegated"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
DELEGATED = sa.text("parent IS NOT NULL")


def upgrade() -> None:
    op.add_column("tasks", sa.Column("parent", ID, nullable=True))
    op.create_index("tasks_by_parent", "tasks", ["parent"], sqlite_where=DELEGATED, postgresql_where=DELEGATED)


def downgrade() -> None:
    op.drop_index("tasks_by_parent", table_name="tasks")
    with op.batch_alter_table("tasks") as batch:
        batch.drop_column("parent")
