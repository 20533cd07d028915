import asyncio
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import column, insert, inspect, select, table, text, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import StatementError

from tests.adapters.storage.conftest import ANNA
from threadwork.adapters.sql import in_doubt as doubts
from threadwork.adapters.sql.database import Database, normalised
from threadwork.adapters.sql.migrate import alembic_config, migrate
from threadwork.adapters.sql.store import SqlStore
from threadwork.adapters.sql.subscriptions import SqlSubscriptions
from threadwork.adapters.sql.tables import IS_OPEN_TASK, IS_PENDING, IS_ROOT, Base, intake, run_configs, subscriptions
from threadwork.workflows.domain.clock import utc_now
from threadwork.workflows.errors import Rejected
from threadwork.workflows.sinks import Sink
from threadwork.workflows.subscriptions import DUE, Subscription
from threadwork.workflows.tasks import Command, RunOrder, TaskOrder
from threadwork.workflows.values import Principal


@pytest.mark.parametrize(
    ("written", "driver"),
    [
        ("sqlite:///some/file.db", "sqlite+aiosqlite"),
        ("sqlite+aiosqlite:////some/file.db", "sqlite+aiosqlite"),
        ("postgres://u:p@host/name", "postgresql+asyncpg"),
        ("postgresql://u:p@host:5433/name", "postgresql+asyncpg"),
        ("postgresql+asyncpg://host/name", "postgresql+asyncpg"),
    ],
)
def test_every_usual_spelling_of_a_url_gets_its_driver(written, driver):
    assert normalised(written).drivername == driver


@pytest.mark.parametrize("written", ["mysql://host/name", "nonsense", "", "sqlite://", "sqlite:///:memory:"])
def test_a_url_that_cannot_be_used_is_refused_without_repeating_its_secrets(written):
    with pytest.raises(Rejected, match="DATABASE_URL"):
        normalised(written)


def test_nothing_connects_before_it_must(tmp_path):
    Database(f"sqlite:///{tmp_path}/missing/file.db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_sqlite_runs_with_the_settings_that_keep_it_fast_and_right(database):
    async with database.read() as connection:
        found = [
            (await connection.execute(text(f"PRAGMA {name}"))).scalar()
            for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        ]
    assert found == ["wal", 1, 10_000, 1]


def config_row(name: str, saved_at: str) -> dict[str, Any]:
    return {"config_hash": name, "config": {}, "saved_at": datetime.fromisoformat(saved_at)}


async def test_a_writer_that_reads_first_waits_for_its_turn(database):
    """Two databases on one file stand for two processes: without BEGIN IMMEDIATE one fails at once."""
    other = Database(str(database.url.render_as_string(hide_password=False)))

    async def count_up(writer: Database) -> None:
        for _ in range(20):
            async with writer.write() as connection:
                if not writer.is_sqlite:
                    await connection.execute(text("LOCK TABLE run_configs IN EXCLUSIVE MODE"))
                found = len((await connection.execute(select(run_configs))).all())
                await connection.execute(insert(run_configs), [config_row(str(found), "2026-01-01T00:00Z")])

    await asyncio.gather(count_up(database), count_up(other))
    await other.close()
    async with database.read() as connection:
        assert len((await connection.execute(select(run_configs))).all()) == 40


async def test_what_raises_is_taken_back(database):
    async def write_and_fail() -> None:
        async with database.write() as connection:
            await connection.execute(insert(run_configs), [config_row("x", "2026-01-01T00:00Z")])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await write_and_fail()
    async with database.read() as connection:
        assert (await connection.execute(select(run_configs))).all() == []


async def test_a_time_without_its_zone_is_refused(database):
    async with database.write() as connection:
        with pytest.raises(StatementError, match="time zone"):
            await connection.execute(insert(run_configs), [config_row("x", "2026-01-01T00:00")])


async def test_the_migrations_make_the_tables_that_the_code_knows(database):
    def difference(connection):
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, Base.metadata)

    async with database.read() as connection:
        assert await connection.run_sync(difference) == []
        names = set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))
    assert names - {"alembic_version"} == set(Base.metadata.tables)


