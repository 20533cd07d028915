"""Taking up what was written down."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from tests.adapters.conftest import Clock
from tests.fake_run import Front, caller
from threadwork.adapters.memory import MemoryStore
from threadwork.bot.gateway import NoRun
from threadwork.bot.intake import commands
from threadwork.bot.intake import worker as worker_module
from threadwork.bot.intake.dispatch import dispatch
from threadwork.bot.intake.worker import IntakeWorker, intake_running
from threadwork.workflows.errors import Rejected
from threadwork.workflows.run_events import WorkflowCompleted
from threadwork.workflows.tasks import Command, Intake
from threadwork.workflows.values import Status, Termination


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "POLL_INTERVAL", 0.02)
    monkeypatch.setattr(worker_module, "MAX_BACKOFF", 0.02)


@pytest.fixture
def front() -> Front:
    return Front()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """One entry for every look that has been made, whether it found anything or not."""
    made: list[None] = []
    look = IntakeWorker._look

    async def counted(intake_worker: IntakeWorker) -> None:
        await look(intake_worker)
        made.append(None)

    monkeypatch.setattr(IntakeWorker, "_look", counted)
    return made


async def more(looks: list[None], many: int = 2) -> None:
    """Wait for so many whole looks from now on; of what is begun when that is over nothing more was to come."""
    seen = len(looks)
    await until(lambda: len(looks) > seen + many)


@pytest.fixture
async def taking(front: Front) -> AsyncIterator[None]:
    async with intake_running(front.intake_worker):
        yield


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.005)


async def stored(front: Front, command: Command) -> Intake:
    row = await front.store.intake.get(command.platform, command.platform_id)
    assert row is not None
    return row


async def settled(front: Front, command: Command, within: float = 30) -> Intake:
    async with asyncio.timeout(within):
        while (row := await stored(front, command)).state == "new":
            await asyncio.sleep(0.005)
    return row


async def one_look(front: Front) -> None:
    for row in await front.store.intake.lease("test", 100, 60):
        await front.intake_worker.process(row)


async def test_a_run_is_started_at_once_when_the_take_up_is_poked(
    front: Front, looks: list[None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "POLL_INTERVAL", 60)
    async with intake_running(front.intake_worker):
        await until(lambda: looks)  # now it waits for a minute
        command = await commands.run(front.ports, caller(), "Do it.")
        intake = await commands.write_down(front.ports, command)
        assert (await settled(front, command)).state == "done"
    assert front.fake_run.calls == [("start", intake.task_id)]


async def test_what_another_bot_left_behind_is_taken_up_without_a_poke(front: Front, taking: None) -> None:
    command = await commands.run(front.ports, caller(), "Do it.")
    await front.store.intake.store(command)
    assert (await settled(front, command)).state == "done"


async def test_what_a_dead_bot_held_is_taken_up_when_its_lease_is_over(clock: Clock, looks: list[None]) -> None:
    front = Front(MemoryStore(clock))
    command = await commands.run(front.ports, caller(), "Do it.")
    await front.store.intake.store(command)
    assert await front.store.intake.lease("dead", 10, 60)
    async with intake_running(front.intake_worker):
        await more(looks)
        assert front.fake_run.calls == []
        clock.pass_by(60)
        assert (await settled(front, command)).attempts == 2


async def test_the_commands_of_a_task_are_taken_up_in_order(front: Front, taking: None) -> None:
    run = await commands.run(front.ports, caller(), "Do it.")
    task_id = (await front.store.intake.store(run)).task_id
    clicks = [commands.pause(caller(), task_id), commands.resume(caller(), task_id), commands.stop(caller(), task_id)]
    for click in clicks:
        await front.store.intake.store(click)
    front.intake_worker.wake()
    await settled(front, clicks[-1])
    assert [call[0] for call in front.fake_run.calls] == ["start", "signal", "signal", "signal"]
    assert front.fake_run.signals() == ["pause_execution", "resume_execution", "stop_execution"]


async def test_many_tasks_are_taken_up_side_by_side(front: Front, looks: list[None]) -> None:
    begun: list[str] = []
    go = asyncio.Event()

    class Slow:
        async def start(self, task_id: str) -> None:
            begun.append(task_id)
            await go.wait()

    intake_worker = IntakeWorker(front.store.intake, front.store.tasks, Slow(), "slow")  # type: ignore[arg-type]
    for _ in range(worker_module.MAX_CONCURRENT + 10):
        await front.task(begun=False)
    async with intake_running(intake_worker):
        await until(lambda: len(begun) >= worker_module.MAX_CONCURRENT)
        await more(looks)
        assert len(begun) == worker_module.MAX_CONCURRENT  # and no more: the rest is left to other bots
        go.set()
        await until(lambda: len(begun) == worker_module.MAX_CONCURRENT + 10)


async def test_what_was_left_for_want_of_hands_is_taken_up_as_soon_as_one_is_free(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "POLL_INTERVAL", 60)
    monkeypatch.setattr(worker_module, "MAX_CONCURRENT", 2)
    for _ in range(7):
        await front.task(begun=False)
    async with intake_running(front.intake_worker):
        await until(lambda: len(front.fake_run.calls) == 7)


async def test_what_comes_in_a_burst_is_leased_together(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "POLL_INTERVAL", 60)
    monkeypatch.setattr(worker_module, "BATCH_INTERVAL", 1.0)  # far more than the burst takes anywhere
    leased: list[int] = []

    class Counted:
        async def lease(self, *given: Any) -> list[Intake]:
            rows = await front.store.intake.lease(*given)
            leased.append(len(rows))
            return list(rows)

        async def finish(self, *given: Any, **more: Any) -> None:
            await front.store.intake.finish(*given, **more)

    intake_worker = IntakeWorker(Counted(), front.store.tasks, front.fake_run, "test")  # type: ignore[arg-type]
    async with intake_running(intake_worker):
        await until(lambda: leased)
        for _ in range(20):
            await front.task(begun=False)
            intake_worker.wake()
            for _ in range(3):  # in which a look would be made
                await asyncio.sleep(0)
        await until(lambda: len(front.fake_run.calls) == 20)
    assert [many for many in leased if many] == [20]


async def test_while_temporal_is_away_nothing_is_lost(front: Front, caplog: pytest.LogCaptureFixture) -> None:
    front.fake_run.away = True
    intake_worker = IntakeWorker(front.store.intake, front.store.tasks, front.fake_run, "test", lease=0.05)
    command = await commands.run(front.ports, caller(), "Do it.")
    await front.store.intake.store(command)
    async with intake_running(intake_worker):
        await until(lambda: len(front.fake_run.calls) >= 3)
        assert (await stored(front, command)).state == "new"
        front.fake_run.away = False
        assert (await settled(front, command)).state == "done"


async def test_a_click_before_the_start_is_taken_up_waits_for_it(front: Front) -> None:
    task_id = await front.task(begun=False)
    [row] = await front.store.intake.lease("other", 1, 60)  # another bot holds the start
    pause = commands.pause(caller(), task_id)
    await front.store.intake.store(pause)
    await one_look(front)
    assert front.fake_run.calls == []
    await front.intake_worker.process(row)
    await one_look(front)
    assert (await stored(front, pause)).state == "done"


async def test_a_click_that_finds_no_run_of_a_queued_task_waits(front: Front) -> None:
    task_id = await front.task(begun=False)
    [row] = await front.store.intake.lease("other", 1, 60)
    await front.store.intake.finish(row.intake_id)  # started, they say, yet Temporal does not show it
    pause = commands.pause(caller(), task_id)
    await front.store.intake.store(pause)
    await one_look(front)
    assert (await stored(front, pause)).state == "new"


async def test_a_click_on_a_task_that_never_appears_is_refused_in_the_end(front: Front) -> None:
    task_id = await front.task(begun=False)
    await front.store.intake.finish((await front.store.intake.lease("other", 1, 60))[0].intake_id)
    pause = commands.pause(caller(), task_id)
    await front.store.intake.store(pause)
    for _ in range(worker_module.MAX_TRIES_WITHOUT_RUN):
        for row in await front.store.intake.lease("test", 1, 0):
            await front.intake_worker.process(row)
    assert (await stored(front, pause)).refused == worker_module.NO_RUN


async def test_a_click_after_the_end_is_too_late_and_says_how_it_ended(front: Front) -> None:
    task_id = await front.task()
    await front.fake_run.tell(task_id, WorkflowCompleted(reason=Termination.GOAL_ACHIEVED), status=Status.COMPLETED)
    front.fake_run.running.clear()
    pause = commands.pause(caller(), task_id)
    await front.store.intake.store(pause)
    await one_look(front)
    row = await stored(front, pause)
    assert (row.state, row.refused) == ("refused", "Too late: the task has ended (done).")


async def test_a_click_on_a_run_that_the_operator_terminated_is_refused(front: Front) -> None:
    task_id = await front.task()
    front.fake_run.running.clear()
    pause = commands.pause(caller(), task_id)
    await front.store.intake.store(pause)
    await one_look(front)
    assert (await stored(front, pause)).refused == worker_module.NO_RUN


async def test_a_reply_after_the_end_wakes_the_task(front: Front) -> None:
    task_id = await front.task()
    await front.fake_run.tell(task_id, WorkflowCompleted(reason=Termination.GOAL_ACHIEVED), status=Status.COMPLETED)
    front.fake_run.running.clear()
    reply = commands.reply(caller(), task_id, "And now?")
    await front.store.intake.store(reply)
    await one_look(front)
    assert (await stored(front, reply)).state == "done"
    assert front.fake_run.calls[-1][:2] == ("wake", task_id)


async def test_what_temporal_will_never_take_is_refused(front: Front) -> None:
    class Strict:
        async def start(self, task_id: str) -> None:
            raise Rejected("Temporal does not take this: too long.")

    command = await commands.run(front.ports, caller(), "Do it.")
    await front.store.intake.store(command)
    [row] = await front.store.intake.lease("test", 1, 60)
    await IntakeWorker(front.store.intake, front.store.tasks, Strict(), "test").process(row)  # type: ignore[arg-type]
    assert (await stored(front, command)).refused == "Temporal does not take this: too long."


async def test_a_crash_between_signal_and_finish_signals_again_under_the_same_click(front: Front) -> None:
    task_id = await front.task()
    await front.store.intake.store(commands.pause(caller("k1"), task_id))
    [row] = await front.store.intake.lease("dead", 1, 0)
    await dispatch(front.fake_run, task_id, row.command.action)  # and then it died
    await one_look(front)
    clicks = [call[-1] for call in front.fake_run.calls if call[0] == "signal"]
    assert clicks == ["k1", "k1"]


async def test_a_database_that_is_away_for_a_moment_stops_nothing(front: Front) -> None:
    class Flaky:
        def __init__(self) -> None:
            self.failures = 3

        async def lease(self, *given: Any) -> list[Intake]:
            self.failures -= 1
            if self.failures >= 0:
                raise OSError("connection lost")
            return list(await front.store.intake.lease(*given))

        async def finish(self, *given: Any, **more: Any) -> None:
            await front.store.intake.finish(*given, **more)

    command = await commands.run(front.ports, caller(), "Do it.")
    await front.store.intake.store(command)
    async with intake_running(IntakeWorker(Flaky(), front.store.tasks, front.fake_run, "test")):  # type: ignore[arg-type]
        assert (await settled(front, command)).state == "done"


async def test_no_goal_and_no_reason_gets_into_the_log(front: Front, capsys: pytest.CaptureFixture[str]) -> None:
    class Broken:
        async def start(self, task_id: str) -> None:
            raise ValueError("the goal was: buy-the-secret-thing")

        async def signal(self, *_: Any) -> None:
            raise NoRun("none")

    command = await commands.run(front.ports, caller(), "buy-the-secret-thing")
    await front.store.intake.store(command)
    runner: Any = Broken()
    async with intake_running(IntakeWorker(front.store.intake, front.store.tasks, runner, "test", lease=0.02)):
        assert (await settled(front, command)).refused == worker_module.GIVEN_UP  # after all that is logged of it
    printed = capsys.readouterr()
    assert "command_not_taken_up" in printed.out + printed.err
    assert "secret" not in printed.out + printed.err


class Unwritable:
    """Refuses one kind of signal as an encoder does, for ever; the rest goes to the fake_run."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def start(self, task_id: str) -> None:
        await self._front.fake_run.start(task_id)

    async def signal(self, task_id: str, name: str, *args: Any) -> None:
        if name == "stop_execution":
            raise ValueError("surrogates not allowed")
        await self._front.fake_run.signal(task_id, name, *args)


