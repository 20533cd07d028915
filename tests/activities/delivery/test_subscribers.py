"""Tasks of one platform report to channels of another."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import pytest
from temporalio.client import Client

from tests.receiver_harness import Heard
from tests.worker_harness import ANN, WRITE, Actor, Hesitating, WorkerHarness, agent, call, done, until
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.adapters.memory.chat import MemoryChat
from threadwork.adapters.memory.model import says
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.bot.dependencies import BotDependencies
from threadwork.bot.gateway import Gateway
from threadwork.bot.intake.worker import IntakeWorker, intake_running
from threadwork.workflows.agents import Access, AgentSpec, ApprovalPolicy
from threadwork.workflows.buttons import Click, Verb
from threadwork.workflows.errors import ModelError, SinkGone
from threadwork.workflows.inbound import MessageSource, Response
from threadwork.workflows.sinks import Sink
from threadwork.workflows.subscriptions import Subscription
from threadwork.workflows.values import LOCAL, Principal

HOME = Sink(platform="memory", workspace="T1", channel="C1")
OPS = Sink(platform="other", workspace="7", channel="ops")
EVE = Principal(platform="other", workspace="7", user_id="99", name="Eve")
AGENT = agent(approvals=ApprovalPolicy(approvers=("99",)))
_clicks = count(1)


class AppHarness:
    """Two platforms, the bot behind both, and the workers."""

    def __init__(
        self, temporal: Client, *script: Any, subscriptions: tuple[Subscription, ...] = (), agent: AgentSpec = AGENT
    ) -> None:
        self.other = MemoryChat()
        model = script[0] if hasattr(script[0], "stream") else list(script)
        tools = MemoryToolBox((WRITE, lambda arguments: "Written."))
        self.harness = WorkerHarness(temporal, model, tools=tools, agent=agent)
        catalog = MemoryCatalog(agent, subscriptions=subscriptions)
        self.harness.use(chats={"memory": self.harness.chat, "other": self.other}, catalog=catalog)
        self.store = self.harness.store
        self.intake_worker = IntakeWorker(
            self.store.intake, self.store.tasks, Gateway(temporal, self.harness.queue), "test"
        )
        ports = BotDependencies.on(
            self.store, catalog, self.harness.dependencies.bus, wake_intake=self.intake_worker.wake
        )
        self.listener = Heard(ports)

    @asynccontextmanager
    async def open(self) -> AsyncIterator["AppHarness"]:
        async with self.harness.workers(), intake_running(self.intake_worker):
            yield self

    async def start(self, goal: str = "Do it.", **order: Any) -> Actor:
        """As a person's command: written down, then taken up."""
        task = self.harness.actor(await self.harness.order(goal, **order))
        self.intake_worker.wake()
        await task.happened("workflow.started")
        return task

    async def says(self, text: str, sink: Sink = OPS, by: Principal = EVE) -> Response:
        origin = MessageSource(by=by, key=f"command-{next(_clicks)}", sink=sink)
        return await self.listener.command(origin, text)

    async def presses(self, verb: Verb, task_id: str, card: dict[str, Any], by: Principal = EVE) -> str:
        press = Click(verb=verb, task_id=task_id, about=card["approval_id"], detail=card["digest"])
        origin = MessageSource(by=by, key=f"click-{next(_clicks)}", sink=OPS)
        return (await self.listener.presses(origin, press)).text

    def told(self) -> list[Any]:
        """What the other platform shows, oldest first."""
        return [message.content for message in self.other.messages.values()]

    async def tells(self, number: int) -> Any:
        """Wait for so many cards there; the last of them."""
        await until(lambda: len(self.other.messages) >= number)
        return self.told()[number - 1]

    def own(self, key: str) -> Any:
        return next(m.content for m in self.harness.chat.messages.values() if m.content["key"] == key)


def of_file(**changes: Any) -> Subscription:
    return Subscription(**{"subscription_id": "file:1", "sink": OPS, "source": "file", "on": ("failed",), **changes})


WRITING = says("I will write it down.", call("notes__write", path="a.txt"))


async def test_an_approval_is_decided_from_another_platform_and_both_places_show_by_whom(temporal: Client) -> None:
    async with AppHarness(temporal, WRITING, done("Written.")).open() as app:
        await app.says("notify on approval completed")
        task = await app.start("Write it down.", by=ANN, sink=HOME)
        asked = await app.tells(1)
        root = next(m for m in app.harness.chat.messages.values() if m.content["kind"] == "status")
        assert (asked["kind"], asked["state"], asked["tool"]) == ("approval", "pending", "notes.write")
        assert (asked["context"]["goal"], asked["context"]["by"]["name"]) == ("Write it down.", "Ann")
        assert asked["context"]["thread"]["thread"] == root.message_id
        assert await app.presses("approve", task.task_id, asked, by=ANN) == "This is not yours to decide."
        told = "Allowed once: `Write (notes)` for “Write it down.”."
        assert await app.presses("approve", task.task_id, asked) == told
        await task.result()
    approval, completed = app.told()
    assert (approval["state"], approval["by"]["name"], approval["outcome"]) == ("approved", "Eve", "ok")
    own = app.own("approval:1")
    assert (own["state"], own["by"]["name"], own["context"]) == ("approved", "Eve", None)
    assert (completed["kind"], completed["about"]["text"]) == ("notification", "Written.")
    places = {(message.channel, message.thread) for message in app.other.messages.values()}
    assert places == {("ops", "")}, "each stands in the channel itself, so that people are notified"


