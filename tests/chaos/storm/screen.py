"""What everybody sees: the tasks in the database and the messages in the channels, looked at now and then by one."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sqlalchemy.exc import OperationalError

from tests.chaos.slack_crowd import mark_of
from tests.fake_slack.client import FakeSlack
from tests.fake_slack.screen_views import Seen
from threadwork.adapters.sql.store import SqlStore
from threadwork.workflows.tasks import TaskFilter, TaskRecord

LOOK = 1.5  # seconds between two looks
CHANNELS = ("C1", "C2", "C3")

ADDS = re.compile(r"Add \$?[\d,.]+")


class Screen:
    def __init__(self, store: SqlStore, slack: FakeSlack) -> None:
        self.store, self.slack = store, slack
        self.tasks: dict[str, TaskRecord] = {}
        self.cards: dict[str, list[tuple[str, Seen]]] = {}  # of a task: marks without it, and messages, oldest first

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[None]:
        looking = asyncio.create_task(self._look_on())
        try:
            yield
        finally:
            looking.cancel()
            await asyncio.wait([looking])

    async def _look_on(self) -> None:
        while True:
            with suppress(OperationalError):  # somebody has locked the database
                await self.look()
            await asyncio.sleep(LOOK)

    async def look(self) -> None:
        seen = await asyncio.to_thread(self._messages)
        cards: dict[str, list[tuple[str, Seen]]] = {}
        for one in seen:
            task_id, _, mark = mark_of(one).partition("/")
            if mark and not one.deleted:
                cards.setdefault(task_id, []).append((mark, one))
        self.cards = cards
        self.tasks = {task.task_id: task for task in await self.store.tasks.list(TaskFilter(limit=500))}

    def _messages(self) -> list[Seen]:
        return [one for channel in CHANNELS for one in self.slack.messages(channel)]

    def marks(self, task_id: str) -> list[str]:
        return [mark for mark, _ in self.cards.get(task_id, [])]

    def button(self, task_id: str, label: str) -> Seen | None:
        """The newest message of a task with such a button."""
        found = [one for _, one in self.cards.get(task_id, []) if label in labels(one)]
        return found[-1] if found else None

    def adding(self, task_id: str) -> str:
        """The label of the button that raises a budget by what it says; empty where there is none."""
        told = [label for _, one in self.cards.get(task_id, []) for label in labels(one) if ADDS.match(label)]
        return told[-1] if told else ""

    def root(self, task_id: str) -> Seen | None:
        return next((one for mark, one in self.cards.get(task_id, []) if mark == "status/0"), None)


def labels(seen: Seen) -> list[str]:
    """Of buttons, and of what stands in menus."""
    return [label for shown in re.findall(r"\[([^\]\n]+)\]", seen.readable) for label in shown.split(" / ")]
