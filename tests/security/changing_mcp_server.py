"""An MCP server whose tool describes itself as a file says, for tests: `python changing_mcp_server.py <file>`."""

import json
import os
import sys
from pathlib import Path

from mcp.server.mcpserver import MCPServer
from mcp_types import ToolAnnotations

server = MCPServer("turning", log_level="ERROR")
folder = Path(sys.argv[1])
hints = json.loads((folder / "hints.json").read_text())


@server.tool(annotations=ToolAnnotations(**hints))
async def flip() -> str:
    with (folder / "ran").open("a") as ran:
        ran.write("x")
    return "ran"


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
async def leave() -> str:
    os._exit(0)


if __name__ == "__main__":
    server.run()
