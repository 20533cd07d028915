"""Keys of people that change: by a migration, by a command, by a workspace that joined an organisation."""

import json
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, select, text

from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.migrate import alembic_config, migrate
from threadwork.adapters.sql.people_moves import SqlPeopleMoves
from threadwork.adapters.sql.tables import link_codes, link_tries, links, spend, tasks
from threadwork.workflows.access import allowed
from threadwork.workflows.domain.clock import utc_now
from threadwork.workflows.errors import Rejected
from threadwork.workflows.sinks import Sink
from threadwork.workflows.subscriptions import Subscription
from threadwork.workflows.values import LOCAL, Principal

BEFORE = "0008"
AT = "2026-01-01 00:00:00.000000+00:00"


def slack(team: str, user: str = "U1", **more: str) -> Principal:
    return Principal(platform="slack", workspace=team, user_id=user, **more)


# --- the migration ------------------------------------------------------------------------------------------


class Old:
    """A database as the version before left it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def write(self, sql: str, **values: Any) -> None:
        async with self._database.write() as connection:
            await connection.execute(text(sql), values)

    async def task(self, task_id: str, by: Principal, team: str) -> None:
        sink = {"platform": "slack", "workspace": team, "channel": "C1"}
        order = json.dumps({"goal": "g", "by": by.model_dump(mode="json"), "sink": sink})
        await self.write(
            "INSERT INTO tasks (task_id, status, goal, agent, task_order, requester, requester_key, place, created_at,"
            " updated_at, last_seq, iteration, stopped_seq, run_epoch, spent_nanos, spent_tokens) VALUES"
            " (:id, 'running', '\"g\"', 'default', :order, :by, :key, :place, :at, :at, 0, 0, 0, 0, 0, 0)",
            id=task_id, order=order, by=by.model_dump_json(), key=by.account, place=f"slack:{team}:C1", at=AT,
        )  # fmt: skip
        await self.write(
            "INSERT INTO spend (task_id, attempt, call_id, principal_key, at, tokens, nanos, settled)"
            " VALUES (:id, 'a', '1.1', :key, :at, 5, 7, true)",
            id=task_id, key=by.account, at=AT,
        )  # fmt: skip

    async def link(self, person: str, one: Principal) -> None:
        await self.write(
            "INSERT INTO links (principal_key, person_id, principal, linked_at) VALUES (:key, :person, :one, :at)",
            key=one.account, person=person, one=one.model_dump_json(), at=AT,
        )  # fmt: skip

    async def tried(self, one: Principal, tries: int) -> None:
        sql = "INSERT INTO link_tries (principal_key, tries, since) VALUES (:key, :tries, :at)"
        await self.write(sql, key=one.account, tries=tries, at=AT)

    async def installed(self, team: str, enterprise: str) -> None:
        await self.write(
            "INSERT INTO slack_installations (team_id, version, facts, token, installed_at)"
            " VALUES (:team, 1, :facts, 't', :at)",
            team=team, facts=json.dumps({"bot_user_id": "B", "enterprise_id": enterprise or None}), at=AT,
        )  # fmt: skip


@pytest.fixture
async def old(tmp_path: Path) -> Any:
    database = Database(f"sqlite:///{tmp_path / 'old.db'}")
    async with database.write() as connection:
        await connection.run_sync(_as_before)
    yield Old(database)
    await database.close()


def _as_before(connection: Connection) -> None:
    command.upgrade(alembic_config(connection), BEFORE)


async def upgraded(old: Old) -> Database:
    await old._database.close()
    url = str(old._database.url)
    migrate(url)
    return Database(url)


async def rows(database: Database, table: Any) -> list[Any]:
    async with database.read() as connection:
        return list((await connection.execute(select(table))).all())


async def test_keys_of_payloads_become_those_of_the_installation(old: Old) -> None:
    """W1 came by three teams: a mention's, a click's, a command's."""
    for number, team in enumerate(("E013Y3SHLAY", "T014GJXU940", "T1")):
        await old.task(f"t{number}", slack(team, "W1"), "T1")
    await old.task("t9", slack("T2", "U21"), "T1")  # by Slack Connect
    database = await upgraded(old)

    stored = {row.task_id: row for row in await rows(database, tasks)}
    assert [stored[f"t{number}"].requester_key for number in range(3)] == ["slack:T1:W1"] * 3
    assert stored["t9"].requester_key == "slack:T1:U21"
    assert {row.requester["workspace"] for row in stored.values()} == {"T1"}
    assert {row.task_order["by"]["workspace"] for row in stored.values()} == {"T1"}
    assert {row.principal_key for row in await rows(database, spend)} == {"slack:T1:W1", "slack:T1:U21"}
    await database.close()


