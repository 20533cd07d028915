"""A worker process whose lead delegates to five scouts: `python -m tests.chaos.delegating_worker`, told as `worker`."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

from tests.chaos.story import FACTS, StoryModel, tools
from tests.chat_platform.adapter import PlatformChat
from tests.worker_harness import agent, call, done
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.adapters.memory.model import says
from threadwork.bot.bootstrap import connect_temporal, worker_dependencies
from threadwork.bot.settings import Settings
from threadwork.bot.worker import working
from threadwork.workflows.agents import BudgetSpec, ToolPolicy
from threadwork.workflows.models import Delta, ModelRequest
from threadwork.workflows.values import Usage

GOALS = ("Ask.", "Spend.", "Write.", "Read one.", "Read two.")
STEPS = 4  # model calls of a child that reads
LEAD = agent(name="default", delegates=("scout",), budget=BudgetSpec(usd=None, tokens=30_000))
SCOUT = agent(name="scout", tools=ToolPolicy(allow=("*",)), tool_timeout=4, budget=BudgetSpec(usd=None, tokens=None))
HEAVY = Usage(prompt=3_000, completion=400)


def tell(request: ModelRequest) -> Delta:
    """The lead gives out five goals at once, then answers; a child does what its goal says."""
    goal = str(request.messages[1]["content"])
    step = len([m for m in request.messages if m["role"] == "assistant"]) + 1
    if goal == "Mind the notes.":
        return says("", *(call("delegate_task", agent="scout", goal=one) for one in GOALS)) if step == 1 else done()
    if goal == "Ask." and step == 1:
        return says("", call("ask_user", question="Which?"))
    if goal == "Spend." and step < 3:
        return says("", call("notes__read", name=f"{goal} {step}"), usage=HEAVY)
    if goal == "Write." and step == 1:
        return says("", call("notes__write", name="one"))
    if goal.startswith("Read") and step < STEPS:
        return says("", call("notes__read", name=f"{goal} {step}"))
    return done(f"{goal} Done.")


class DelegatingModel(StoryModel):
    def __init__(self, pause: float) -> None:
        super().__init__(pause)
        self._script, self._facts = tell, FACTS


async def main() -> None:
    settings = Settings.load()
    settings.arm_crash_points()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    ours: dict[str, Any] = {
        "model": DelegatingModel(float(os.environ["CHAOS_PAUSE"])),
        "tools": tools(Path(os.environ["CHAOS_JOURNAL"])),
        "catalog": MemoryCatalog(LEAD, SCOUT),
        "chats": {"memory": PlatformChat(os.environ["CHAOS_PLATFORM"])},
    }
    async with worker_dependencies(settings, **ours) as dependencies:
        client = await connect_temporal(settings)
        async with working(client, dependencies, settings.temporal_task_queue):
            await stop.wait()


if __name__ == "__main__":
    asyncio.run(main())
