"""Watching many tasks from one process: woken by a hint, else by the next look, which is one query for all of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Protocol

import structlog

from threadwork.activities.ports import EventBus, EventLog
from threadwork.workflows.events import Hint

LOOK_INTERVAL = 1.0  # seconds between looks at the database, hints or not
LISTEN_PAUSE = 2.0  # seconds before a bus that went away is listened to again

_log = structlog.get_logger(__name__)


class Hears(Protocol):
    """Who is told what is said of a task."""

    def hear(self, hint: Hint) -> None:
        """An empty hint: from here on nothing is missed, but something may have been before."""


class Watches(Hears, Protocol):
    """Who is told of looks too."""

    def look(self, head: int | None) -> None:
        """The task's last event has that number, 0 without any. None: the database did not say."""


class Watcher:
    """Tells whoever watches a task that it has news. What hints miss the next look finds; the bus may come and go."""

    def __init__(self, events: EventLog, bus: EventBus, look: float = LOOK_INTERVAL) -> None:
        self._events = events
        self._bus = bus
        self._look = look
        self._watches: dict[str, set[Watches]] = {}
        self._poller: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def watching(self, task_id: str, watch: Watches) -> AsyncIterator[None]:
        """The watch hears hints, and is told of looks, for as long as the block lasts."""
        self._watches.setdefault(task_id, set()).add(watch)
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll())
        try:
            async with hearing(self._bus, task_id, watch):
                yield
        finally:
            self._watches[task_id].discard(watch)
            if not self._watches[task_id]:
                del self._watches[task_id]

    async def _poll(self) -> None:
        """Until nobody watches any more."""
        while True:
            await asyncio.sleep(self._look)
            if not self._watches:
                return
            heads = await self._heads()
            for task_id, watches in self._watches.items():
                for watch in watches:
                    watch.look(heads.get(task_id, 0) if heads is not None else None)

    async def _heads(self) -> dict[str, int] | None:
        try:
            return await self._events.heads(sorted(self._watches))
        except Exception as error:
            _log.warning("heads_not_read", error=type(error).__name__)
            return None


@asynccontextmanager
async def hearing(bus: EventBus, task_id: str, who: Hears) -> AsyncIterator[None]:
    """Hints of one task without any looks. They may be missing, and are back when the bus is."""
    listening = asyncio.create_task(_listen(bus, task_id, who))
    try:
        yield
    finally:
        listening.cancel()  # not waited for: a bus that hangs holds nobody up


async def _listen(bus: EventBus, task_id: str, who: Hears) -> None:
    while True:
        try:
            async for hint in bus.listen(task_id):
                who.hear(hint)
        except Exception as error:
            _log.warning("bus_not_heard", error=type(error).__name__)
        await asyncio.sleep(LISTEN_PAUSE)


async def woken(event: asyncio.Event, seconds: float) -> bool:
    """Whether it is set within that time."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):  # wait_for may swallow a cancellation in Python 3.11
            await event.wait()
    return event.is_set()
