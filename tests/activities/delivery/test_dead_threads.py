"""A thread that takes no messages any more: the run says so and a person is told, whatever is lost on the way."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.testing import ActivityEnvironment

from tests.worker_harness import WorkerHarness, done
from threadwork.activities.delivery.notifier import NotifyActivities
from threadwork.adapters.memory.chat import MemoryChat
from threadwork.workflows.errors import ChatUnavailable
from threadwork.workflows.event_types import EventType, Payload
from threadwork.workflows.events import Event
from threadwork.workflows.run_events import SinkFailed, WorkflowFailed, WorkflowStarted
from threadwork.workflows.run_requests import BeginRunRequest, EventBatch, NotifyRequest, NotifyResult
from threadwork.workflows.sinks import Part, Sink
from threadwork.workflows.subscriptions import Subscription
from threadwork.workflows.values import Principal, Status

HERE = Sink(platform="memory", channel="1", thread="t")
OPS = Sink(platform="memory", channel="ops")
ANN = Principal(platform="memory", workspace="", user_id="ann", name="Ann")


class Platform(MemoryChat):
    """One whose channels die; `refusals` are how the next words to a person fare."""

    def __init__(self) -> None:
        super().__init__()
        self.gone.add(HERE.channel)
        self.refusals: list[Exception] = []
        self.slow = 0.0  # seconds that a word to a person takes
        self.telling = asyncio.Event()  # a word to a person is on its way
        self.tries = 0  # to say something in the task's own thread

    async def post(self, sink: Sink, part: Part, mark: str) -> str:
        self.tries += sink.place == HERE.place
        if sink.direct:
            self.telling.set()
            await asyncio.sleep(self.slow)
            if self.refusals:
                raise self.refusals.pop(0)
        return await super().post(sink, part, mark)

    def told(self) -> int:
        return sum(message.channel == "ann" for message in self.messages.values())


class Scene:
    """A task in a dead thread, and the activity that finds out."""

    def __init__(self, temporal: Client, **ports: Any) -> None:
        self.chat = Platform()
        self.harness = WorkerHarness(temporal, [done("Ready.")], chats={"memory": self.chat}, **ports)
        self.task_id, self.epoch, self.seq, self.beats = "", 0, 0, 0

    async def begin(self) -> None:
        self.task_id = await self.harness.order(by=ANN, sink=HERE)
        begun = BeginRunRequest(task_id=self.task_id, chain_id="c", chain_started_at=datetime.now(UTC))
        self.epoch = (await self.harness.store.runs.begin(begun)).epoch
        facts = {"goal": "Do it.", "goal_ref": "goal", "agent": "default", "model": "demo/scripted"}
        await self.tell(WorkflowStarted(**facts, by=ANN, max_iterations=50))

    async def tell(self, payload: Payload) -> None:
        self.seq += 1
        event = Event(
            task_id=self.task_id,
            seq=self.seq,
            type=payload.type,
            at=datetime.now(UTC),
            iteration=1,
            data=payload.model_dump(mode="json", exclude_none=True),
        )
        batch = EventBatch(task_id=self.task_id, epoch=self.epoch, status=Status.RUNNING, events=(event,))
        await self.harness.store.events.append(batch)

    async def acknowledge(self, result: NotifyResult) -> None:
        (failure,) = result.failures
        await self.tell(SinkFailed(sink=failure.sink, error=failure.error))

    async def follow(self, last_seq: int | None = None, ended: bool = True) -> NotifyResult:
        """One call of the activity, in a worker of its own."""
        notify = NotifyActivities(self.harness.dependencies)
        environment = ActivityEnvironment()
        environment.on_heartbeat = self._beat
        last_seq = self.seq if last_seq is None else last_seq
        request = NotifyRequest(task_id=self.task_id, epoch=self.epoch, ended=ended, last_seq=last_seq)
        return await asyncio.wait_for(environment.run(notify.notify_thread_activity, request), 20)

    def _beat(self, *_: Any) -> None:
        self.beats += 1


@pytest.fixture
async def scene(temporal: Client) -> Scene:
    scene = Scene(temporal)
    await scene.begin()
    return scene


# --- the run is told until it has said so -----------------------------------------------------------------


async def test_a_dead_thread_is_reported_again_until_the_run_has_said_so_and_the_person_is_told_once(
    scene: Scene,
) -> None:
    await scene.follow()  # its completion is lost
    again = await scene.follow()
    assert [failure.sink for failure in again.failures] == [HERE.address]
    await scene.acknowledge(again)
    assert (await scene.follow()).failures == ()
    assert scene.chat.told() == 1


async def test_a_call_that_begins_before_the_acknowledgement_is_stored_waits_for_it(scene: Scene) -> None:
    found, tries = await scene.follow(), scene.chat.tries
    following = asyncio.create_task(scene.follow(last_seq=scene.seq + 1))
    async with asyncio.timeout(15):
        while scene.chat.tries < tries + 2:  # it failed once, and did not leave
            await asyncio.sleep(0.02)
    assert not following.done()
    await scene.acknowledge(found)
    assert (await following).failures == ()


async def test_a_thread_that_was_mended_before_the_run_heard_of_it_goes_on_and_its_next_death_is_news(
    scene: Scene,
) -> None:
    await scene.follow()
    scene.chat.gone.clear()
    assert (await scene.follow()).failures == ()
    assert "status" in [m.content["kind"] for m in scene.chat.messages.values() if m.channel == HERE.channel]
    scene.chat.gone.add(HERE.channel)
    await scene.tell(SinkFailed(sink="memory:elsewhere", error="It is gone."))
    assert (await scene.follow()).failures
    assert scene.chat.told() == 2


async def test_the_run_says_once_that_a_thread_is_dead_though_the_first_to_find_out_is_lost(
    temporal: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost: list[bool] = []
    bury = NotifyActivities._bury

    async def losing(self: NotifyActivities, *told: Any) -> None:
        await bury(self, *told)
        if not lost:
            lost.append(True)
            raise ConnectionError("The worker is lost before the result is heard.")

    monkeypatch.setattr(NotifyActivities, "_bury", losing)
    scene = Scene(temporal)
    async with scene.harness.workers():
        task = await scene.harness.start(by=ANN, sink=HERE)
        await task.happened("sink.failed")
        await task.result()
        assert lost
        assert (await task.types()).count(EventType.SINK_FAILED) == 1
    assert scene.chat.told() == 1


async def test_a_dead_channel_is_reported_again_until_the_run_has_said_so(scene: Scene) -> None:
    scene.chat.gone = {OPS.channel}
    await scene.harness.store.subscriptions.put(
        Subscription(subscription_id="s", sink=OPS, on=("failed",), by=ANN),
    )
    await scene.tell(WorkflowFailed(error="The key is wrong."))
    await scene.follow()  # its completion is lost
    again = await scene.follow()
    assert [failure.sink for failure in again.failures] == [OPS.address]
    await scene.acknowledge(again)
    assert (await scene.follow()).failures == ()
    assert scene.chat.told() == 1


# --- the person is told ------------------------------------------------------------------------------------


async def test_telling_a_person_slowly_runs_under_the_heartbeat(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("threadwork.activities.heartbeat.HEARTBEAT_INTERVAL", 0.05)
    scene.chat.slow = 1.0
    await scene.follow()
    assert scene.beats >= 10
    assert scene.chat.told() == 1


async def test_whoever_was_lost_before_the_person_was_told_leaves_it_to_the_next(scene: Scene) -> None:
    scene.chat.slow = 60
    following = asyncio.create_task(scene.follow())
    await asyncio.wait_for(scene.chat.telling.wait(), 20)
    following.cancel()
    await asyncio.wait([following])
    assert scene.chat.told() == 0
    scene.chat.slow = 0
    await scene.follow()
    assert scene.chat.told() == 1


async def test_a_person_is_told_once_more_where_the_platform_did_not_take_it(scene: Scene) -> None:
    scene.chat.refusals = [ChatUnavailable("Too many.", retry_after=0.01), ChatUnavailable("Ill.", retry_after=0.01)]
    await scene.follow()
    assert scene.chat.told() == 1


async def test_a_subscriber_whose_worker_was_lost_before_they_were_told_is_told_by_the_next(temporal: Client) -> None:
    scene = Scene(temporal)
    await scene.begin()
    scene.chat.gone = {OPS.channel}
    subscription = Subscription(subscription_id="s", sink=OPS, on=("failed",), by=ANN)
    await scene.harness.store.subscriptions.put(subscription)
    scene.chat.slow = 60
    first = NotifyActivities(scene.harness.dependencies)._subscribers
    burying = asyncio.create_task(first.bury(scene.task_id, OPS, "It is gone."))
    await asyncio.wait_for(scene.chat.telling.wait(), 20)
    burying.cancel()
    await asyncio.wait([burying])
    scene.chat.slow = 0
    second = NotifyActivities(scene.harness.dependencies)._subscribers
    for _ in range(2):
        await second.bury(scene.task_id, OPS, "It is gone.")
    assert scene.chat.told() == 1
