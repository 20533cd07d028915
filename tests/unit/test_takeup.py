"""Taking up what was written down."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from bot.gateway import NoRun
from bot.intake import commands
from bot.intake import worker as takeup
from bot.intake.dispatch import dispatch
from bot.intake.worker import TakeUp, taking_up
from tests.puppet import Front, caller
from workflows.errors import Rejected
from workflows.events import WorkflowCompleted
from workflows.tasks import Command, Intake
from workflows.values import Status, Termination


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(takeup, "LOOK", 0.02)
    monkeypatch.setattr(takeup, "BACK_OFF", 0.02)


@pytest.fixture
def front() -> Front:
    return Front()


@pytest.fixture
async def taking(front: Front) -> AsyncIterator[None]:
    async with taking_up(front.take_up):
        yield


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


async def stored(front: Front, command: Command) -> Intake:
    row = await front.store.inbox.get(command.platform, command.platform_id)
    assert row is not None
    return row


async def settled(front: Front, command: Command) -> Intake:
    async with asyncio.timeout(5):
        while (row := await stored(front, command)).state == "new":
            await asyncio.sleep(0.005)
    return row


async def one_look(front: Front) -> None:
    for row in await front.store.inbox.lease("test", 100, 60):
        await front.take_up.take_up(row)


async def test_a_run_is_started_at_once_when_the_take_up_is_poked(
    front: Front, taking: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(takeup, "LOOK", 60)
    await asyncio.sleep(0.05)  # now it waits for a minute
    command = await commands.run(front.ports, caller(), "Do it.")
    intake = await commands.write_down(front.ports, command)
    assert (await settled(front, command)).state == "done"
    assert front.puppet.calls == [("start", intake.task_id)]


async def test_what_another_bot_left_behind_is_taken_up_without_a_poke(front: Front, taking: None) -> None:
    command = await commands.run(front.ports, caller(), "Do it.")
    await front.store.inbox.store(command)
    assert (await settled(front, command)).state == "done"


async def test_what_a_dead_bot_held_is_taken_up_when_its_lease_is_over(front: Front) -> None:
    command = await commands.run(front.ports, caller(), "Do it.")
    await front.store.inbox.store(command)
    assert await front.store.inbox.lease("dead", 10, 0.15)
    async with taking_up(front.take_up):
        await asyncio.sleep(0.05)
        assert front.puppet.calls == []
        assert (await settled(front, command)).attempts == 2


async def test_the_commands_of_a_task_are_taken_up_in_order(front: Front, taking: None) -> None:
    run = await commands.run(front.ports, caller(), "Do it.")
    task_id = (await front.store.inbox.store(run)).task_id
    clicks = [commands.pause(caller(), task_id), commands.resume(caller(), task_id), commands.stop(caller(), task_id)]
    for click in clicks:
        await front.store.inbox.store(click)
    front.take_up.poke()
    await settled(front, clicks[-1])
    assert [call[0] for call in front.puppet.calls] == ["start", "signal", "signal", "signal"]
    assert front.puppet.signals() == ["pause_execution", "resume_execution", "stop_execution"]


async def test_many_tasks_are_taken_up_side_by_side(front: Front) -> None:
    begun: list[str] = []
    go = asyncio.Event()

    class Slow:
        async def start(self, task_id: str) -> None:
            begun.append(task_id)
            await go.wait()

    take_up = TakeUp(front.store.inbox, front.store.tasks, Slow(), "slow")  # type: ignore[arg-type]
    for _ in range(takeup.AT_ONCE + 10):
        await front.task(begun=False)
    async with taking_up(take_up):
        await until(lambda: len(begun) >= takeup.AT_ONCE)
        await asyncio.sleep(0.05)
        assert len(begun) == takeup.AT_ONCE  # and no more: the rest is left to other bots
        go.set()
        await until(lambda: len(begun) == takeup.AT_ONCE + 10)


async def test_what_was_left_for_want_of_hands_is_taken_up_as_soon_as_one_is_free(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(takeup, "LOOK", 60)
    monkeypatch.setattr(takeup, "AT_ONCE", 2)
    for _ in range(7):
        await front.task(begun=False)
    async with taking_up(front.take_up):
        await until(lambda: len(front.puppet.calls) == 7)


async def test_what_comes_in_a_burst_is_leased_together(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(takeup, "LOOK", 60)
    monkeypatch.setattr(takeup, "GATHER", 0.3)
    leased: list[int] = []

    class Counted:
        async def lease(self, *given: Any) -> list[Intake]:
            rows = await front.store.inbox.lease(*given)
            leased.append(len(rows))
            return list(rows)

        async def finish(self, *given: Any, **more: Any) -> None:
            await front.store.inbox.finish(*given, **more)

    take_up = TakeUp(Counted(), front.store.tasks, front.puppet, "test")  # type: ignore[arg-type]
    async with taking_up(take_up):
        await until(lambda: leased)
        for _ in range(20):
            await front.task(begun=False)
            take_up.poke()
            await asyncio.sleep(0.001)
        await until(lambda: len(front.puppet.calls) == 20)
    assert [many for many in leased if many] == [20]


async def test_while_temporal_is_away_nothing_is_lost(front: Front, caplog: pytest.LogCaptureFixture) -> None:
    front.puppet.away = True
    take_up = TakeUp(front.store.inbox, front.store.tasks, front.puppet, "test", lease=0.05)
    command = await commands.run(front.ports, caller(), "Do it.")
    await front.store.inbox.store(command)
    async with taking_up(take_up):
        await until(lambda: len(front.puppet.calls) >= 3)
        assert (await stored(front, command)).state == "new"
        front.puppet.away = False
        assert (await settled(front, command)).state == "done"


async def test_a_click_before_the_start_is_taken_up_waits_for_it(front: Front) -> None:
    task_id = await front.task(begun=False)
    [row] = await front.store.inbox.lease("other", 1, 60)  # another bot holds the start
    pause = commands.pause(caller(), task_id)
    await front.store.inbox.store(pause)
    await one_look(front)
    assert front.puppet.calls == []
    await front.take_up.take_up(row)
    await one_look(front)
    assert (await stored(front, pause)).state == "done"


async def test_a_click_that_finds_no_run_of_a_queued_task_waits(front: Front) -> None:
    task_id = await front.task(begun=False)
    [row] = await front.store.inbox.lease("other", 1, 60)
    await front.store.inbox.finish(row.intake_id)  # started, they say, yet Temporal does not show it
    pause = commands.pause(caller(), task_id)
    await front.store.inbox.store(pause)
    await one_look(front)
    assert (await stored(front, pause)).state == "new"


async def test_a_click_on_a_task_that_never_appears_is_refused_in_the_end(front: Front) -> None:
    task_id = await front.task(begun=False)
    await front.store.inbox.finish((await front.store.inbox.lease("other", 1, 60))[0].intake_id)
    pause = commands.pause(caller(), task_id)
    await front.store.inbox.store(pause)
    for _ in range(takeup.PATIENCE):
        for row in await front.store.inbox.lease("test", 1, 0):
            await front.take_up.take_up(row)
    assert (await stored(front, pause)).refused == takeup.NO_RUN


async def test_a_click_after_the_end_is_too_late_and_says_how_it_ended(front: Front) -> None:
    task_id = await front.task()
    await front.puppet.tell(task_id, WorkflowCompleted(reason=Termination.GOAL_ACHIEVED), status=Status.COMPLETED)
    front.puppet.running.clear()
    pause = commands.pause(caller(), task_id)
    await front.store.inbox.store(pause)
    await one_look(front)
    row = await stored(front, pause)
    assert (row.state, row.refused) == ("refused", "Too late: the task has ended (done).")


async def test_a_click_on_a_run_that_the_operator_terminated_is_refused(front: Front) -> None:
    task_id = await front.task()
    front.puppet.running.clear()
    pause = commands.pause(caller(), task_id)
    await front.store.inbox.store(pause)
    await one_look(front)
    assert (await stored(front, pause)).refused == takeup.NO_RUN


async def test_a_reply_after_the_end_wakes_the_task(front: Front) -> None:
    task_id = await front.task()
    await front.puppet.tell(task_id, WorkflowCompleted(reason=Termination.GOAL_ACHIEVED), status=Status.COMPLETED)
    front.puppet.running.clear()
    reply = commands.reply(caller(), task_id, "And now?")
    await front.store.inbox.store(reply)
    await one_look(front)
    assert (await stored(front, reply)).state == "done"
    assert front.puppet.calls[-1][:2] == ("wake", task_id)


async def test_what_temporal_will_never_take_is_refused(front: Front) -> None:
    class Strict:
        async def start(self, task_id: str) -> None:
            raise Rejected("Temporal does not take this: too long.")

    command = await commands.run(front.ports, caller(), "Do it.")
    await front.store.inbox.store(command)
    [row] = await front.store.inbox.lease("test", 1, 60)
    await TakeUp(front.store.inbox, front.store.tasks, Strict(), "test").take_up(row)  # type: ignore[arg-type]
    assert (await stored(front, command)).refused == "Temporal does not take this: too long."


async def test_a_crash_between_signal_and_finish_signals_again_under_the_same_click(front: Front) -> None:
    task_id = await front.task()
    await front.store.inbox.store(commands.pause(caller("k1"), task_id))
    [row] = await front.store.inbox.lease("dead", 1, 0)
    await dispatch(front.puppet, task_id, row.command.action)  # and then it died
    await one_look(front)
    clicks = [call[-1] for call in front.puppet.calls if call[0] == "signal"]
    assert clicks == ["k1", "k1"]


async def test_a_database_that_is_away_for_a_moment_stops_nothing(front: Front) -> None:
    class Flaky:
        def __init__(self) -> None:
            self.failures = 3

        async def lease(self, *given: Any) -> list[Intake]:
            self.failures -= 1
            if self.failures >= 0:
                raise OSError("connection lost")
            return list(await front.store.inbox.lease(*given))

        async def finish(self, *given: Any, **more: Any) -> None:
            await front.store.inbox.finish(*given, **more)

    command = await commands.run(front.ports, caller(), "Do it.")
    await front.store.inbox.store(command)
    async with taking_up(TakeUp(Flaky(), front.store.tasks, front.puppet, "test")):  # type: ignore[arg-type]
        assert (await settled(front, command)).state == "done"


async def test_no_goal_and_no_reason_gets_into_the_log(front: Front, capsys: pytest.CaptureFixture[str]) -> None:
    class Broken:
        async def start(self, task_id: str) -> None:
            raise ValueError("the goal was: buy-the-secret-thing")

        async def signal(self, *_: Any) -> None:
            raise NoRun("none")

    command = await commands.run(front.ports, caller(), "buy-the-secret-thing")
    await front.store.inbox.store(command)
    async with taking_up(TakeUp(front.store.inbox, front.store.tasks, Broken(), "test")):  # type: ignore[arg-type]
        await asyncio.sleep(0.1)
    printed = capsys.readouterr()
    assert "command_not_taken_up" in printed.out + printed.err
    assert "secret" not in printed.out + printed.err


class Unwritable:
    """Refuses one kind of signal as an encoder does, for ever; the rest goes to the puppet."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def start(self, task_id: str) -> None:
        await self._front.puppet.start(task_id)

    async def signal(self, task_id: str, name: str, *args: Any) -> None:
        if name == "stop_execution":
            raise ValueError("surrogates not allowed")
        await self._front.puppet.signal(task_id, name, *args)


