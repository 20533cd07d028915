"""A worker process that plays the story: `python -m tests.chaos.worker`, told by the usual settings and these:
CHAOS_JOURNAL (file), CHAOS_PLATFORM (URL of the chat platform; without it the settings say which platforms there are),
CHAOS_PAUSE (seconds of a model call), CHAOS_PICTURES (whatever it says: a tool returns one)."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

from tests.chaos.chaos_script import AGENT, StoryModel, tools
from tests.chat_platform.adapter import PlatformChat
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.bot.bootstrap import connect_temporal, worker_dependencies
from threadwork.bot.settings import Settings
from threadwork.bot.worker import working


async def main() -> None:
    settings = Settings.load()
    settings.arm_crash_points()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    ours: dict[str, Any] = {
        "model": StoryModel(float(os.environ.get("CHAOS_PAUSE", "0.05"))),
        "tools": tools(Path(os.environ["CHAOS_JOURNAL"]), "CHAOS_PICTURES" in os.environ),
        "catalog": MemoryCatalog(AGENT),
    }
    if platform := os.environ.get("CHAOS_PLATFORM"):
        ours["chats"] = {"memory": PlatformChat(platform)}
    async with worker_dependencies(settings, **ours) as dependencies:
        client = await connect_temporal(settings)
        async with working(client, dependencies, settings.temporal_task_queue):
            settings.announce_ready()
            await stop.wait()


asyncio.run(main())
os._exit(0)
