"""What happens at the same time happens one after the other."""

import asyncio

import pytest

from tests.adapters.conftest import Story
from threadwork.workflows.values import Ledger

pytestmark = pytest.mark.fire


async def test_of_many_attempts_at_once_one_has_the_call(story: Story) -> None:
    task = await story.begun()
    attempts = [story.claim(task, attempt=f"a{n}", kind="tool", repeatable=False) for n in range(12)]
    states = [claimed.state for claimed in await asyncio.gather(*attempts)]
    assert sorted(states) == ["mine"] + ["taken"] * 11


async def test_of_many_results_at_once_everyone_gets_the_same(story: Story) -> None:
    task = await story.begun()
    await story.claim(task)
    finished = await asyncio.gather(*(story.finish(task, attempt=f"a{n}", result={"n": n}) for n in range(12)))
    assert len({one.result["n"] for one in finished}) == 1


async def test_reservations_at_once_never_exceed_the_limit(story: Story) -> None:
    task = await story.begun()
    wanted = story.reserve(1_024, prompt=0, tokens_limit=5 * 1_024)
    claims = [story.claim(task, f"1.{n}", f"a{n}", reserve=wanted) for n in range(1, 13)]
    states = [claimed.state for claimed in await asyncio.gather(*claims)]
    assert states.count("mine") == 5
    assert await story.store.spend.total(task) == Ledger(tokens=5 * 1_024)


async def test_the_same_batch_many_times_at_once_is_stored_once(story: Story) -> None:
    task = await story.begun()
    events = [story.event(task, seq) for seq in range(1, 6)]
    assert set(await asyncio.gather(*(story.append(task, *events) for _ in range(10)))) == {5}
    assert await story.store.events.read(task) == events


async def test_many_chains_at_once_have_each_their_own_epoch(story: Story) -> None:
    task = await story.task()
    begun = await asyncio.gather(*(story.begin(task, f"chain-{n}", 0) for n in range(8)))
    assert sorted(one.epoch for one in begun) == list(range(1, 9))


async def test_a_command_delivered_many_times_at_once_is_one_task(story: Story) -> None:
    intakes = await asyncio.gather(*(story.run("C1") for _ in range(8)))
    assert [intake.first for intake in intakes].count(True) == 1
    assert len({intake.intake_id for intake in intakes}) == 1


async def test_holders_at_once_share_the_commands_without_overlap(story: Story) -> None:
    for number in range(12):
        await story.run(f"C{number}")
    leased = await asyncio.gather(*(story.store.intake.lease(f"bot-{n}", 4, 60) for n in range(6)))
    ids = [intake.intake_id for one in leased for intake in one]
    assert len(ids) == len(set(ids))
    rest = await story.store.intake.lease("last", 99, 60)
    assert len(ids) + len(rest) == 12


async def test_holders_at_once_get_one_lease(story: Story) -> None:
    fences = await asyncio.gather(*(story.store.leases.lease("t1", "s", f"h{n}", 30) for n in range(8)))
    assert sorted(fence for fence in fences if fence) == [1]


async def test_callers_that_give_up_in_the_middle_leave_nothing_half_done(story: Story) -> None:
    """A cancelled activity must neither keep the lock nor leave half of its transaction."""
    task = await story.begun()
    for round_number in range(40):
        batch = story.batch(task, *(story.event(task, seq) for seq in range(1, 4)))
        claim = asyncio.create_task(
            story.claim(task, f"1.{round_number}", batch=batch, reserve=story.reserve(1_024, prompt=0))
        )
        await asyncio.sleep(round_number * 0.0003)
        claim.cancel()
        await asyncio.gather(claim, return_exceptions=True)
    events = await story.store.events.read(task)
    assert len(events) in (0, 3)
    async with asyncio.timeout(30):
        assert await story.append(task, *(story.event(task, seq) for seq in range(1, 5))) == 4
    total = (await story.store.spend.total(task)).tokens
    assert total == (await story.store.spend.by_person([story.anna.key], story.clock.now)).tokens