async def test_an_organisation_stands_for_its_workspaces(old: Old) -> None:
    await old.installed("T3", "E1")
    await old.installed("T4", "E1")
    await old.task("t3", slack("T4", "W31"), "T3")
    await old.task("t4", slack("E1", "W31"), "T4")
    database = await upgraded(old)

    stored = {row.task_id: Principal.model_validate(row.requester) for row in await rows(database, tasks)}
    assert {one.account for one in stored.values()} == {"slack:E1:W31"}
    assert {task: one.workspace for task, one in stored.items()} == {"t3": "T3", "t4": "T4"}
    await database.close()


async def test_two_links_of_one_person_become_one(old: Old) -> None:
    """With all that hangs on either."""
    await old.task("t1", slack("T1", "W1"), "T1")
    discord, local = Principal(platform="discord", workspace="7", user_id="77"), LOCAL
    for person, one in (("p1", slack("T014GJXU940", "W1")), ("p1", discord), ("p2", slack("T1", "W1")), ("p2", local)):
        await old.link(person, one)
    await old.link("p3", slack("T1", "U9"))
    await old.tried(slack("T014GJXU940", "W1"), 4)
    await old.tried(slack("T1", "W1"), 2)
    database = await upgraded(old)

    stored = {row.principal_key: row for row in await rows(database, links)}
    assert set(stored) == {"slack:T1:W1", "discord::77", "local::local", "slack:T1:U9"}
    assert len({stored[key].person_id for key in ("slack:T1:W1", "discord::77", "local::local")}) == 1
    assert {row.human for row in stored.values()} == {"slack::W1", "discord::77", "machine", "slack::U9"}
    assert [(row.principal_key, row.tries) for row in await rows(database, link_tries)] == [("slack:T1:W1", 4)]
    await database.close()


async def test_what_nothing_tells_of_stays_as_it_is(old: Old) -> None:
    await old.installed("T1", "")
    await old.installed("T2", "")
    await old.link("p1", slack("T8", "U8"))
    database = await upgraded(old)
    assert [row.principal_key for row in await rows(database, links)] == ["slack:T8:U8"]
    await database.close()


# --- by hand, and by joining an organisation ------------------------------------------------------------------


async def test_what_is_stored_goes_to_the_new_id(database: Database, sql_story: Any) -> None:
    was, now = slack("T1", "U1"), slack("T1", "W5", enterprise="E1")
    task = await sql_story.task(by=was)
    people, channel = sql_story.store.people, Sink(platform="slack", workspace="T1", channel="C1")
    await people.join(LOCAL, await people.offer(was))
    await sql_story.store.subscriptions.put(Subscription(subscription_id="s", sink=channel, by=was))

    moved = await SqlPeopleMoves(database).move(was.account, now.account)

    assert moved == (1, 2, 1)
    assert (await sql_story.store.tasks.get(task)).by.account == now.account
    assert {one.account for one in await people.accounts(now)} == {now.account, LOCAL.account}
    assert await people.accounts(was) == (was,)
    assert [one.by.account for one in await sql_story.store.subscriptions.all()] == [now.account]
    assert {row.principal_key for row in await rows(database, link_codes)} == {now.account}
    assert await SqlPeopleMoves(database).move(was.account, now.account) == (0, 0, 0)