async def test_a_failure_is_told_and_edited_when_the_task_goes_on(temporal: Client) -> None:
    app = AppHarness(temporal, ModelError("The key is wrong."), done("Better."), subscriptions=(of_file(),))
    async with app.open():
        task = await app.start(by=ANN, sink=HOME)
        await task.result()
        (failed,) = app.told()
        assert "The key is wrong." in failed["about"]["text"]
        assert not failed["about"]["went_on"]
        await task.reply("Try again.", by=ANN)
        await task.result()
    (failed,) = app.told()
    assert failed["about"]["went_on"]


async def test_who_subscribed_all_agents_is_not_told_of_one_that_is_closed_to_them(temporal: Client) -> None:
    closed = AGENT.model_copy(update={"access": Access(run=(LOCAL.user_id,))})
    app = AppHarness(temporal, done("Ready."), agent=closed)
    everything = of_file(subscription_id="s1", source="chat", on=("everything",), by=EVE)
    await app.store.subscriptions.put(everything)
    async with app.open():
        await (await app.start(sink=HOME)).result()
    assert app.told() == []


async def test_a_task_without_a_thread_of_its_own_is_told_too(temporal: Client) -> None:
    async with AppHarness(temporal, done("Ready."), subscriptions=(of_file(on=("everything",)),)).open() as app:
        task = await app.start(by=LOCAL)
        await task.result()
    (completed,) = app.told()
    assert (completed["about"]["text"], completed["context"]["thread"]) == ("Ready.", None)


async def test_only_the_kinds_and_agents_that_were_asked_for_are_told(temporal: Client) -> None:
    rules = (of_file(), of_file(subscription_id="file:2", on=("completed",), agents=("other",)))
    async with AppHarness(temporal, done("Ready."), subscriptions=rules).open() as app:
        await (await app.start(sink=HOME)).result()
    assert app.told() == []


async def test_a_channel_that_is_subscribed_later_is_told_of_what_comes(temporal: Client) -> None:
    app = AppHarness(temporal, done("First."), done("Second."))
    async with app.open():
        task = await app.start(sink=HOME)
        await task.result()
        await app.says("notify on completed")
        await task.reply("Again.")
        await task.result()
    *_, second = app.told()
    assert second["about"]["text"] == "Second."


async def test_a_channel_that_is_subscribed_while_a_task_works_is_told_of_it(temporal: Client) -> None:
    model = Hesitating("Well … ", [done("Ready.")])
    app = AppHarness(temporal, model, subscriptions=(of_file(),))
    async with app.open():
        task = await app.start(sink=HOME)
        await until(lambda: app.harness.chat.messages)
        await app.says("notify on completed")
        await has_left_its_view(app, task)  # for one that tells that channel too
        model.told.set()
        await task.result()
    (completed,) = app.told()
    assert completed["about"]["text"] == "Ready."


class Slow(MemoryChat):
    """Takes no message before it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.goes_on = asyncio.Event()

    async def post(self, sink: Sink, part: Any, mark: str) -> str:
        await self.goes_on.wait()
        return await super().post(sink, part, mark)


async def test_a_slow_platform_holds_up_no_other(temporal: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("threadwork.activities.delivery.rate_limited_calls.CALL_TIMEOUT", 100.0)
    app = AppHarness(temporal, WRITING, done("Written."), subscriptions=(of_file(on=("approval", "completed")),))
    app.other = slow = Slow()
    app.harness.use(chats={"memory": app.harness.chat, "other": app.other})
    async with app.open():
        task = await app.start("Write it down.", by=ANN, sink=HOME)
        await until(lambda: [m for m in app.harness.chat.messages.values() if m.content["kind"] == "approval"])
        own = app.own("approval:1")
        await app.presses("approve", task.task_id, own)
        await until(lambda: app.own("approval:1")["outcome"] == "ok")
        assert app.told() == []
        slow.goes_on.set()
        await task.result()
    approval, completed = app.told()
    assert (approval["state"], completed["about"]["text"]) == ("approved", "Written.")


async def test_what_a_channel_was_told_stays_true_after_it_is_told_nothing_new(temporal: Client) -> None:
    async with AppHarness(temporal, WRITING, done("Written.")).open() as app:
        await app.says("notify on everything")
        task = await app.start(sink=HOME)
        asked = await app.tells(1)
        off = await app.says("notify off")
        assert off.text == "This channel gets no more updates on new tasks."
        await task.stop()
        await task.result()
        await task.reply("Again.")
        await app.presses("approve", task.task_id, asked)
        await task.result()
    (approval,) = [card for card in app.told() if card["kind"] == "approval"]
    assert approval["state"] == "superseded"


async def test_a_dead_channel_unsubscribes_itself_and_says_so(temporal: Client) -> None:
    app = AppHarness(
        temporal, done("First."), done("Second."), done("Third."), subscriptions=(of_file(on=("completed",)),)
    )
    await app.store.subscriptions.put(of_file(subscription_id="s1", source="chat", on=("completed",), by=EVE))
    app.other.gone.add("ops")
    async with app.open():
        first = await app.start(sink=HOME)
        assert (await first.result())["answer"] == "First."
        failed = [event for event in await first.events() if event.type == "sink.failed"]
        assert [event.data["sink"] for event in failed] == ["other:7/ops"]
        notice = next(m.content for m in app.harness.chat.messages.values() if m.content["kind"] == "notice")
        assert notice["text"] == "Updates to other:7/ops have stopped: The channel ops is gone."
        listed = (await app.says("notify list")).text
        assert listed.count("has stopped: The channel ops is gone.") == 2
        app.other.gone.clear()
        second = await app.start(sink=HOME)
        await second.result()
        (told,) = app.other.messages.values()
        assert (told.channel, str(told.content["text"]).count("The channel ops is gone.")) == (EVE.user_id, 1)
        assert "sink.failed" not in await second.types()
        await app.says("notify on completed")
        await (await app.start(sink=HOME)).result()
    _, third = app.told()
    assert third["about"]["text"] == "Third."


class DiesSlowly(MemoryChat):
    """Says that it was asked, and that its channel is gone when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.answers = asyncio.Event(), asyncio.Event()

    async def post(self, sink: Sink, part: Any, mark: str) -> str:
        self.asked.set()
        await self.answers.wait()
        raise SinkGone("The channel is gone.")


