"""A task's thread on a fake platform, delivered by workers that are killed, frozen out and disturbed."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from tests.adapters.ports.delivery_grounds import Ground
from tests.adapters.ports.delivery_rounds import LOOKS, NOTES, PICTURE, Round, head
from tests.sample_files import image
from threadwork.activities.delivery import delivery_record
from threadwork.activities.delivery.delivery_record import CHECKS
from threadwork.activities.delivery.sink_delivery import SinkDelivery
from threadwork.adapters.discord import chat as discord_chat
from threadwork.adapters.memory.store import MemoryStore
from threadwork.workflows import crash_points
from threadwork.workflows.calls import file_messages
from threadwork.workflows.cards import Card, StatusCard, ThreadView
from threadwork.workflows.files import GivenFile
from threadwork.workflows.sinks import Bucket, Delivery, Part
from threadwork.workflows.tasks import Command, RunOrder, TaskOrder
from threadwork.workflows.values import LOCAL

AT_ONCE = timedelta()
SAME_CLOCK = timedelta(milliseconds=2)  # by which a platform's moments may be rounded
LEASED_FOR = timedelta(seconds=60)  # more than a lease lasts
NOTHING = Part(content={})
FILES = [
    GivenFile(name=PICTURE.name, media_type=PICTURE.media_type, content=image()),
    GivenFile(name=NOTES.name, media_type=NOTES.media_type, content=b"a,b\n1,2\n3,4\n"),
]


class Killed(BaseException):
    """In place of SIGKILL: no `except` of ours goes on after it."""


class NoLimits:
    async def take(self, buckets: list[Bucket], urgent: bool) -> float:
        return 0

    async def hold(self, bucket: Bucket, seconds: float) -> None: ...


class Stage:
    """Calls that were left in doubt are looked into at once, where a worker would wait until they cannot be under way
    any more: so the calls of two workers meet, and what was a doubt for hours is one for a pass."""

    def __init__(self, opened: Callable[[], Ground]) -> None:
        """`opened`: the platform, as a process of its own sees it."""
        self._opened = opened
        self._ahead = timedelta()
        self.store = MemoryStore(lambda: datetime.now(UTC) + self._ahead)
        self._record = self.store.deliveries.write
        self.store.deliveries.write = self._recorded  # type: ignore[method-assign]
        self._kill: tuple[str, int] | None = None
        self._reached: Counter[str] = Counter()
        self.grounds: list[Ground] = []
        self.cards: dict[str, tuple[int, Card]] = {}  # by name: which look it has
        self.status = StatusCard()
        self.task_id = ""
        self.disturbed = 0  # times that a call may have to be made once more
        self.gone: dict[str, Part] = {}  # what a person deleted, by mark
        self.marks: set[str] = set()
        self.order: list[str] = []  # marks of the parts there are, as they came
        self._drawn: dict[Card, list[Part]] = {}
        self._seq = 0

    @contextmanager
    def lit(self) -> Iterator["Stage"]:
        with (
            patch.object(crash_points, "reached", self._reach),
            patch.object(delivery_record, "CALL_TIMEOUT", 0.0),
            patch.object(delivery_record, "RECHECK", AT_ONCE),
            patch.object(discord_chat, "EARLIER", SAME_CLOCK),
        ):
            yield self

    # --- who delivers ---

    async def begin(self) -> None:
        self.ground = self._process()
        order = RunOrder(order=TaskOrder(goal="Do it.", by=LOCAL, sink=self.ground.sink))
        command = Command(platform="test", platform_id="1", by=LOCAL, action=order)
        self.task_id = (await self.store.intake.store(command)).task_id
        for message in file_messages((PICTURE, NOTES), FILES):
            await self.store.transcript.put(self.task_id, message)
        self.delivery = self._worker(self.ground)

    def _process(self) -> Ground:
        ground = self._opened()
        ground.chat.render = self._rendered(ground.chat.render)  # type: ignore[method-assign, assignment]
        self.grounds.append(ground)
        return ground

    def _rendered(self, render: Callable[[str, Card], list[Part]]) -> Callable[[str, Card], list[Part]]:
        """Each card once: it is a pure function of it, and most of what a story costs."""

        def remembered(task_id: str, card: Card) -> list[Part]:
            known = self._drawn.get(card)
            if known is None:
                known = self._drawn[card] = render(task_id, card)
            return known

        return remembered

    def _worker(self, ground: Ground) -> SinkDelivery:
        ports: Any = SimpleNamespace(
            deliveries=self.store.deliveries,
            doubts=self.store.doubts,
            leases=self.store.leases,
            rates=NoLimits(),
            tasks=self.store.tasks,
            transcript=self.store.transcript,
            chats={ground.sink.platform: ground.chat},
        )
        return SinkDelivery(ports, self.task_id, ground.sink)

    def _next(self) -> SinkDelivery:
        """Another process, once the lease has run out."""
        self._ahead += LEASED_FOR
        self.ground = self._process()
        self.delivery = self._worker(self.ground)
        return self.delivery

    async def close(self) -> None:
        for ground in self.grounds:
            await ground.close()

    # --- what happens ---

    async def play(self, step: Round) -> None:
        self.disturbed += step.disturbances
        if step.deleted is not None:
            await self._delete(step.deleted)
        self._news(step)
        self._arm(step)
        view = self.view()
        if step.by == "the same":
            await self._survive(self.delivery, view)
        else:
            before, after = self.delivery, self._next()
            self.disturbed += len(self.parts())
            await asyncio.gather(self._survive(before, view), self._survive(after, view))

    async def _survive(self, delivery: SinkDelivery, view: ThreadView) -> None:
        try:
            await shown(delivery, view)
        except Killed:
            if delivery is self.delivery:
                self._next()

    async def _delete(self, which: int) -> None:
        """The root stays: a thread without one is a story of its own."""
        standing = [one for one in self.ground.standing() if one.root]
        if standing:
            card = standing[which % len(standing)]
            await self.ground.removed(card.message_id)
            self.gone[card.mark] = self.parts().get(card.mark, NOTHING)
            self.disturbed += 1

    def _news(self, step: Round) -> None:
        self._seq += 1
        self.status = head(step)
        for name in step.looks:
            look, _ = self.cards.get(name, (-1, None))
            look = (look + 1) % len(LOOKS[name])
            self.cards[name] = (look, LOOKS[name][look])
        wanted = [*self.parts()]
        self.marks.update(wanted)
        kept = [mark for mark in self.order if mark in wanted]
        self.order = [*kept, *(mark for mark in wanted if mark not in kept)]

    def _arm(self, step: Round) -> None:
        self._kill, self._reached = step.killed, Counter()
        self.ground.struck(*(trouble.fault for trouble in step.troubles))
        self.ground.takes_plans(step.takes_plans)

    def _reach(self, point: str) -> None:
        self._reached[point] += 1
        if self._kill == (point, self._reached[point]):
            self._kill = None
            raise Killed

    async def _recorded(self, delivery: Delivery, check_at: datetime | None = None) -> bool:
        written = await self._record(delivery, check_at)
        self._reach("part_recorded")
        return written

    async def settle(self) -> None:
        """Nobody disturbs any more, and whoever sweeps up has come by often enough."""
        self._kill = None
        self.ground.struck()
        self._ahead += LEASED_FOR  # where the other of two has the lease, it is gone by now
        for _ in range(4 * CHECKS):
            self.delivery.recheck()
            await shown(self.delivery, self.view())
            await shown(self.delivery, self.view())  # of what a person deleted the first learns, the second posts it
            if not self.delivery.undelivered and not await self._doubts():
                return
        raise AssertionError(f"{self.delivery.undelivered} parts are undelivered, in doubt: {await self._doubts()}")

    async def _doubts(self) -> list[Any]:
        return list(await self.store.doubts.open(self.task_id, self.ground.sink.key))

    async def show(self) -> None:
        """Once more, though there is no news."""
        await shown(self.delivery, self.view())

    # --- what is seen ---

    def view(self) -> ThreadView:
        cards = tuple(card for _, card in self.cards.values())
        return ThreadView(task_id=self.task_id, seq=self._seq, status=self.status, cards=cards)

    @property
    def most_posts(self) -> int:
        """Calls: one for each part there ever was, and one for each time that something went wrong."""
        return len(self.marks) + self.disturbed

    def parts(self) -> dict[str, Part]:
        """Every part of every card, in order, by mark."""
        drawn = ((card.key, self.ground.chat.render(self.task_id, card)) for card in (self.status, *self.view().cards))
        return {f"{self.task_id}/{key}/{n}": part for key, parts in drawn for n, part in enumerate(parts)}

    def may_be_missing(self) -> set[str]:
        """What a person deleted is posted again when it changes: until then nobody asks after it."""
        now = self.parts()
        return {mark for mark, part in self.gone.items() if now.get(mark) == part}


async def shown(delivery: SinkDelivery, view: ThreadView) -> None:
    """Without waiting its turn."""
    delivery._due = delivery._edit_at = 0.0
    await delivery.show(view)