async def test_a_command_that_never_works_is_given_up_and_the_next_of_its_task_goes_on(front: Front) -> None:
    task_id = await front.task()
    stop, pause = commands.stop(caller(), task_id), commands.pause(caller(), task_id)
    for click in (stop, pause):
        await front.store.intake.store(click)
    runner: Any = Unwritable(front)
    async with intake_running(IntakeWorker(front.store.intake, front.store.tasks, runner, "test", lease=0.02)):
        assert (await settled(front, stop)).refused == worker_module.GIVEN_UP
        assert (await settled(front, pause)).state == "done"


async def test_a_command_that_fails_does_not_slow_down_other_tasks(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "MAX_BACKOFF", 60)
    bad, good = await front.task(), await front.task()
    stop = commands.stop(caller(), bad)
    await front.store.intake.store(stop)
    intake_worker = IntakeWorker(front.store.intake, front.store.tasks, Unwritable(front), "test", lease=0.02)  # type: ignore[arg-type]
    async with intake_running(intake_worker):
        assert (await settled(front, stop)).refused == worker_module.GIVEN_UP
        pause = commands.pause(caller(), good)
        await front.store.intake.store(pause)
        await settled(front, pause)
        assert intake_worker._troubles == 0, "of each of them the next look waits twice as long"


