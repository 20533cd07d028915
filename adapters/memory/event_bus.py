"""Hints within one process."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator

from threadwork.workflows.events import Hint

BACKLOG = 1_000  # hints kept for a listener that is slow; later ones are lost to it


class MemoryBus:
    """An event bus without a server. Also what is used where there is no Redis and only one process."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[asyncio.Queue[Hint | None]]] = defaultdict(set)

    async def publish(self, hint: Hint) -> None:
        """Never raises; whoever does not keep up misses hints."""
        for queue in self._listeners.get(hint.task_id, ()):
            if queue.qsize() < BACKLOG:
                queue.put_nowait(hint)

    async def listen(self, task_id: str) -> AsyncIterator[Hint]:
        """Hints of one task. The first is empty and says that the listening has begun."""
        queue: asyncio.Queue[Hint | None] = asyncio.Queue()
        self._listeners[task_id].add(queue)
        try:
            yield Hint(task_id=task_id)
            while hint := await queue.get():
                yield hint
        finally:
            self._forget(task_id, queue)

    def _forget(self, task_id: str, queue: asyncio.Queue[Hint | None]) -> None:
        self._listeners[task_id].discard(queue)
        if not self._listeners[task_id]:
            del self._listeners[task_id]

    async def close(self) -> None:
        """End every listener."""
        for queues in self._listeners.values():
            for queue in queues:
                queue.put_nowait(None)