async def test_a_channel_that_dies_while_its_follower_leaves_is_told_of(
    temporal: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It leaves as another channel is subscribed. One that stayed until the task is quiet would tell of it too, so that
    comes after the test."""
    monkeypatch.setattr("threadwork.activities.delivery.follower.IDLE_TIMEOUT", 600.0)
    monkeypatch.setattr("threadwork.activities.delivery.rate_limited_calls.CALL_TIMEOUT", 60.0)
    app = AppHarness(temporal, WRITING, done("Written."), subscriptions=(of_file(on=("approval",)),))
    other = DiesSlowly()
    app.harness.use(chats={"memory": app.harness.chat, "other": other})
    async with app.open():
        task = await app.start("Write it down.", by=ANN, sink=HOME)
        await asyncio.wait_for(other.asked.wait(), 30)
        await app.says("notify on completed", sink=HOME.model_copy(update={"channel": "C2"}))
        await has_left_its_view(app, task)
        other.answers.set()
        failed = await task.happened("sink.failed")
    assert failed.data["sink"] == "other:7/ops"


async def has_left_its_view(app: AppHarness, task: Actor) -> None:
    """The follower leaves: it stores a short task's view then and not before."""
    async with asyncio.timeout(30):
        while await app.store.views.load(task.task_id) is None:
            await asyncio.sleep(0.02)


async def test_a_channel_that_is_subscribed_again_is_told_of_tasks_that_saw_it_dead(temporal: Client) -> None:
    async with AppHarness(temporal, done("First."), done("Second."), done("Third.")).open() as app:
        app.other.gone.add("ops")
        await app.says("notify on completed")
        task = await app.start(sink=HOME)
        await task.result()
        assert "sink.failed" in await task.types()
        app.other.gone.clear()
        await app.says("notify on completed")
        await task.reply("Again.")
        await task.result()
        *_, told = app.told()
        assert told["about"]["text"] == "Second."
        await app.says("notify off")
        await task.reply("Once more.")
        await task.result()
        assert app.told()[-1]["about"] == {**told["about"], "went_on": True}


async def test_a_platform_that_this_worker_does_not_reach_is_no_dead_channel(temporal: Client) -> None:
    rule = of_file(sink=Sink(platform="elsewhere", channel="C9"), on=("completed",))
    async with AppHarness(temporal, done("Ready."), subscriptions=(rule,)).open() as app:
        task = await app.start(sink=HOME)
        await task.result()
    assert "sink.failed" in await task.types()
    assert await app.store.subscriptions.all() == []


class LosesAnswers(MemoryChat):
    """Every first answer is lost after the message was delivered."""

    def __init__(self) -> None:
        super().__init__()
        self.lost: set[str] = set()

    async def post(self, sink: Sink, part: Any, mark: str) -> str:
        message_id = await super().post(sink, part, mark)
        if mark not in self.lost:
            self.lost.add(mark)
            raise TimeoutError
        return message_id


async def test_a_notification_whose_answer_was_lost_is_there_once(temporal: Client) -> None:
    app = AppHarness(temporal, done("Ready."), subscriptions=(of_file(on=("completed",)),))
    app.other = LosesAnswers()
    app.harness.use(chats={"memory": app.harness.chat, "other": app.other})
    async with app.open():
        task = await app.start(sink=HOME)
        await asyncio.wait_for(task.result(), 60)
    assert [card["about"]["text"] for card in app.told()] == ["Ready."]