async def test_a_poke_is_heeded_while_temporal_was_away(
    front: Front, looks: list[None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "MAX_BACKOFF", 60)
    front.intake_worker._troubles = 5  # it was away for long: the pause is 16 seconds
    front.fake_run.away = True
    await front.task(begun=False)
    async with intake_running(front.intake_worker):
        await until(lambda: front.fake_run.calls and len(looks) == 2)  # one more, as hands were free; now it backs off
        front.fake_run.away = False
        command = await commands.run(front.ports, caller(), "Another.")
        await commands.write_down(front.ports, command)
        assert (await settled(front, command, within=12)).state == "done"


async def test_however_long_temporal_is_away_no_command_is_given_up(front: Front) -> None:
    front.fake_run.away = True
    command = await commands.run(front.ports, caller(), "Do it.")
    await front.store.intake.store(command)
    async with intake_running(IntakeWorker(front.store.intake, front.store.tasks, front.fake_run, "test", lease=0.01)):
        await until(lambda: len(front.fake_run.calls) > 2 * worker_module.MAX_FAILURES)
        assert (await stored(front, command)).state == "new"


async def test_a_take_up_ends_when_it_is_cancelled_whatever_comes_at_that_moment(front: Front) -> None:
    for _ in range(50):
        task = asyncio.create_task(front.intake_worker.run())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        front.intake_worker.wake()
        task.cancel()
        async with asyncio.timeout(30):
            await asyncio.wait([task])
        assert task.cancelled()
