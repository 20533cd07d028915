"""Following tasks as they go: stored events in order, and live text as it comes."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Coroutine, Iterator
from typing import Any, TypeVar

import structlog

from threadwork.activities.ports.event_bus import EventBus
from threadwork.activities.ports.storage import EventLog
from threadwork.activities.watcher import LOOK_INTERVAL, Watcher, woken
from threadwork.workflows.event_types import EventType
from threadwork.workflows.events import Chunk, Event, Hint

KEEPALIVE_INTERVAL = 15.0  # seconds of silence after which a stream gives a sign of life
STREAM_PAGE_SIZE = 500  # events read at once
LIVE_TEXT = 200_000  # characters of live text that wait for a slow reader; older text is dropped
FINISHED = 50  # calls remembered as over, so that late text of theirs is dropped

_OVER = (
    EventType.LLM_CALL_COMPLETED,
    EventType.LLM_CALL_FAILED,
    EventType.TOOL_CALL_COMPLETED,
    EventType.TOOL_CALL_FAILED,
)
_log = structlog.get_logger(__name__)

Read = TypeVar("Read")
Item = Event | Chunk | None  # None: a sign of life


class Streams:
    """The open streams of this process. One look a second serves them all."""

    def __init__(
        self, events: EventLog, bus: EventBus, look: float = LOOK_INTERVAL, beat: float = KEEPALIVE_INTERVAL
    ) -> None:
        self._events = events
        self._watcher = Watcher(events, bus, look)
        self._beat = beat
        self._followers: set[_Follower] = set()
        self._closed = False

    @property
    def open(self) -> int:
        """How many readers follow a task at present."""
        return len(self._followers)

    async def follow(self, task_id: str, after: int = 0) -> AsyncIterator[Item]:
        """Events with `seq` > `after` in order, without a gap, and live text between them.

        Ends only when the streams are closed, or the reader goes away."""
        follower = _Follower(task_id, after)
        self._followers.add(follower)
        try:
            async with self._watcher.watching(task_id, follower):
                while not self._closed:
                    async for item in self._news(follower):
                        yield item
                    if not await follower.wait(self._beat):
                        yield None
        finally:
            self._followers.discard(follower)

    def close(self) -> None:
        """End every stream: the process is going down."""
        self._closed = True
        for follower in self._followers:
            follower.wake()

    async def _news(self, follower: "_Follower") -> AsyncIterator[Item]:
        """Events go first: they tell which call a text belongs to, and whether that is over."""
        while follower.expecting:
            async for event in self._unseen(follower):
                for chunk in follower.text_before(event):
                    yield chunk
                yield event
        while not follower.expecting and (text := follower.next_text()):
            yield text

    async def _unseen(self, follower: "_Follower") -> AsyncIterator[Event]:
        """Events from the database; where it does not answer, the next look tries again."""
        follower.expecting = follower.failed = False
        full = True
        while full:
            try:
                page = await _whole(self._events.read(follower.task_id, follower.seq, STREAM_PAGE_SIZE))
            except Exception as error:
                _log.warning("events_not_read", error=type(error).__name__)
                follower.failed = True
                return
            full = len(page) == STREAM_PAGE_SIZE
            for event in page:
                follower.seq = event.seq
                yield event


class _Follower:
    """One reader: how far it is, and the live text that waits for it."""

    def __init__(self, task_id: str, after: int) -> None:
        self.task_id = task_id
        self.seq = after
        self.expecting = True  # there may be events in the database
        self.failed = False  # they could not be read
        self._chunks: deque[Chunk] = deque()
        self._over: deque[str] = deque(maxlen=FINISHED)
        self._woken = asyncio.Event()

    def hear(self, hint: Hint) -> None:
        if hint.chunk:
            self._add(hint.chunk)
            self.wake()
        else:
            self.expect_events()

    def look(self, head: int | None) -> None:
        if head is not None and (self.failed or head > self.seq):
            self.expect_events()

    def expect_events(self) -> None:
        self.expecting = True
        self.wake()

    def wake(self) -> None:
        self._woken.set()

    async def wait(self, seconds: float) -> bool:
        """False: nothing came in that time."""
        happened = await woken(self._woken, seconds)
        self._woken.clear()
        return happened

    def text_before(self, event: Event) -> Iterator[Chunk]:
        """What is left of a call's live text goes before the event that ends it."""
        if event.type not in _OVER:
            return
        call_id = str(event.data.get("call_id"))
        yield from [chunk for chunk in self._chunks if chunk.call_id == call_id]
        self._chunks = deque(chunk for chunk in self._chunks if chunk.call_id != call_id)
        self._over.append(call_id)

    def next_text(self) -> Chunk | None:
        return self._chunks.popleft() if self._chunks else None

    def _add(self, chunk: Chunk) -> None:
        """Text of one attempt is joined, so that a slow reader costs no more than the text itself."""
        if chunk.call_id in self._over:
            return
        if self._chunks and _same_attempt(self._chunks[-1], chunk):
            chunk = chunk.model_copy(update={"text": self._chunks.pop().text + chunk.text})
        self._chunks.append(chunk.model_copy(update={"text": chunk.text[-LIVE_TEXT:]}))
        while sum(len(waiting.text) for waiting in self._chunks) > LIVE_TEXT:
            self._chunks.popleft()


async def _whole(reading: Coroutine[Any, Any, Read]) -> Read:
    """Readers leave at any moment; a connection whose reading is cut off would be lost to others."""
    return await asyncio.shield(asyncio.create_task(reading))


def _same_attempt(one: Chunk, other: Chunk) -> bool:
    return (one.call_id, one.attempt, one.thinking) == (other.call_id, other.attempt, other.thinking)
