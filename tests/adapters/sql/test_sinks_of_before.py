"""What an older version knew of sinks, in rows among those of messages, is carried over; not under its feet."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
from alembic import command
from sqlalchemy import text

from tests.chaos.upgrade_harness import has, unpacked
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.migrate import alembic_config, migrate
from threadwork.adapters.sql.old_version import OldVersionRuns
from threadwork.adapters.sql.revision import revision
from threadwork.adapters.sql.store import SqlStore
from threadwork.adapters.sql.turns import SqlTurns
from threadwork.bot.database import upgrade_when_there
from threadwork.bot.settings import Settings
from threadwork.workflows.sinks import Sink, SinkState

BEFORE = "0e97076"  # the last before the table of sinks
SCRIPT = Path(__file__).with_name("rows_of_before.py")
THREAD, CHANNEL, MENDED = "slack:T1:C1:", "slack:T1:C2::subscribed", "slack:T1:C3::subscribed"
ROWS = "SELECT task_id, sink, card_key, part, state, message_id, content_hash, rendered_seq FROM deliveries"

pytestmark = [pytest.mark.timeout(200), pytest.mark.skipif(not has(BEFORE), reason=f"this clone has no {BEFORE}")]


class Old(NamedTuple):
    url: str
    code: Path


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpacked(BEFORE, tmp_path_factory.mktemp("before") / "code")


@pytest.fixture(params=["sqlite", "postgres"])
async def old(request: pytest.FixtureRequest, tmp_path: Path, code: Path) -> AsyncIterator[Old]:
    if request.param == "sqlite":
        yield Old(f"sqlite:///{tmp_path}/old.db", code)
        return
    server = request.getfixturevalue("postgres_url")
    await _at_once(server, "CREATE DATABASE of_before")
    yield Old(server.replace("/postgres?", "/of_before?"), code)
    await _at_once(server, "DROP DATABASE of_before WITH (FORCE)")


async def _at_once(url: str, sql: str) -> None:
    database = Database(url)
    async with database.read() as connection:
        await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(text(sql))
    await database.close()


async def left(old: Old, seconds: float) -> str:
    """The older version has worked, and holds leases for so long; the id of its task."""
    words = [sys.executable, "-P", str(SCRIPT), old.url, str(seconds)]
    environment = {**os.environ, "PYTHONPATH": str(old.code)}
    done = await asyncio.to_thread(subprocess.run, words, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[-1]


async def rows(url: str, sql: str = ROWS) -> set[tuple[object, ...]]:
    database = Database(url)
    async with database.read() as connection:
        found = {tuple(row) for row in await connection.execute(text(sql))}
    await database.close()
    return found


async def test_failures_former_roots_fences_and_turns_are_carried_over(old: Old) -> None:
    task = await left(old, seconds=0)
    before = await rows(old.url)
    await asyncio.to_thread(migrate, old.url)
    database = Database(old.url)
    store = SqlStore(database)

    its = await store.deliveries.state(task, THREAD)
    assert (its.failed_seq, its.failed_reply, its.told, its.former_roots) == (7, "C1:16.9", True, ("17.1", "17.2"))
    channel = await store.deliveries.state(task, CHANNEL)
    assert (bool(channel.failure), channel.failed_reply, channel.told) == (True, "C2:16.9", False)
    assert await store.deliveries.state(task, MENDED) == SinkState(task_id=task, sink=MENDED)
    for sink in (THREAD, CHANNEL, MENDED):
        assert [(row.card_key, row.part, row.message_id) for row in await store.deliveries.rows(task, sink)] == [
            ("status", 0, "17.3")
        ]
        assert await store.leases.lease(task, sink, "new", 30) == 2
    for root in ("17.1", "17.2", "17.3"):
        found = await store.tasks.in_thread(Sink(platform="slack", workspace="T1", channel="C1", thread=root))
        assert found
        assert found.task_id == task
    assert await store.connections.lease("discord", "gateway", "new", 30) == 2
    assert not await SqlTurns(database, "slack").first("command:1")

    async with database.write() as connection:
        await connection.run_sync(lambda sync: command.downgrade(alembic_config(sync), "0010"))
    await database.close()
    assert {row for row in before if row[1] != MENDED or row[2]} == await rows(old.url)
    assert await rows(old.url, "SELECT sink, fence FROM leases WHERE task_id = 'discord'") == {("gateway", 2)}


async def test_while_the_older_version_holds_a_lease_nothing_is_changed(old: Old) -> None:
    await left(old, seconds=600)
    before = await rows(old.url)
    with pytest.raises(OldVersionRuns, match=r"4 leases .* Stop the bots and workers .* wait \d+ seconds"):
        await asyncio.to_thread(migrate, old.url)
    standing = await revision(old.url)
    assert standing
    assert standing.current == "0010"
    assert await rows(old.url) == before
    await _end_leases(old.url)
    await asyncio.to_thread(migrate, old.url)


@pytest.mark.parametrize("old", ["sqlite"], indirect=True)
async def test_a_process_that_starts_waits_until_the_leases_have_run_out(old: Old, tmp_path: Path) -> None:
    await left(old, seconds=600)
    starting = asyncio.create_task(upgrade_when_there(Settings(_env_file=None, database_url=old.url, home=tmp_path)))
    done, _ = await asyncio.wait({starting}, timeout=1.0)
    assert not done
    await _end_leases(old.url)
    async with asyncio.timeout(60):
        await starting
    standing = await revision(old.url)
    assert standing
    assert standing.current == standing.head


async def _end_leases(url: str) -> None:
    database = Database(url)
    async with database.write() as connection:
        await connection.execute(text("UPDATE leases SET until = NULL WHERE fence > 0"))
    await database.close()
