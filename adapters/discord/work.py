"""Work that goes on behind a delivery."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog

T = TypeVar("T")
DRAIN = 10.0  # seconds for what still goes on when the door closes

log = structlog.get_logger(__name__)


class Work:
    """Keeps what goes on: a task that nobody holds may vanish half-way."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def go_on(self, doing: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Its errors are logged, by kind alone: a text may hold what people wrote."""
        task = asyncio.create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    async def close(self, seconds: float = DRAIN) -> None:
        """What is not done within so many seconds is broken off; what was written down is taken up again."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(set(self._tasks), timeout=seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.warning("discord_work_failed", why=type(error).__name__)
