"""Threads in which people may have said something to a task while nobody listened."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from threadwork.workflows.sinks import Sink
from threadwork.workflows.tasks import TaskFilter, TaskRecord

PLATFORM = "discord"
# Tasks whose threads are looked through: at work, and the newest.
MAX_OPEN, MAX_THREADS = 500, 200
REPLY_TIME = timedelta(days=1)  # after a task ended people may still reply


class Tasks(Protocol):
    """Tasks as they are stored."""

    async def list(self, which: TaskFilter) -> list[TaskRecord]:
        """Newest first."""


async def threads(tasks: Tasks) -> Sequence[Sink]:
    """Of tasks at work, however old they are, then of those that ended lately; each thread once."""
    at_work = await tasks.list(TaskFilter(platform=PLATFORM, open_only=True, limit=MAX_OPEN))
    newest = await tasks.list(TaskFilter(platform=PLATFORM, limit=MAX_THREADS))
    lately = datetime.now(UTC) - REPLY_TIME
    ended = (task for task in newest if task.status.ended and task.updated_at > lately)
    return list(dict.fromkeys(task.sink for task in (*at_work, *ended) if task.sink and task.sink.thread))
