"""What is known of sinks, and scopes of leases

Until now rows of `deliveries` that are no messages said what is known of a sink: part 0 of a card without a name that it
takes no messages, part 1 that a person was told so, and parts below 0 of the status card which roots somebody deleted.

An older version would go on writing such rows, and take leases where nobody looks any more. So nothing is changed while
one of its processes holds a lease; and the columns of `leases` have other names from now on, so that one that comes back
can take none."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from threadwork.adapters.sql.columns import UtcTime
from threadwork.adapters.sql.old_version import OldVersionRuns

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
JSON = sa.JSON(none_as_null=True)
TURN = "turn:"  # how the task_id of a turn begins; after it comes the platform
NO_REASON = "It no longer accepts messages."

deliveries = sa.table(
    "deliveries",
    sa.column("task_id", ID),
    sa.column("sink", sa.String()),
    sa.column("card_key", sa.String()),
    sa.column("part", sa.Integer()),
    sa.column("message_id", sa.String()),
    sa.column("content_hash", sa.String()),
    sa.column("rendered_seq", sa.Integer()),
    sa.column("state", sa.String()),
    sa.column("fence", sa.Integer()),
)
D = deliveries.c
IS_OF_SINK = D.card_key == ""
IS_FORMER_ROOT = sa.and_(D.card_key == "status", D.part < 0)


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":  # nobody takes a lease, or writes, between the look and the change
        connection.execute(sa.text("LOCK TABLE leases, deliveries IN ACCESS EXCLUSIVE MODE"))
    refuse_while_held(connection)
    sinks = op.create_table("sinks", *_of_sinks(), sa.PrimaryKeyConstraint("task_id", "sink"))
    key = sa.PrimaryKeyConstraint("task_id", "sink", "message_id")
    roots = op.create_table("former_roots", *_of_roots(), key)
    op.create_index("former_roots_by_message", "former_roots", ["message_id"])
    carry_sinks(connection, sinks)
    carry_roots(connection, roots)
    connection.execute(sa.delete(deliveries).where(sa.or_(IS_OF_SINK, IS_FORMER_ROOT)))
    _index_roots("card_key = 'status' AND part = 0")
    carry_leases(connection)


def downgrade() -> None:
    connection = op.get_bind()
    meta = sa.MetaData()
    sinks, roots = sa.Table("sinks", meta, *_of_sinks()), sa.Table("former_roots", meta, *_of_roots())
    for row in connection.execute(sa.select(sinks)).all():
        if row.failure:
            what = {"rendered_seq": row.failed_seq, "content_hash": row.failed_reply}
            _put(connection, row, "", 0, state="dead", **what)
        if row.told:
            _put(connection, row, "", 1, state="dead")
    counted: dict[tuple[str, str], int] = {}
    for row in connection.execute(sa.select(roots).order_by(roots.c.message_id)).all():
        part = counted[row.task_id, row.sink] = counted.get((row.task_id, row.sink), 0) - 1
        _put(connection, row, "status", part, state="deleted", message_id=row.message_id)
    op.drop_index("former_roots_by_message", table_name="former_roots")
    op.drop_table("former_roots")
    op.drop_table("sinks")
    _index_roots("card_key = 'status' AND part <= 0")
    _lease_columns_of_before(connection)


def _of_sinks() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("task_id", ID, nullable=False),
        sa.Column("sink", sa.String(), nullable=False),
        sa.Column("failure", JSON, nullable=False),
        sa.Column("failed_seq", sa.Integer(), nullable=False),
        sa.Column("failed_reply", sa.String(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
    )


def _of_roots() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("task_id", ID, nullable=False),
        sa.Column("sink", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
    )


# --- sinks -------------------------------------------------------------------------------------------


def carry_sinks(connection: sa.Connection, sinks: sa.Table) -> None:
    """A row that says `deleted` was a failure that is over."""
    found: dict[tuple[str, str], dict[str, object]] = {}
    for row in connection.execute(sa.select(deliveries).where(IS_OF_SINK, D.state == "dead")).all():
        nothing = {"failure": "", "failed_seq": 0, "failed_reply": "", "told": False}
        state = found.setdefault((row.task_id, row.sink), {"task_id": row.task_id, "sink": row.sink, **nothing})
        if row.part == 0:
            state |= {"failure": NO_REASON, "failed_seq": row.rendered_seq, "failed_reply": row.content_hash}
        else:
            state["told"] = True
        found[row.task_id, row.sink] = state
    if found:
        connection.execute(sa.insert(sinks), list(found.values()))


def carry_roots(connection: sa.Connection, roots: sa.Table) -> None:
    """One message may have been a root twice, where somebody's deletion was told of twice."""
    what = sa.select(D.task_id, D.sink, D.message_id).where(IS_FORMER_ROOT, D.message_id.is_not(None)).distinct()
    connection.execute(sa.insert(roots).from_select(["task_id", "sink", "message_id"], what))


