"""Calls to a platform that take effect when nobody expects them any more, and what is left of them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from tests.sqlite_file import migrated
from tests.worker_harness import WorkerHarness
from threadwork.activities.delivery.delivery_record import CHECKS
from threadwork.activities.delivery.notifier import NotifyActivities
from threadwork.activities.delivery.rate_limited_calls import CALL_TIMEOUT
from threadwork.activities.delivery.sink_delivery import SinkDelivery
from threadwork.adapters.memory.chat import MemoryChat
from threadwork.adapters.memory.store import MemoryStore
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.store import SqlStore
from threadwork.workflows.cards import Card, NoticeCard, StatusCard, ThreadView
from threadwork.workflows.errors import ChatUnavailable
from threadwork.workflows.sinks import Part, Sink
from threadwork.workflows.values import Status

CALL_TIME = timedelta(seconds=CALL_TIMEOUT)
HERE = Sink(platform="memory", channel="1", thread="t")
THERE = Sink(platform="memory", channel="2", thread="t")


class Slow(MemoryChat):
    """A platform whose answers are lost while it is `away`; what it was sent takes effect when it `lands`."""

    def __init__(self) -> None:
        super().__init__()
        self.away = False
        self.held: list[Any] = []
        self.looks = 0
        self.parts = 1

    def render(self, task_id: str, card: Card) -> list[Part]:
        (part,) = super().render(task_id, card)
        return [part.model_copy(update={"content": {**part.content, "n": n}}) for n in range(self.parts)]

    async def post(self, sink: Sink, part: Part, mark: str) -> str:
        if not self.away:
            return await super().post(sink, part, mark)
        self.held.append(lambda: MemoryChat.post(self, sink, part, mark))
        raise ChatUnavailable("No answer.")

    async def edit(self, sink: Sink, message_id: str, part: Part, mark: str) -> None:
        if not self.away:
            return await super().edit(sink, message_id, part, mark)
        self.held.append(lambda: MemoryChat.edit(self, sink, message_id, part, mark))
        raise ChatUnavailable("No answer.")

    async def find(self, sink: Sink, since: datetime) -> Any:
        self.looks += 1
        return await super().find(sink, since)

    async def land(self) -> None:
        for call in self.held:
            await call()
        self.held.clear()

    def stands(self, channel: str = "1") -> list[str]:
        return [m.mark.split("/", 1)[1] for m in self.messages.values() if m.channel == channel]

    def goals(self) -> list[Any]:
        return [m.content["goal"] for m in self.messages.values() if m.mark.endswith("/status/0")]


class Ahead:
    """A clock that a test puts forward: that of the store, or what the delivery takes for `datetime`."""

    def __init__(self) -> None:
        self.by = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.by

    def now(self, _: Any) -> datetime:
        return self()


class Scene:
    """A task, its sink_deliveries, and a platform that loses answers."""

    def __init__(self, harness: WorkerHarness, chat: Slow, clock: Ahead, checks: Ahead, task_id: str) -> None:
        """`clock`: of leases. `checks`: of when a doubt is looked into."""
        self.harness, self.chat, self.clock, self.checks, self.task_id = harness, chat, clock, checks, task_id
        self.store = harness.store
        self._seq = 0

    def sink_delivery(self, sink: Sink = HERE) -> SinkDelivery:
        return SinkDelivery(self.harness.dependencies, self.task_id, sink)

    async def show(
        self, sink_delivery: SinkDelivery, goal: str = "Do it.", status: Status = Status.RUNNING, *more: Card
    ) -> None:
        """Whatever it waits for; each state of the status card is shown as soon as it is new."""
        self._seq += 1
        card = StatusCard(goal=goal, status=status)
        sink_delivery._due = sink_delivery._edit_at = 0.0
        await sink_delivery.show(ThreadView(task_id=self.task_id, seq=self._seq, status=card, cards=more))

    async def lost(self, sink_delivery: SinkDelivery, *more: Card) -> None:
        """A call of which nobody knows whether it was taken."""
        self.chat.away = True
        await self.show(sink_delivery, "Do it, whoever hears this.", Status.RUNNING, *more)
        self.chat.away = False

    async def wait_out(self, sink: Sink = HERE) -> bool:
        """Until every doubt of the sink is due. False: there is none."""
        doubts = await self.store.doubts.open(self.task_id, sink.key)
        waits = [doubt.check_at - self.checks() for doubt in doubts]
        self.checks.by += max([timedelta(), *waits])
        return bool(doubts)

    async def settle(self, sink_delivery: SinkDelivery, goal: str = "Do it.") -> None:
        """As the sweeper does it, until nothing is left to be looked into."""
        for _ in range(CHECKS + 1):
            if not await self.wait_out(sink_delivery.sink):
                return
            sink_delivery.recheck()
            await self.show(sink_delivery, goal)
        raise AssertionError("something is still in doubt")


@pytest.fixture(params=["memory", "sqlite"])
async def scene(
    request: pytest.FixtureRequest, temporal: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Scene]:
    chat, clock, checks, database = Slow(), Ahead(), Ahead(), None
    monkeypatch.setattr("threadwork.activities.delivery.delivery_record.datetime", checks)
    monkeypatch.setattr("threadwork.activities.delivery.reconciler.datetime", checks)
    store: Any = MemoryStore(clock)
    if request.param == "sqlite":
        database = Database(migrated(tmp_path / "doubts.db"))
        store = SqlStore(database, clock)
    harness = WorkerHarness(temporal, [], store=store, chats={"memory": chat})
    yield Scene(harness, chat, clock, checks, await harness.order(sink=HERE))
    if database:
        await database.close()


# --- a post that lands late -------------------------------------------------------------------------------


async def test_a_post_that_lands_late_is_deleted_though_the_sink_was_looked_into_meanwhile(scene: Scene) -> None:
    sink_delivery = scene.sink_delivery()
    await scene.lost(sink_delivery)
    sink_delivery.recheck()  # of another card, say
    await scene.show(sink_delivery)
    await scene.chat.land()
    assert scene.chat.stands() == ["status/0"] * 2
    await scene.settle(sink_delivery)
    assert scene.chat.stands() == ["status/0"]


async def test_a_post_that_lands_late_is_deleted_by_who_knows_of_it_from_the_database_alone(scene: Scene) -> None:
    sink_delivery = scene.sink_delivery()
    await scene.lost(sink_delivery)
    sink_delivery._reconciler = None  # under the same lease
    await scene.show(sink_delivery)
    await scene.chat.land()
    await scene.settle(sink_delivery)
    assert scene.chat.stands() == ["status/0"]


async def test_a_post_that_lands_late_is_deleted_though_the_card_was_edited_meanwhile(scene: Scene) -> None:
    sink_delivery = scene.sink_delivery()
    await scene.lost(sink_delivery)
    await scene.show(sink_delivery)
    await scene.show(sink_delivery, "Do it better.", Status.PAUSED)
    await scene.chat.land()
    await scene.settle(sink_delivery, "Do it better.")
    assert scene.chat.stands() == ["status/0"]
    assert scene.chat.goals() == ["Do it better."]


async def test_a_post_that_lands_after_the_first_look_at_it_is_deleted_by_a_later_one(scene: Scene) -> None:
    sink_delivery = scene.sink_delivery()
    await scene.lost(sink_delivery)
    await scene.show(sink_delivery)
    assert await scene.wait_out()
    sink_delivery.recheck()
    await scene.show(sink_delivery)
    await scene.chat.land()
    await scene.settle(sink_delivery)
    assert scene.chat.stands() == ["status/0"]


async def test_a_late_post_is_deleted_by_whoever_has_the_lease_by_then(scene: Scene) -> None:
    first = scene.sink_delivery()
    await scene.lost(first)
    first.recheck()
    await scene.show(first)
    await first.close()
    second = scene.sink_delivery()
    scene.checks.by += CALL_TIME
    await scene.show(second, "Do it well.")
    await second.close()
    await scene.chat.land()
    third = scene.sink_delivery()
    await scene.settle(third, "Do it well.")
    assert scene.chat.stands() == ["status/0"]


async def test_a_late_post_of_a_process_that_died_is_deleted_by_the_next(scene: Scene) -> None:
    await scene.lost(scene.sink_delivery())
    scene.clock.by = timedelta(seconds=60)  # its lease has run out
    scene.checks.by += CALL_TIME
    sink_delivery = scene.sink_delivery()
    await scene.show(sink_delivery)
    sink_delivery.recheck()
    await scene.show(sink_delivery, "Do it well.", Status.PAUSED)
    await scene.chat.land()
    await scene.settle(sink_delivery, "Do it well.")
    assert scene.chat.stands() == ["status/0"]


async def test_what_was_lost_in_one_sink_is_not_forgotten_over_a_look_into_the_other(scene: Scene) -> None:
    here, there = scene.sink_delivery(HERE), scene.sink_delivery(THERE)
    for sink_delivery in (here, there):
        await scene.lost(sink_delivery)
    here.recheck()
    for sink_delivery in (here, there):
        await scene.show(sink_delivery)
    await scene.chat.land()
    for sink_delivery in (there, here):
        await scene.settle(sink_delivery)
    assert (scene.chat.stands("1"), scene.chat.stands("2")) == (["status/0"], ["status/0"])


# --- an edit that lands late ------------------------------------------------------------------------------


async def test_an_edit_that_lands_late_does_not_stay_though_the_sink_was_looked_into_meanwhile(scene: Scene) -> None:
    sink_delivery = scene.sink_delivery()
    await scene.show(sink_delivery)
    await scene.lost(sink_delivery)
    sink_delivery.recheck()
    await scene.show(sink_delivery, "Do it well.", Status.PAUSED)
    await scene.chat.land()
    assert scene.chat.goals() == ["Do it, whoever hears this."]
    await scene.settle(sink_delivery, "Do it well.")
    assert scene.chat.goals() == ["Do it well."]


# --- what no look can settle ------------------------------------------------------------------------------


async def test_a_late_part_that_the_card_no_longer_has_is_deleted(scene: Scene) -> None:
    sink_delivery = scene.sink_delivery()
    await scene.show(sink_delivery)
    scene.chat.parts = 2
    await scene.lost(sink_delivery)
    scene.chat.parts = 1
    await scene.show(sink_delivery, "Do it well.", Status.PAUSED)
    await scene.chat.land()
    await scene.settle(sink_delivery, "Do it well.")
    assert scene.chat.stands() == ["status/0"]


async def test_doubts_about_a_card_that_is_no_more_and_of_a_dead_sink_end(scene: Scene) -> None:
    sink_delivery = scene.sink_delivery()
    await scene.lost(sink_delivery, NoticeCard(key="notice:1", text="A notice."))
    await scene.settle(sink_delivery)
    await scene.lost(sink_delivery)
    scene.chat.gone.add("1")
    await scene.show(sink_delivery, "Do it well.", Status.PAUSED)
    assert sink_delivery.failure
    await sink_delivery.close()
    await scene.settle(scene.sink_delivery())


async def test_a_post_that_was_refused_for_certain_leaves_no_doubt_behind(scene: Scene) -> None:
    sink_delivery, chat = scene.sink_delivery(), scene.chat
    post, refusals = chat.post, [ChatUnavailable("Too many.", retry_after=0.01)]

    async def refusing(sink: Sink, part: Part, mark: str) -> str:
        if refusals:
            raise refusals.pop()
        return await post(sink, part, mark)

    chat.post = refusing  # type: ignore[method-assign]
    await scene.show(sink_delivery)
    sink_delivery.recheck()
    await scene.show(sink_delivery)
    assert chat.stands() == ["status/0"]
    assert (await scene.store.doubts.open(scene.task_id, HERE.key), chat.looks) == ([], 0)


async def test_the_sweeper_finds_the_late_post_of_a_task_that_nobody_follows(scene: Scene) -> None:
    sink_delivery = scene.sink_delivery()
    await scene.lost(sink_delivery)
    sink_delivery.recheck()
    await scene.show(sink_delivery)
    await scene.chat.land()
    await sink_delivery.close()
    notifier = NotifyActivities(scene.harness.dependencies)
    while len(scene.chat.stands()) > 1:
        assert await scene.wait_out(), "all was looked into, and the double stands"
        for task_id, sink in await scene.store.doubts.due(scene.checks(), limit=20):
            await notifier._look_into(task_id, sink)
    assert scene.chat.stands() == ["status/0"]
