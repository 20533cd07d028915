"""Calls that stay open in this process while people are asked: let go when nobody will answer any more."""

import asyncio

from threadwork.activities.ports.storage import Tasks
from threadwork.activities.ports.tools import ToolBox
from threadwork.workflows.agents import ToolSpec
from threadwork.workflows.errors import NotFound

TASK_POLL_INTERVAL, MAX_TASK_POLL_INTERVAL = (
    3.0,
    30.0,
)  # seconds between looks at a task whose call waits for people: at first, and in the end


class HeldCalls:
    """Looks after them, each from when its question is recorded until it goes on."""

    def __init__(self, tasks: Tasks, tools: ToolBox) -> None:
        self._tasks, self._tools = tasks, tools
        self._looking: dict[str, asyncio.Task[None]] = {}  # by the state of the call

    def wait(self, task_id: str, tool: ToolSpec, state: str) -> None:
        """People are asked; the server is let go when the task has ended."""
        self.go_on(state)
        self._looking[state] = asyncio.create_task(self._until_ended(task_id, tool, state))

    def go_on(self, state: str) -> None:
        """Somebody answered."""
        if looking := self._looking.pop(state, None):
            looking.cancel()

    def close(self) -> None:
        for state in [*self._looking]:
            self.go_on(state)

    async def _until_ended(self, task_id: str, tool: ToolSpec, state: str) -> None:
        """The longer people think, the rarer it is looked at: many calls may be held."""
        pause = TASK_POLL_INTERVAL
        while not await self._ended(task_id):
            await asyncio.sleep(pause)
            pause = min(MAX_TASK_POLL_INTERVAL, pause * 1.5)
        await self._tools.release(tool, state)
        self._looking.pop(state, None)

    async def _ended(self, task_id: str) -> bool:
        try:
            return (await self._tasks.get(task_id)).status.ended
        except NotFound:
            return True
        except Exception:  # the database is away
            return False