async def test_migrating_again_keeps_what_is_stored(database, sql_story, database_url):
    task = await sql_story.task()
    migrate(database_url)
    assert (await sql_story.store.tasks.get(task)).task_id == task
    async with database.read() as connection:
        assert len((await connection.execute(select(intake))).all()) == 1


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_subscriptions_of_before_are_kept_and_those_by_people_are_due_a_notice(kind, tmp_path, request):
    url = f"sqlite:///{tmp_path}/old.db"
    if kind == "postgres":
        url = await asyncio.to_thread(_fresh_database, request.getfixturevalue("postgres_url"), "old")
    database = Database(url)
    one = Subscription(subscription_id="s1", sink=Sink(platform="slack", workspace="T1", channel="C1"), by=ANNA)
    try:
        async with database.write() as connection:
            await connection.run_sync(lambda sync: command.upgrade(alembic_config(sync), "0007"))
            old = table("subscriptions", *(column(c.name, c.type) for c in subscriptions.c if c.name != "notice"))
            row = one.model_dump(mode="json", exclude={"on", "by", "notice", "created_at"})
            row |= {"kinds": one.on, "created_by": ANNA.model_dump(), "created_at": datetime(2026, 1, 5, tzinfo=UTC)}
            rows = [row, row | {"subscription_id": "file:1", "source": "file"}]
            await connection.execute(insert(old), rows)
        await asyncio.to_thread(migrate, url)
        found = {known.subscription_id: known for known in await SqlSubscriptions(database, utc_now).all()}
        assert (found["s1"].notice, found["file:1"].notice) == (DUE, "")
        assert (found["s1"].sink, found["s1"].by) == (one.sink, ANNA)
        async with database.write() as connection:
            await connection.run_sync(lambda sync: command.downgrade(alembic_config(sync), "0007"))
            assert len((await connection.execute(text("SELECT subscription_id FROM subscriptions"))).all()) == 2
    finally:
        await database.close()


def test_migrating_makes_the_folder_of_the_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    migrate("sqlite:///new/folder/file.db")
    assert (tmp_path / "new" / "folder" / "file.db").exists()


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_processes_that_migrate_at_once_do_not_break_each_other(kind, tmp_path, request):
    url = f"sqlite:///{tmp_path}/fresh.db"
    if kind == "postgres":
        url = _fresh_database(request.getfixturevalue("postgres_url"))
    program = "import sys; from threadwork.adapters.sql.migrate import migrate; migrate(sys.argv[1])"
    running = [subprocess.Popen([sys.executable, "-c", program, url], stderr=subprocess.PIPE) for _ in range(3)]
    results = [(process.communicate()[1], process.returncode) for process in running]
    assert [code for _, code in results] == [0, 0, 0], results


def _fresh_database(url: str, name: str = "fresh") -> str:
    async def create() -> None:
        database = Database(url)
        async with database.read() as connection:
            await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(
                text(f"CREATE DATABASE {name}")
            )
        await database.close()

    asyncio.run(create())
    return url.replace("/postgres?", f"/{name}?")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_queries_of_lists_and_threads_use_their_indexes(database, sql_story):
    wanted = {
        "SELECT task_id FROM tasks ORDER BY created_at DESC, task_id DESC LIMIT 50": "tasks_by_age",
        "SELECT max(position) FROM task_messages WHERE task_id = 't'": "task_messages_in_order",
        "SELECT intake_id FROM intake WHERE state = 'new' GROUP BY task_id": "intake_new",
        f"SELECT task_id FROM deliveries WHERE message_id = 'm' AND {IS_ROOT}": "deliveries_roots",
        f"SELECT task_id FROM approvals WHERE {IS_PENDING} ORDER BY requested_at LIMIT 9": "approvals_pending",
        f"SELECT task_id FROM tasks WHERE requester_key = 'p' AND {IS_OPEN_TASK}": "tasks_open_by_person",
        f"SELECT task_id FROM tasks WHERE place = 'p' AND {IS_OPEN_TASK}": "tasks_open_by_place",
        "SELECT task_id FROM tasks WHERE place = 'p' ORDER BY created_at DESC LIMIT 9": "tasks_by_place",
        "SELECT task_id FROM tasks WHERE place = 'p' AND thread = 't' ORDER BY created_at DESC": "tasks_by_thread",
    }
    async with database.read() as connection:
        for query, index in wanted.items():
            plan = (await connection.execute(text(f"EXPLAIN QUERY PLAN {query}"))).all()
            assert any(index in row.detail for row in plan), (query, plan)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_due_doubts_are_found_without_reading_all_of_them(database):
    query = str(doubts.DUE.compile(dialect=sqlite.dialect()))
    async with database.read() as connection:
        plan = (await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", ("2026", 9, 0))).all()
    assert any("doubts_due" in row.detail for row in plan), plan


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_command_of_a_newer_bot_holds_up_no_other(database):
    store, by = SqlStore(database), Principal(platform="slack", user_id="U1")
    for key in ("strange", "known"):
        order = RunOrder(order=TaskOrder(goal="Do it.", by=by))
        await store.intake.store(Command(platform="slack", platform_id=key, by=by, action=order))
    async with database.write() as connection:
        strange = update(intake).where(intake.c.platform_id == "strange")
        await connection.execute(strange.values(command={"action": {"kind": "teleport"}}))
    assert [row.command.platform_id for row in await store.intake.lease("bot", 9, 60)] == ["known"]
