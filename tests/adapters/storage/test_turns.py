import asyncio

import pytest
from sqlalchemy import func, select

from tests.adapters.storage.conftest import Clock
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.tables import leases
from threadwork.adapters.sql.turns import TURN_TTL, SqlTurns


@pytest.fixture
def turns(database: Database, clock: Clock) -> tuple[SqlTurns, SqlTurns]:
    """Of two processes."""
    return SqlTurns(database, "slack", clock), SqlTurns(database, "slack", clock)


async def test_a_turn_is_taken_once_whoever_asks_and_however_many_at_once(turns):
    asked = await asyncio.gather(*(one.first("command:1") for one in turns * 5))
    assert sorted(asked) == [False] * 9 + [True]
    assert await turns[0].first("command:2")


async def test_turns_of_another_kind_are_others(database, clock, turns):
    assert await turns[0].first("1")
    assert await SqlTurns(database, "discord", clock).first("1")


async def test_turns_are_forgotten_after_a_while_and_leases_of_sinks_are_not(database, clock, turns, sql_story):
    task = await sql_story.task()
    await sql_story.store.leases.lease(task, "slack:T1:C1:", "worker", 1)
    assert await turns[0].first("1")
    clock.pass_by(TURN_TTL.total_seconds() - 1)
    assert not await turns[1].first("1")
    clock.pass_by(61)
    assert await turns[1].first("2")
    async with database.read() as connection:
        assert (await connection.execute(select(func.count()).select_from(leases))).scalar_one() == 2
    assert await turns[0].first("1")
