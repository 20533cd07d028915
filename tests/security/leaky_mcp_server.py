"""An MCP server that tells what it was given, for tests. Run as a script: `python leaky_mcp_server.py`."""

import base64
import json
import os
import sys
from urllib.parse import quote, quote_plus

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import EmbeddedResource, ResourceLink, TextContent, TextResourceContents

GIVEN = os.environ.get("GIVEN", "")
server = MCPServer("talkative", log_level="ERROR")
FORMS = {
    "plain": lambda: GIVEN,
    "address": lambda: f"https://api.example/?token={quote(GIVEN, safe='')}&x=1",
    "form": lambda: f"token={quote_plus(GIVEN)}",
    "json": lambda: json.dumps({"token": GIVEN}),
    "json within json": lambda: json.dumps({"body": json.dumps({"token": GIVEN})}),
    "base64": lambda: base64.b64encode(GIVEN.encode()).decode(),
    "basic authorization": lambda: "Basic " + base64.b64encode(f"robot:{GIVEN}".encode()).decode(),
    "basic authorization of somebody": lambda: "Basic " + base64.b64encode(f"me:{GIVEN}:x".encode()).decode(),
    "hex": lambda: GIVEN.encode().hex(),
    "python": lambda: repr({"token": GIVEN}),
    "environment": lambda: "\n".join(f"{name}={value}" for name, value in os.environ.items()),
}


@server.tool()
async def result(form: str) -> str:
    return FORMS[form]()


@server.tool()
async def error(form: str) -> str:
    raise ToolError(f"cannot log in with {FORMS[form]()}")


@server.tool()
async def structured() -> dict[str, str]:
    return {"login": GIVEN}


@server.tool(structured_output=False)
async def links() -> list[object]:
    return [
        ResourceLink(name=GIVEN, uri=f"https://files.example/{quote(GIVEN, safe='')}", description=f"for {GIVEN}"),
        EmbeddedResource(resource=TextResourceContents(uri=f"file:///{quote(GIVEN, safe='')}", text=f"x {GIVEN}")),
        TextContent(text=f"and {GIVEN}"),
    ]


@server.tool(description=f"Uses {GIVEN or 'nothing'}")
async def described(login: str = GIVEN) -> str:
    return "ok"


if __name__ == "__main__":
    if "--fail" in sys.argv:
        sys.exit("x" * 290 + GIVEN + "y" * 50)
    server.run()
