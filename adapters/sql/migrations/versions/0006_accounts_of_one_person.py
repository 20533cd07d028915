"""Accounts that are one person's"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
JSON = sa.JSON(none_as_null=True)
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "links",
        sa.Column("principal_key", ID, nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("principal", JSON, nullable=False),
        sa.Column("linked_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("principal_key"),
    )
    op.create_index("links_by_person", "links", ["person_id"], unique=False)
    op.create_table(
        "link_codes",
        sa.Column("code_hash", ID, nullable=False),
        sa.Column("principal_key", sa.String(), nullable=False),
        sa.Column("principal", JSON, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("used_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("code_hash"),
    )
    op.create_table(
        "link_tries",
        sa.Column("principal_key", ID, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.PrimaryKeyConstraint("principal_key"),
    )


def downgrade() -> None:
    op.drop_table("link_tries")
    op.drop_table("link_codes")
    op.drop_index("links_by_person", table_name="links")
    op.drop_table("links")
