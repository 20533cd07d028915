"""Which followers leave when channels are subscribed: those whose tasks are reported to other places by now.

Of a change that concerns one of many, others send all away at once (Unitech/pm2#5197: everybody comes back at once)."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from tests.worker_harness import ANN, WorkerHarness
from threadwork.activities.delivery import subscribers
from threadwork.activities.delivery.notifier import NotifyActivities
from threadwork.adapters.memory.chat import MemoryChat
from threadwork.workflows.errors import ChatUnavailable
from threadwork.workflows.events import Event, WorkflowFailed, WorkflowStarted
from threadwork.workflows.messages import BeginRunRequest, EventBatch, NotifyRequest, NotifyResult
from threadwork.workflows.sinks import ChannelKind, Sink
from threadwork.workflows.subscriptions import DUE, Subscription
from threadwork.workflows.values import Principal, Status

BOB = Principal(platform="memory", workspace="T1", user_id="bob", name="Bob")
OPS = Sink(platform="memory", workspace="T1", channel="ops")


class Scene:
    """One worker, whose followers follow what is told here."""

    def __init__(self, **ports: Any) -> None:
        nobody: Any = None  # no run is under way
        self.harness = WorkerHarness(nobody, [], **ports)
        self.notify = NotifyActivities(self.harness.dependencies)
        self.following: dict[str, asyncio.Task[NotifyResult]] = {}

    async def follow(self, number: int, by: Principal = ANN, failed: bool = False) -> str:
        sink = Sink(platform="memory", workspace="T1", channel=f"C{number}")
        task_id = await self.harness.order(by=by, sink=sink)
        begun = BeginRunRequest(task_id=task_id, chain_id="c", chain_started_at=datetime.now(UTC))
        epoch = (await self.harness.store.runs.begin(begun)).epoch
        facts = {"goal": "Do it.", "goal_ref": "goal", "agent": "default", "model": "demo/scripted"}
        payloads: list[Any] = [WorkflowStarted(**facts, by=by, max_iterations=50)]
        payloads += [WorkflowFailed(error="The key is wrong.")] if failed else []
        events = tuple(
            Event(
                task_id=task_id, seq=n, type=p.type, at=datetime.now(UTC), iteration=1, data=p.model_dump(mode="json")
            )
            for n, p in enumerate(payloads, start=1)
        )
        batch = EventBatch(task_id=task_id, epoch=epoch, status=Status.RUNNING, events=events)
        await self.harness.store.events.append(batch)
        request = NotifyRequest(task_id=task_id, epoch=epoch, last_seq=len(events))
        self.following[task_id] = asyncio.create_task(
            ActivityEnvironment().run(self.notify.notify_thread_activity, request)
        )
        return task_id

    async def shown(self, number: int) -> None:
        async with asyncio.timeout(20):
            while len(self.harness.chat.messages) < number:
                await asyncio.sleep(0.02)

    async def gone(self) -> set[str]:
        """Who has left after a look, some time later than all would have, had they been told to."""
        await self.notify._followed.look()
        outdated = {one.task_id for one in self.notify._followed._followed if one.is_outdated}
        for task_id in outdated:
            result = await asyncio.wait_for(self.following[task_id], 20)
            assert result.undelivered > 0, "whoever is sent away is asked for again"
        return outdated

    async def close(self) -> None:
        for one in self.following.values():
            one.cancel()
        await asyncio.wait(self.following.values())


def subscription(**changes: Any) -> Subscription:
    return Subscription(**{"subscription_id": "s1", "sink": OPS, "on": ("failed",), "by": BOB, **changes})


async def test_of_fifty_followers_the_one_whose_task_is_subscribed_leaves() -> None:
    scene = Scene()
    tasks = [await scene.follow(number, by=BOB if number == 7 else ANN) for number in range(50)]
    await scene.shown(50)
    subscriptions = scene.harness.store.subscriptions
    await subscriptions.put(subscription(requesters=("bob",)))
    assert await scene.gone() == {tasks[7]}
    scene.following[tasks[7]] = asyncio.create_task(asyncio.sleep(0))  # type: ignore[arg-type]
    await subscriptions.put(subscription(subscription_id="s2", channels=("C9",)))
    assert await scene.gone() == {tasks[9]}
    assert sum(one.done() for one in scene.following.values()) == 2
    await scene.close()


async def test_a_follower_leaves_when_its_channel_is_unsubscribed_or_told_of_other_things() -> None:
    scene = Scene()
    subscriptions = scene.harness.store.subscriptions
    for number in range(4):
        await subscriptions.put(subscription(subscription_id=f"s{number}", channels=(f"C{number}",), notice=DUE))
    tasks = [await scene.follow(number) for number in range(4)]
    await scene.shown(4)
    await subscriptions.remove("s1")
    await subscriptions.put(subscription(subscription_id="s2", channels=("C2",), on=("completed",)))
    await subscriptions.put(subscription(subscription_id="s3", channels=("C3",), notice=tasks[3]))  # told of less
    assert await scene.gone() == {tasks[1], tasks[2]}
    await scene.close()


class Silent:
    """A platform that does not say who may read a channel."""

    async def kind(self, sink: Sink) -> ChannelKind:
        raise ChatUnavailable("Ill.")

    async def speaks(self, user_id: str, sink: Sink) -> bool:
        raise ChatUnavailable("Ill.")

    async def is_only_home(self, sink: Sink) -> bool:
        raise ChatUnavailable("Ill.")


async def test_who_was_not_sure_of_a_channel_asks_again_and_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscribers, "SHORTEST", 0.0)
    other = MemoryChat()
    scene = Scene(channels=Silent(), chats={"other": other})
    scene.harness.use(chats={"memory": scene.harness.chat, "other": other})
    scene.notify = NotifyActivities(scene.harness.dependencies)
    there = Sink(platform="other", workspace="7", channel="ops")
    await scene.harness.store.subscriptions.put(subscription(sink=there))
    tasks = [await scene.follow(number, failed=number == 1) for number in range(3)]
    await scene.shown(3)
    async with asyncio.timeout(20):
        while not scene.notify._subscribers._unsure:
            await asyncio.sleep(0.02)
    assert await scene.gone() == {tasks[1]}
    await scene.close()