async def test_who_was_linked_under_both_ids_is_one_person_with_all(database: Database, sql_story: Any) -> None:
    was, now = slack("T1", "U1"), slack("T1", "W5")
    people, there = sql_story.store.people, Principal(platform="discord", workspace="7", user_id="77")
    await people.join(LOCAL, await people.offer(was))
    await people.join(there, await people.offer(now))

    await SqlPeopleMoves(database).move(was.account, now.account)

    assert {one.account for one in await people.accounts(now)} == {now.account, LOCAL.account, there.account}


async def test_who_has_a_new_id_stays_one_person_with_the_old_one_in_tasks_at_work(
    database: Database, sql_story: Any
) -> None:
    """The run knows who asked, and who voted, by the id of then."""
    was, now, there = slack("T1", "U1"), slack("T1", "W5"), Principal(platform="discord", workspace="7", user_id="77")
    people, moves = sql_story.store.people, SqlPeopleMoves(database)
    began = (await sql_story.store.tasks.get(await sql_story.task(by=was))).created_at
    await people.join(there, await people.offer(was))
    await people.leave(there)

    await moves.move(was.account, now.account)
    assert await moves.move(was.account, now.account) == (0, 0, 0)

    everybody = {was.human, now.human, there.human}
    for one in (was, now):
        assert set(await people.humans(one, began)) == everybody
    assert await people.humans(now, utc_now()) == (now.human,), "in what begins from now on"


async def test_a_guest_under_a_new_id_is_no_member_before_the_platform_was_asked(
    database: Database, sql_story: Any
) -> None:
    was, now = slack("T1", "U1", standing="guest", home="T9"), slack("T1", "W5")
    channel = Sink(platform="slack", workspace="T1", channel="C1")
    task = await sql_story.task(by=was)
    await sql_story.store.subscriptions.put(Subscription(subscription_id="s", sink=channel, by=was))

    await SqlPeopleMoves(database).move(was.account, now.account)

    [subscription] = await sql_story.store.subscriptions.all()
    for by in (subscription.by, (await sql_story.store.tasks.get(task)).by):
        assert (by.user_id, by.standing, by.home) == ("W5", "unknown", "")
        assert not allowed(by, ("*",))


async def test_a_new_id_of_somebody_linked_is_one_with_all_that_the_old_one_was(
    database: Database, sql_story: Any
) -> None:
    was, now = slack("T1", "U1"), slack("T1", "W5")
    people = sql_story.store.people
    began = (await sql_story.store.tasks.get(await sql_story.task(by=was))).created_at
    await people.join(LOCAL, await people.offer(was))

    await SqlPeopleMoves(database).move(was.account, now.account)

    for one in (was, now, LOCAL):
        assert set(await people.humans(one, began)) == {was.human, now.human, LOCAL.human}


async def test_a_workspace_that_joins_an_organisation_takes_its_people_along(
    database: Database, sql_story: Any
) -> None:
    tasks_ = [await sql_story.task(by=slack("T1", "U1")), await sql_story.task(by=slack("T10", "U1"))]

    assert await SqlPeopleMoves(database).adopt("slack", "T1", "E1") == 1
    assert await SqlPeopleMoves(database).adopt("slack", "T1", "E1") == 0
    keys = [(await sql_story.store.tasks.get(task)).by.account for task in tasks_]
    assert keys == ["slack:E1:U1", "slack:T10:U1"]


@pytest.mark.parametrize(
    ("old_key", "new_key"), [("U1", "slack:T1:U2"), ("slack:T1:", "slack:T1:U2"), ("slack:T1:U1", "discord::7")]
)
async def test_what_names_nobody_moves_nothing(database: Database, old_key: str, new_key: str) -> None:
    with pytest.raises(Rejected):
        await SqlPeopleMoves(database).move(old_key, new_key)
