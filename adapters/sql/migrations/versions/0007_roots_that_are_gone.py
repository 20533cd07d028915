"""Messages that a thread hung on before somebody deleted them"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("deliveries_roots", table_name="deliveries")
    _index("card_key = 'status' AND part <= 0")


def downgrade() -> None:
    op.drop_index("deliveries_roots", table_name="deliveries")
    _index("card_key = 'status' AND part = 0")


def _index(condition: str) -> None:
    where = sa.text(condition)
    op.create_index("deliveries_roots", "deliveries", ["message_id"], sqlite_where=where, postgresql_where=where)
