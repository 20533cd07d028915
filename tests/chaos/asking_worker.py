"""A worker process whose tool server asks people in the middle of each call: `python -m tests.chaos.asking_worker`,
told as `worker`, and CHAOS_ASKING: a folder for what reached the server."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

from adapters.memory.catalog import MemoryCatalog
from adapters.memory.model import MemoryModel, says
from adapters.tools.mcp_pool import McpToolBox
from bot.bootstrap import connect_temporal, worker_dependencies
from bot.settings import Settings
from bot.worker import working
from tests.manners.asking_server import asks_over_stdio
from tests.worker_harness import agent, call, done
from workflows.agents import ToolPolicy
from workflows.models import Delta, ModelRequest


def tell(request: ModelRequest) -> Delta:
    """Calls the tool that the goal names, then comes to the end."""
    said = any(m["role"] == "assistant" for m in request.messages)
    return done() if said else says("", call(f"notes__{request.messages[1]['content']}", name="a"))


async def main() -> None:
    settings = Settings.load()
    settings.arm_crash_points()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    with asks_over_stdio(Path(os.environ["CHAOS_ASKING"])) as server:
        ours: dict[str, Any] = {
            "model": MemoryModel(tell),
            "tools": McpToolBox(server.servers, {}),
            "catalog": MemoryCatalog(agent(tools=ToolPolicy(allow=("notes.*",)))),
        }
        async with worker_dependencies(settings, **ours) as dependencies:
            client = await connect_temporal(settings)
            async with working(client, dependencies, settings.temporal_task_queue):
                await stop.wait()
        await ours["tools"].close()


if __name__ == "__main__":
    asyncio.run(main())
