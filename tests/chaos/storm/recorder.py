"""An MCP server whose calls leave a line each: what really ran. `python recorder.py <file>`."""

import asyncio
import os
import sys
from pathlib import Path

from mcp.server.mcpserver import MCPServer
from mcp_types import ToolAnnotations as Hints

server = MCPServer("storm", log_level="ERROR")
ran = Path(sys.argv[1])


@server.tool(annotations=Hints(read_only_hint=True))
async def note(name: str) -> str:
    """Reads a note."""
    await asyncio.sleep(0.1)
    return f"The note {name}."


@server.tool(annotations=Hints(destructive_hint=True))
async def write(name: str) -> str:
    """Writes what cannot be unwritten."""
    with ran.open("a") as lines:
        lines.write(f"{name}\n")
        lines.flush()
        os.fsync(lines.fileno())
    await asyncio.sleep(0.3)
    return f"Wrote {name}."


if __name__ == "__main__":
    server.run("stdio")
