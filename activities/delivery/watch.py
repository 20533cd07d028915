"""News of many tasks for one process: hints at once, and one query a second for all of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from activities.ports import EventBus, EventLog
from workflows.events import EventType, Hint

LOOK = 1.0  # seconds between looks at the database, hints or not
LIVE = 300  # characters of live text that are kept
NO_HURRY = frozenset(
    {
        EventType.ITERATION_STARTED,
        EventType.ITERATION_COMPLETED,
        EventType.LLM_CALL_STARTED,
        EventType.LLM_CALL_COMPLETED,
        EventType.TOOL_CALL_STARTED,
        EventType.TOOL_CALL_COMPLETED,
    }
)  # shown by the status card alone, which is edited every other second at most: the next look finds them

TOOL_ENDS = frozenset({EventType.TOOL_CALL_COMPLETED, EventType.TOOL_CALL_FAILED})
CALLS = frozenset({EventType.LLM_CALL_STARTED, EventType.LLM_CALL_COMPLETED, EventType.LLM_CALL_FAILED})


class News:
    """What a follower is told: that there may be new events, and what a model is writing."""

    def __init__(self) -> None:
        self.came = asyncio.Event()  # clear it before you read
        self.live = ""  # the end of the text of the call under way
        self.waiting = ""  # that the model is waited for; empty: it is not, as far as anybody said
        self.thinking = False  # that text is what the model thinks
        self.progress: dict[str, str] = {}  # how far calls of tools are, by their ids; the newest is the last
        self._call: tuple[str, int, bool] = ("", 0, False)

    def hear(self, hint: Hint) -> None:
        """Live text and the steps of an iteration wake nobody: they are shown at the next look."""
        if any(event.type not in NO_HURRY for event in hint.events):
            self.came.set()
        if any(event.type in CALLS for event in hint.events):
            self.waiting, self.progress = "", {}
        for event in hint.events:
            if event.type in TOOL_ENDS:
                self.progress.pop(str(event.data.get("call_id")), None)
        if (chunk := hint.chunk) and chunk.progress:
            self.progress.pop(chunk.call_id, None)
            self.progress[chunk.call_id] = chunk.progress
        elif chunk:
            self.waiting = chunk.waiting
            if chunk.waiting:
                self.came.set()
            call = (chunk.call_id, chunk.attempt, chunk.thinking)
            self.live = ((self.live if call == self._call else "") + chunk.text)[-LIVE:]
            self._call, self.thinking = call, chunk.thinking


class Watch:
    """Wakes whoever watches a task when it has news. What a hint misses, the next look finds."""

    def __init__(self, events: EventLog, bus: EventBus, look: float = LOOK) -> None:
        self._events = events
        self._bus = bus
        self._look = look
        self._heads: dict[str, int] = {}
        self._news: dict[str, set[News]] = {}
        self._poller: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def on(self, task_id: str) -> AsyncIterator[News]:
        """News of one task for as long as the block lasts."""
        news = News()
        self._news.setdefault(task_id, set()).add(news)
        listening = asyncio.create_task(self._listen(task_id, news))
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll())
        try:
            yield news
        finally:
            listening.cancel()
            self._news[task_id].discard(news)
            if not self._news[task_id]:
                del self._news[task_id]
                self._heads.pop(task_id, None)
            await asyncio.wait([listening])

    async def _poll(self) -> None:
        while self._news:
            try:
                heads = await self._events.heads(list(self._news))
            except Exception:  # the database is away: everybody looks for themselves and says so
                heads = dict.fromkeys(self._news, -1)
            for task_id, head in heads.items():
                if self._heads.get(task_id) != head:
                    self._heads[task_id] = head
                    for news in self._news.get(task_id, ()):
                        news.came.set()
            await asyncio.sleep(self._look)

    async def _listen(self, task_id: str, news: News) -> None:
        async for hint in self._bus.listen(task_id):
            news.hear(hint)
