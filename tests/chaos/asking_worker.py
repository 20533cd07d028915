"""A worker process whose tool server asks people in the middle of each call: `python -m tests.chaos.asking_worker`,
told as `worker`, and CHAOS_ASKING: a folder for what reached the server."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

from tests.manners.asking_server import asks_over_stdio
from tests.worker_harness import agent, call, done
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.adapters.memory.model import MemoryModel, says
from threadwork.adapters.tools.mcp_pool import McpToolBox
from threadwork.bot.bootstrap import connect_temporal, worker_dependencies
from threadwork.bot.settings import Settings
from threadwork.bot.worker import working
from threadwork.workflows.agents import ToolPolicy
from threadwork.workflows.models import Delta, ModelRequest

SERVER = {
    "read": "reader",
    "write": "writer",
}  # one each: a server that cannot tell whose question it is serves one task
SERVERS = tuple(SERVER.values())


def tell(request: ModelRequest) -> Delta:
    """Calls the tool that the goal names, of a server of its own, then comes to the end."""
    said = any(m["role"] == "assistant" for m in request.messages)
    goal = request.messages[1]["content"]
    return done() if said else says("", call(f"{SERVER[goal]}__{goal}", name="a"))


async def main() -> None:
    settings = Settings.load()
    settings.arm_crash_points()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    folders = [Path(os.environ["CHAOS_ASKING"]) / name for name in SERVERS]
    for folder in folders:
        folder.mkdir()
    with asks_over_stdio(folders[0]) as reads, asks_over_stdio(folders[1]) as writes:
        (reader,), (writer,) = reads.servers.values(), writes.servers.values()
        ours: dict[str, Any] = {
            "model": MemoryModel(tell),
            "tools": McpToolBox(dict(zip(SERVERS, (reader, writer), strict=True)), {}),
            "catalog": MemoryCatalog(agent(tools=ToolPolicy(allow=tuple(f"{name}.*" for name in SERVERS)))),
        }
        async with worker_dependencies(settings, **ours) as dependencies:
            client = await connect_temporal(settings)
            async with working(client, dependencies, settings.temporal_task_queue):
                await stop.wait()
        await ours["tools"].close()


if __name__ == "__main__":
    asyncio.run(main())