def _put(connection: sa.Connection, row: sa.Row[tuple[object, ...]], card: str, part: int, **more: object) -> None:
    place = {"task_id": row.task_id, "sink": row.sink, "card_key": card, "part": part}
    nothing = {"message_id": None, "content_hash": "", "rendered_seq": 0, "fence": 0}
    connection.execute(sa.insert(deliveries).values({**place, **nothing, **more}))


def _index_roots(condition: str) -> None:
    where = sa.text(condition)
    op.drop_index("deliveries_roots", table_name="deliveries")
    op.create_index("deliveries_roots", "deliveries", ["message_id"], sqlite_where=where, postgresql_where=where)


# --- leases ------------------------------------------------------------------------------------------


def refuse_while_held(connection: sa.Connection) -> None:
    """A turn says what was answered, not who is there."""
    old = sa.table("leases", sa.column("task_id", ID), sa.column("sink", ID), sa.column("until", UtcTime))
    now = datetime.now(UTC)
    held = sa.select(old.c.until).where(old.c.until > now, old.c.task_id.not_like(f"{TURN}%"))
    if times := connection.execute(held).scalars().all():
        raise OldVersionRuns(held=len(times), seconds=(max(times) - now).total_seconds())


def carry_leases(connection: sa.Connection) -> None:
    """Fences go on from where they were."""
    of_turn: sa.ColumnElement[bool] = sa.literal_column("task_id LIKE 'turn:%'")
    of_gateway: sa.ColumnElement[bool] = sa.literal_column("task_id = 'discord' AND sink = 'gateway'")
    scope = sa.case((of_turn, "turn"), (of_gateway, "connection"), else_="sink")
    owner = sa.case((of_turn, sa.func.substr(sa.literal_column("task_id"), len(TURN) + 1)), else_=sa.column("task_id"))
    new = op.create_table(
        "new_leases",
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("owner", ID, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        *_common(),
        sa.PrimaryKeyConstraint("scope", "owner", "key"),
    )
    columns = ["scope", "owner", "key", "holder", "until", "fence"]
    old = sa.select(scope, owner, *(sa.column(name) for name in ("sink", "holder", "until", "fence")))
    connection.execute(sa.insert(new).from_select(columns, old.select_from(sa.table("leases"))))
    _replace_leases(connection)


def _lease_columns_of_before(connection: sa.Connection) -> None:
    of_turn: sa.ColumnElement[bool] = sa.literal_column("scope = 'turn'")
    task_id = sa.case((of_turn, sa.literal(TURN) + sa.column("owner")), else_=sa.column("owner"))
    new = op.create_table(
        "new_leases",
        sa.Column("task_id", ID, nullable=False),
        sa.Column("sink", sa.String(), nullable=False),
        *_common(),
        sa.PrimaryKeyConstraint("task_id", "sink"),
    )
    old = sa.select(task_id, *(sa.column(name) for name in ("key", "holder", "until", "fence")))
    columns = ["task_id", "sink", "holder", "until", "fence"]
    connection.execute(sa.insert(new).from_select(columns, old.select_from(sa.table("leases"))))
    _replace_leases(connection)


def _common() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
    )


def _replace_leases(connection: sa.Connection) -> None:
    op.drop_table("leases")
    op.rename_table("new_leases", "leases")
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("ALTER INDEX new_leases_pkey RENAME TO leases_pkey"))