async def test_a_command_that_never_works_is_given_up_and_the_next_of_its_task_goes_on(front: Front) -> None:
    task_id = await front.task()
    stop, pause = commands.stop(caller(), task_id), commands.pause(caller(), task_id)
    for click in (stop, pause):
        await front.store.inbox.store(click)
    runner: Any = Unwritable(front)
    async with taking_up(TakeUp(front.store.inbox, front.store.tasks, runner, "test", lease=0.02)):
        assert (await settled(front, stop)).refused == takeup.GIVEN_UP
        assert (await settled(front, pause)).state == "done"


async def test_a_command_that_fails_does_not_slow_down_other_tasks(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(takeup, "BACK_OFF", 60)
    bad, good = await front.task(), await front.task()
    await front.store.inbox.store(commands.stop(caller(), bad))
    take_up = TakeUp(front.store.inbox, front.store.tasks, Unwritable(front), "test", lease=0.02)  # type: ignore[arg-type]
    async with taking_up(take_up):
        await asyncio.sleep(0.1)
        pause = commands.pause(caller(), good)
        await front.store.inbox.store(pause)
        async with asyncio.timeout(0.4):
            await settled(front, pause)


async def test_a_poke_is_heeded_while_temporal_was_away(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(takeup, "BACK_OFF", 60)
    front.puppet.away = True
    await front.task(begun=False)
    async with taking_up(front.take_up):
        await until(lambda: front.puppet.calls)
        await asyncio.sleep(0.05)  # now it backs off
        front.puppet.away = False
        command = await commands.run(front.ports, caller(), "Another.")
        await commands.write_down(front.ports, command)
        async with asyncio.timeout(0.4):
            assert (await settled(front, command)).state == "done"


async def test_however_long_temporal_is_away_no_command_is_given_up(front: Front) -> None:
    front.puppet.away = True
    command = await commands.run(front.ports, caller(), "Do it.")
    await front.store.inbox.store(command)
    async with taking_up(TakeUp(front.store.inbox, front.store.tasks, front.puppet, "test", lease=0.01)):
        await until(lambda: len(front.puppet.calls) > 2 * takeup.TRIES)
        assert (await stored(front, command)).state == "new"


async def test_a_take_up_ends_when_it_is_cancelled_whatever_comes_at_that_moment(front: Front) -> None:
    for _ in range(50):
        task = asyncio.create_task(front.take_up.run())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        front.take_up.poke()
        task.cancel()
        async with asyncio.timeout(1):
            await asyncio.wait([task])
        assert task.cancelled()
