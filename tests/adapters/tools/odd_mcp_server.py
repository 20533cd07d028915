"""An MCP server with bad manners, for tests. Run as a script: `python odd_mcp_server.py <folder>`."""

import asyncio
import os
import sys
from pathlib import Path

from mcp.server.mcpserver import Context, Image, MCPServer
from mcp_types import (
    AudioContent,
    BlobResourceContents,
    ElicitRequest,
    ElicitRequestFormParams,
    EmbeddedResource,
    InputRequiredResult,
    ResourceLink,
    TextContent,
    TextResourceContents,
)
from mcp_types import ToolAnnotations as Hints

server = MCPServer("oddities", log_level="ERROR")
folder = Path(sys.argv[1])


@server.tool(annotations=Hints(read_only_hint=True))
async def pid() -> str:
    """The process that answers."""
    return str(os.getpid())


@server.tool()
async def sleep(seconds: float) -> str:
    """Takes its time, and notes when it was told to stop."""
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        (folder / "cancelled").touch()
        raise
    (folder / "slept").touch()
    return "slept"


@server.tool()
async def die() -> str:
    """Ends the process in the middle of a call."""
    print("dying as I was told to", file=sys.stderr, flush=True)
    os._exit(3)


@server.tool(annotations=Hints(destructive_hint=False, idempotent_hint=True))
async def fail(reason: str) -> str:
    """Raises what nobody expects."""
    raise ValueError(reason)


@server.resource("file:///report.txt")
async def report() -> str:
    return "all is well"


@server.tool(structured_output=False)
async def everything() -> list[object]:
    """One of each kind of content."""
    return [
        TextContent(text="first"),
        Image(data=b"123456", format="png"),
        ResourceLink(name="report", uri="file:///report.txt", description="the report"),
        ResourceLink(name="lost", uri="file:///lost.txt"),
        AudioContent(data="MTIz", mime_type="audio/wav"),
        EmbeddedResource(resource=TextResourceContents(uri="file:///a.txt", text="inside a")),
        EmbeddedResource(resource=BlobResourceContents(uri="file:///b.bin", blob="MTIzNDU2")),
    ]


@server.tool(structured_output=False)
async def ask(ctx: Context) -> str | InputRequiredResult:
    """Asks for a name before it answers."""
    if ctx.input_responses is None:
        schema = {"type": "object", "properties": {"name": {"type": "string"}}}
        form = ElicitRequest(params=ElicitRequestFormParams(message="Who is it?", requested_schema=schema))
        return InputRequiredResult(input_requests={"who": form}, request_state="half way")
    said = ctx.input_responses["who"].model_dump(mode="json")
    return f"{ctx.request_state}: {said['action']} {(said.get('content') or {}).get('name')}"


@server.tool()
async def environment(name: str) -> str:
    return os.environ.get(name, "unset")


if __name__ == "__main__":
    with (folder / "pids").open("a") as pids:
        pids.write(f"{os.getpid()}\n")
    server.run()
