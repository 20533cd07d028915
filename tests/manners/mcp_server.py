"""Tool servers written by hand, to the byte: over HTTP in a thread, over stdio as a program.

Both offer `read` (read-only) and `write` (not repeatable), and speak protocol 2025-06-18. `answers` are what they say
to `tools/call`, in turn; the last one is repeated."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.manners.server import Body, ManneredServer, Reply
from threadwork.workflows.servers import ServerSpec

VERSION = "2025-06-18"
NAMED = {"type": "object", "properties": {"name": {"type": "string"}}}
TOOLS: list[dict[str, Any]] = [
    {"name": "read", "inputSchema": NAMED, "annotations": {"readOnlyHint": True}},
    {"name": "write", "inputSchema": NAMED, "annotations": {"destructiveHint": True}},
]
Calls = list[tuple[str, dict[str, Any]]]


@dataclass
class Mcp:
    """What is declared, and what reached the tools."""

    servers: dict[str, ServerSpec]
    calls: Calls = field(default_factory=list)


def result(text: str) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": text}]}


def answer(request: Any, value: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": request, "result": value}


def refusal(request: Any, code: int, message: str) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": request, "error": {"code": code, "message": message}}


def protocol(message: Body, tools: Sequence[dict[str, Any]] = TOOLS) -> dict[str, Any] | None:
    """What is said to everything but `tools/call` and notifications. None: nothing."""
    match message["method"]:
        case "initialize":
            info = {"name": "manners", "version": "1"}
            return answer(
                message["id"], {"protocolVersion": VERSION, "capabilities": {"tools": {}}, "serverInfo": info}
            )
        case "tools/list":
            return answer(message["id"], {"tools": list(tools)})
        case "ping":
            return answer(message["id"], {})
    return refusal(message["id"], -32601, "Method not found") if "id" in message else None


# --- over HTTP ---------------------------------------------------------------------------------------


class Forgotten(Reply):
    """The server was restarted: whoever comes with the old session is told so, and nothing is run."""


class _HttpServer:
    def __init__(self, answers: Sequence[Reply], calls: Calls) -> None:
        self._answers, self._calls = [*answers], calls
        self._session = 1
        self.server = ManneredServer([self.called], rules=self.said)

    def said(self, message: Body) -> Reply | None:
        if message["method"] == "tools/call":
            return None
        reply = protocol(message)
        if reply is None:
            return Reply(status=202, body=b"")
        known = message["method"] == "initialize"
        return Reply(body=reply, headers={"Mcp-Session-Id": f"s{self._session}"} if known else {})

    def called(self, message: Body) -> Reply:
        if self._given() != f"s{self._session}":
            raise AssertionError("a call in a session that is no more")
        wanted = self._answers[0] if len(self._answers) == 1 else self._answers.pop(0)
        if isinstance(wanted, Forgotten):
            self._session += 1
            return wanted
        self._calls.append((f"notes.{message['params']['name']}", message["params"]["arguments"]))
        return Reply(body=answer(message["id"], result("done"))) if wanted is DONE else with_id(wanted, message["id"])

    def _given(self) -> str:
        return {name.lower(): value for name, value in self.server.headers[-1].items()}.get("mcp-session-id", "")


DONE = Reply()  # the call is made, and answered as it should be


def with_id(reply: Reply, request: Any) -> Reply:
    """The reply, with the id of the request where it says ID."""
    written = json.dumps(request).encode()
    if isinstance(reply.body, bytes):
        return Reply(**{**vars(reply), "body": reply.body.replace(b"ID", written)})
    return Reply(**{**vars(reply), "pieces": tuple(piece.replace(b"ID", written) for piece in reply.pieces)})


@contextmanager
def over_http(*answers: Reply) -> Iterator[Mcp]:
    calls: Calls = []
    with _HttpServer(answers, calls).server as server:
        yield Mcp({"notes": ServerSpec(url=f"{server.url}/mcp", trust_annotations=True)}, calls)


# --- over stdio --------------------------------------------------------------------------------------


@contextmanager
def over_stdio(
    folder: Path, *answers: str, tools: Sequence[dict[str, Any]] = TOOLS, later: Sequence[dict[str, Any]] = ()
) -> Iterator[Mcp]:
    """`answers`: lines as they are printed, with the id of the request where they say ID. `later`: tools that are there
    once a tool was called."""
    script, log = folder / "script.json", folder / "calls"
    script.write_text(json.dumps({"answers": answers, "tools": list(tools), "later": list(later)}))
    log.touch()
    command = (sys.executable, "-m", "tests.manners.mcp_server", str(script), str(log))
    spec = ServerSpec(command=command[0], args=command[1:], cwd=str(Path(__file__).parents[2]), trust_annotations=True)
    mcp = Mcp({"notes": spec})
    yield mcp
    mcp.calls += [(f"notes.{name}", arguments) for name, arguments in map(json.loads, log.read_text().splitlines())]


def main(script: Path, log: Path) -> None:
    given = json.loads(script.read_text())
    answers = given["answers"]
    for line in sys.stdin:
        message = json.loads(line)
        if message.get("method") != "tools/call":
            reply = protocol(message, given["tools"]) if "method" in message else None
            said = json.dumps(reply) if reply else ""
        else:
            with log.open("a") as file:
                print(json.dumps([message["params"]["name"], message["params"]["arguments"]]), file=file)
            given["tools"] += given.pop("later", [])
            said = (answers[0] if len(answers) == 1 else answers.pop(0)).replace("ID", json.dumps(message["id"]))
        if said:
            print(said, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
