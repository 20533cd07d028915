"""How far a tool's call is, handed to whoever watches while it runs."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from threadwork.activities.ports.event_bus import EventBus
from threadwork.workflows.events import Chunk, Hint

EVERY = 1.0  # seconds between two words of one call


@asynccontextmanager
async def showing(bus: EventBus, task_id: str, call_id: str, tool: str) -> AsyncIterator[Callable[[str], None]]:
    """Takes words such as "40 % — indexing" at any pace; the newest goes out. Nothing waits for the watchers."""
    progress = _Progress(bus, Chunk(task_id=task_id, call_id=call_id, attempt=1, text=""), tool)
    try:
        yield progress.tell
    finally:
        progress.close()


class _Progress:
    def __init__(self, bus: EventBus, chunk: Chunk, tool: str) -> None:
        self._bus, self._chunk, self._tool = bus, chunk, tool
        self._words = self._sent = ""
        self._sending: asyncio.Task[None] | None = None

    def tell(self, words: str) -> None:
        self._words = words
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send())

    async def _send(self) -> None:
        while self._words != self._sent:
            self._sent = self._words
            chunk = self._chunk.model_copy(update={"progress": f"{self._tool} {self._words}"})
            await self._bus.publish(Hint(task_id=chunk.task_id, chunk=chunk))
            await asyncio.sleep(EVERY)

    def close(self) -> None:
        if self._sending is not None:
            self._sending.cancel()
