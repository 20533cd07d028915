"""One human is one person: keys by the installation, and accounts that were linked

Until now a key named whichever team a payload of Slack's had named. From now on it names the team that installed the app,
or its organisation. Which that is follows from the installations, from where a person's tasks live, or from there being
one workspace only; what none of them tells stays as it is (`threadwork doctor` and `threadwork people move`)."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ID = sa.String().with_variant(sa.String(collation="C"), "postgresql")
JSON = sa.JSON(none_as_null=True)
TIME = sa.DateTime(timezone=True)

tasks = sa.table(
    "tasks",
    sa.column("task_id", ID),
    sa.column("requester_key", sa.String()),
    sa.column("requester", JSON),
    sa.column("task_order", JSON),
    sa.column("place", sa.String()),
)
spend = sa.table("spend", sa.column("task_id", ID), sa.column("principal_key", sa.String()))
links = sa.table(
    "links",
    sa.column("principal_key", ID),
    sa.column("person_id", sa.String()),
    sa.column("principal", JSON),
    sa.column("human", sa.String()),
    sa.column("linked_at", TIME),
)
codes = sa.table(
    "link_codes",
    sa.column("code_hash", ID),
    sa.column("principal_key", sa.String()),
    sa.column("principal", JSON),
    sa.column("used_by", sa.String()),
)
tries = sa.table(
    "link_tries", sa.column("principal_key", ID), sa.column("tries", sa.Integer()), sa.column("since", TIME)
)
installations = sa.table("slack_installations", sa.column("team_id", ID), sa.column("facts", JSON))

Row = Any


def upgrade() -> None:
    op.create_table(
        "former_links",
        sa.Column("principal_key", ID, nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("left_at", TIME, nullable=False),
        sa.Column("human", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("principal_key", "person_id", "left_at"),
    )
    op.create_index("former_links_by_human", "former_links", ["human", "left_at"], unique=False)
    op.add_column("links", sa.Column("human", sa.String(), nullable=False, server_default=""))
    op.create_index("links_by_human", "links", ["human"], unique=False)
    with op.batch_alter_table("links") as batch:
        batch.alter_column("human", server_default=None)
    connection = op.get_bind()
    where = Whereabouts(connection)
    move_tasks(connection, where)
    move_links(connection, where)
    move_codes(connection, where)
    move_tries(connection, where)


def downgrade() -> None:
    """Keys stay: older versions know people by them as well."""
    op.drop_index("links_by_human", table_name="links")
    with op.batch_alter_table("links") as batch:
        batch.drop_column("human")
    op.drop_index("former_links_by_human", table_name="former_links")
    op.drop_table("former_links")


class Whereabouts:
    """Which installation knows a person of Slack's."""

    def __init__(self, connection: sa.Connection) -> None:
        rows = connection.execute(sa.select(installations)).all()
        self._organisations = {row.team_id: (row.facts or {}).get("enterprise_id") or "" for row in rows}
        self._seen: dict[str, Counter[str]] = defaultdict(Counter)  # by user id: teams in which their tasks live
        places: set[str] = set(self._organisations)
        for key, place in connection.execute(_lived_in()):
            team = place.split(":")[1]
            places.add(team)
            self._seen[_user(key)][team] += 1
        self._ours = places

    def moved(self, principal: dict[str, Any], team: str = "") -> dict[str, Any]:
        """The principal as its installation knows it. `team`: of the installation, where that is known."""
        if principal.get("platform") != "slack":
            return principal
        workspace = team or self._team(principal.get("workspace") or "", principal["user_id"])
        organisation = self._organisations.get(workspace, "")
        return {**principal, "workspace": workspace} | ({"enterprise": organisation} if organisation else {})

    def _team(self, named: str, user_id: str) -> str:
        if named in self._ours:
            return named
        if seen := self._seen.get(user_id):
            return seen.most_common(1)[0][0]
        return next(iter(self._ours)) if len(self._ours) == 1 else named


def _lived_in() -> sa.Select[Any]:
    is_slacks = sa.and_(tasks.c.requester_key.like("slack:%"), tasks.c.place.like("slack:%:%"))
    return sa.select(tasks.c.requester_key, tasks.c.place).where(is_slacks)


def _user(key: str) -> str:
    return key.rpartition(":")[2]


def account(principal: dict[str, Any]) -> str:
    workspace = "" if principal["platform"] == "discord" else principal.get("enterprise") or principal["workspace"]
    return f"{principal['platform']}:{workspace}:{principal['user_id']}"


def human(principal: dict[str, Any]) -> str:
    machine = principal["platform"] in ("local", "api")
    return "machine" if machine else f"{principal['platform']}::{principal['user_id']}"


def move_tasks(connection: sa.Connection, where: Whereabouts) -> None:
    rows = connection.execute(sa.select(tasks).where(tasks.c.requester_key.like("slack:%"))).all()
    for row in rows:
        team = row.place.split(":")[1] if (row.place or "").startswith("slack:") else ""
        moved = where.moved(row.requester, team)
        if moved == row.requester:
            continue
        order = {**row.task_order, "by": moved} if row.task_order else row.task_order
        new = {"requester": moved, "requester_key": account(moved), "task_order": order}
        connection.execute(sa.update(tasks).where(tasks.c.task_id == row.task_id).values(**new))
        mine = sa.update(spend).where(spend.c.task_id == row.task_id)
        connection.execute(mine.values(principal_key=account(moved)))


def move_links(connection: sa.Connection, where: Whereabouts) -> None:
    """Two rows that turn out to be one person's make their persons one."""
    kept: dict[str, dict[str, Any]] = {}
    same: dict[str, str] = {}  # person → the one it has become
    for row in connection.execute(sa.select(links).order_by(links.c.linked_at)).all():
        moved = where.moved(row.principal)
        new = {"principal_key": account(moved), "principal": moved, "human": human(moved), "linked_at": row.linked_at}
        first = kept.setdefault(new["principal_key"], {**new, "person_id": row.person_id})
        same[_now(row.person_id, same)] = _now(first["person_id"], same)
    connection.execute(sa.delete(links))
    if kept:
        rows = [{**row, "person_id": _now(row["person_id"], same)} for row in kept.values()]
        connection.execute(sa.insert(links), rows)


def _now(person: str, same: dict[str, str]) -> str:
    while same.get(person, person) != person:
        person = same[person]
    return person


def move_codes(connection: sa.Connection, where: Whereabouts) -> None:
    for row in connection.execute(sa.select(codes)).all():
        moved = where.moved(row.principal)
        new = {"principal": moved, "principal_key": account(moved), "used_by": _moved_key(row.used_by, where)}
        connection.execute(sa.update(codes).where(codes.c.code_hash == row.code_hash).values(**new))


def move_tries(connection: sa.Connection, where: Whereabouts) -> None:
    """Of several rows that become one the most tries count."""
    worst: dict[str, dict[str, Any]] = {}
    for row in connection.execute(sa.select(tries).order_by(tries.c.tries)).all():
        key = _moved_key(row.principal_key, where)
        worst[key] = {"principal_key": key, "tries": row.tries, "since": row.since}
    connection.execute(sa.delete(tries))
    _insert(connection, tries, worst.values())


def _moved_key(key: str, where: Whereabouts) -> str:
    platform, workspace, user_id = key.split(":", 2) if key.count(":") >= 2 else (key, "", "")
    if platform != "slack":
        return key
    return account(where.moved({"platform": platform, "workspace": workspace, "user_id": user_id}))


def _insert(connection: sa.Connection, table: Any, rows: Iterable[Row]) -> None:
    if rows := list(rows):
        connection.execute(sa.insert(table), rows)
