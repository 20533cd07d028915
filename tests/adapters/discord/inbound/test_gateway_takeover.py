"""A process that held the gateway is killed: on its machine nobody waits for its lease to run out."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import update

from tests.adapters.discord.inbound_harness import Recorder, door_at, listening, until
from tests.fake_discord.client import FakeDiscord
from tests.sqlite_file import migrated
from threadwork.activities.ports.delivery import Leases
from threadwork.adapters.chat.process_identity import process_identity
from threadwork.adapters.discord.connection import DiscordConnection
from threadwork.adapters.discord.inbound.gateway_lease import KEY, OWNER, GatewayLease
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.store import SqlStore
from threadwork.adapters.sql.tables import leases

pytest_plugins = ["tests.fake_discord.fixture"]
pytestmark = pytest.mark.skipif(not process_identity(), reason="no process has an identity here")
LASTS = 600.0  # seconds; whoever waits for it waits longer than any test may
OTHER_PLACES = {"boot": (r"@\S+ pid:", "@another-boot pid:"), "namespace": (r"pid:\[\d+\]", "pid:[7]")}


@pytest.fixture
def url(tmp_path: Path) -> str:
    return migrated(tmp_path / "threadwork.db")


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    yield database
    await database.close()


@pytest.fixture
def shared(database: Database) -> "Asked":
    return Asked(SqlStore(database).connections)


@pytest.fixture
def holder(url: str) -> Iterator[subprocess.Popen[str]]:
    """A process of its own that has the lease."""
    command = [sys.executable, "-m", "tests.adapters.discord.gateway_holder", url, str(LASTS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


class Asked:
    """Leases, and how often one was asked for."""

    def __init__(self, leases: Leases) -> None:
        self._leases = leases
        self.times = 0
        self.release, self.holder = leases.release, leases.holder

    async def lease(self, owner: str, key: str, holder: str, seconds: float) -> int | None:
        granted = await self._leases.lease(owner, key, holder, seconds)
        self.times += 1
        return granted

    async def often(self) -> None:
        """For what came of the askings before to be done."""
        wanted = self.times + 4
        await until(lambda: self.times >= wanted)


@asynccontextmanager
async def standing_by(discord: FakeDiscord, shared: Asked, beat: float = 0.1) -> AsyncIterator[DiscordConnection]:
    async with door_at(discord, Recorder(), leases=shared, lease_seconds=LASTS, beat=beat) as door:
        await until(lambda: shared.times)
        yield door


async def test_who_stands_by_takes_the_gateway_of_a_process_that_was_killed_before_its_lease_and_its_own_beat_are_over(
    fake_discord: FakeDiscord, shared: Asked, holder: subprocess.Popen[str]
) -> None:
    async with standing_by(fake_discord, shared, beat=LASTS) as door:
        await until(lambda: door._lease._other)
        assert not door.connected
        holder.kill()
        await until(lambda: door.connected)
    assert fake_discord.sessions()["identified"] == 1


async def test_who_starts_after_the_crash_takes_it_at_the_first_look(
    fake_discord: FakeDiscord, shared: Asked, holder: subprocess.Popen[str]
) -> None:
    holder.kill()
    holder.wait()
    async with listening(fake_discord, Recorder(), leases=shared, lease_seconds=LASTS, beat=LASTS):
        assert shared.times == 2


async def test_of_a_process_that_is_only_stopped_nobody_takes_it(
    fake_discord: FakeDiscord, shared: Asked, holder: subprocess.Popen[str]
) -> None:
    holder.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, holder.pid, os.WSTOPPED)
    async with standing_by(fake_discord, shared) as door:
        await shared.often()
        assert fake_discord.connections() == 0
        assert door.healthy
        holder.kill()
        await until(lambda: door.connected)


@pytest.mark.parametrize("place", OTHER_PLACES.values(), ids=OTHER_PLACES)
async def test_of_a_dead_process_elsewhere_the_lease_is_waited_for(
    fake_discord: FakeDiscord, shared: Asked, database: Database, holder: subprocess.Popen[str], place: tuple[str, str]
) -> None:
    """Its number, of which there is no process here, is that of one which may live there."""
    holder.kill()
    holder.wait()
    name, _ = await shared.holder(OWNER, KEY) or ("", 0)
    await _renamed(database, re.sub(*place, name))
    async with standing_by(fake_discord, shared):
        await shared.often()
        assert fake_discord.connections() == 0


async def test_an_older_version_that_holds_it_without_an_identity_is_waited_for(
    fake_discord: FakeDiscord, shared: Asked
) -> None:
    assert await shared.lease(OWNER, KEY, "0123456789abcdef", LASTS)
    async with standing_by(fake_discord, shared):
        await shared.often()
        assert fake_discord.connections() == 0


async def test_of_many_who_find_the_holder_dead_at_once_one_takes_it(
    shared: Asked, holder: subprocess.Popen[str]
) -> None:
    holder.kill()
    holder.wait()
    many = [GatewayLease(shared, str(number), LASTS) for number in range(8)]
    assert sum(await asyncio.gather(*(one.keep() for one in many))) == 1
    assert sum([await one.keep() for one in many]) == 1


async def _renamed(database: Database, name: str) -> None:
    async with database.write() as connection:
        changed = await connection.execute(update(leases).where(leases.c.owner == OWNER).values(holder=name))
        assert changed.rowcount == 1
