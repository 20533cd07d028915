"""Tool servers written by hand that ask people something in the middle of a call, as protocols before 2026-07-28 do:
by a request of their own, `elicitation/create`. Over stdio as a program, over HTTP in threads.

Both offer `read` (read-only) and `write`; each call asks its `Manner.questions` in turn and tells what was answered."""

import json
import os
import queue
import sys
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.manners.mcp_server import Mcp, answer, protocol, refusal, result
from threadwork.workflows.servers import ServerSpec

HOW_MANY = {
    "message": "How many?",
    "requestedSchema": {"type": "object", "properties": {"count": {"type": "integer"}}, "required": ["count"]},
}
SURE = {
    "message": "Are you sure?",
    "requestedSchema": {"type": "object", "properties": {"sure": {"type": "boolean"}}},
}


@dataclass
class Manner:
    questions: Sequence[dict[str, Any]] = (HOW_MANY,)
    together: int = 1  # calls that must have come before the first one asks
    dies: bool = False  # once, when it has asked
    gives_up: bool = False  # waits for `Asking.give_up` instead of people; over HTTP only
    cuts: bool = False  # ends the stream when it has asked; over HTTP only


@dataclass
class Asking(Mcp):
    """`told`: what reached it, in order: `["call", name]`, `["answer", ElicitResult]`, `["cancelled"]`."""

    log: Path | None = None
    heard: list[list[Any]] = field(default_factory=list)
    give_up: threading.Event = field(default_factory=threading.Event)

    @property
    def told(self) -> list[list[Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()] if self.log else self.heard

    def of(self, kind: str) -> list[Any]:
        return [entry[1] if len(entry) > 1 else None for entry in self.told if entry[0] == kind]


def _said(call: Any, questions: Sequence[dict[str, Any]]) -> Generator[dict[str, Any], Any, dict[str, Any]]:
    """Asks one question after the other, each with the name that the call was given."""
    said = []
    for question in questions:
        name = call["params"]["arguments"].get("name")
        given = yield {**question, "message": f"{question['message']} ({name})" if name else question["message"]}
        said.append(f"{given['action']} {given.get('content')}")
    return result("; ".join(said))


def _hears(message: Any) -> Any:
    """What is said to whatever is no call and no answer."""
    return protocol(message) if "method" in message else None


# --- over stdio --------------------------------------------------------------------------------------


@contextmanager
def asks_over_stdio(folder: Path, manner: Manner = Manner()) -> Iterator[Asking]:  # noqa: B008
    log = folder / "told"
    log.touch()
    command = (sys.executable, "-m", "tests.manners.asking_server", json.dumps(asdict(manner)), str(log))
    spec = ServerSpec(command=command[0], args=command[1:], cwd=str(Path(__file__).parents[2]), trust_annotations=True)
    asking = Asking({"notes": spec}, log=log)
    yield asking
    asking.calls += [(f"notes.{name}", {}) for name in asking.of("call")]


class _Program:
    def __init__(self, manner: Manner, log: Path) -> None:
        self.manner, self.log = manner, log
        self.waiting: list[Any] = []  # calls that have not begun to ask
        self.asked: dict[str, tuple[Any, Any]] = {}  # by the id of the question: the call, and what goes on with it
        self.number = 0

    def note(self, *entry: Any) -> None:
        with self.log.open("a") as file:
            print(json.dumps(entry), file=file)

    def hear(self, message: Any) -> None:
        if message.get("method") == "tools/call":
            self.note("call", message["params"]["name"])
            self.waiting.append(message)
            if len(self.waiting) >= self.manner.together:
                calls, self.waiting, self.manner.together = self.waiting, [], 1
                for call in calls:
                    self.go_on(call, _said(call, self.manner.questions), None)
        elif message.get("method") == "notifications/cancelled":
            self.note("cancelled")
        elif "method" not in message:
            call, talk = self.asked.pop(str(message["id"]))
            self.note("answer", message["result"])
            self.go_on(call, talk, message["result"])
        elif reply := _hears(message):
            print(json.dumps(reply), flush=True)

    def go_on(self, call: Any, talk: Any, given: Any) -> None:
        try:
            params = talk.send(given)
        except StopIteration as ended:
            print(json.dumps(answer(call["id"], ended.value)), flush=True)
            return
        self.number += 1
        self.asked[f"q{self.number}"] = (call, talk)
        ask = {"jsonrpc": "2.0", "id": f"q{self.number}", "method": "elicitation/create", "params": params}
        print(json.dumps(ask), flush=True)
        if self.manner.dies and ["died"] not in [json.loads(line) for line in self.log.read_text().splitlines()]:
            self.note("died")
            threading.Timer(0.3, os._exit, [1]).start()


# --- over HTTP ---------------------------------------------------------------------------------------


@contextmanager
def asks_over_http(manner: Manner = Manner()) -> Iterator[Asking]:  # noqa: B008
    """Each question comes on the stream that answers its call."""
    asking = Asking({})
    rows = {"asking": asking, "manner": manner, "asked": {}, "here": threading.Barrier(manner.together)}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), rows))
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients go away, as they may
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_address[1]}/mcp"
    asking.servers["notes"] = ServerSpec(url=url, trust_annotations=True)
    yield asking
    server.shutdown()
    server.server_close()
    thread.join()
    asking.calls += [(f"notes.{name}", {}) for name in asking.of("call")]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asking: Asking
    manner: Manner
    asked: dict[str, "queue.Queue[Any]"]
    here: threading.Barrier

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self.whole(405, None)

    do_DELETE = do_GET

    def do_POST(self) -> None:
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if message.get("method") == "tools/call":
            self.asking.heard.append(["call", message["params"]["name"]])
            return self.stream(message)
        if message.get("method") == "notifications/cancelled":
            self.asking.heard.append(["cancelled"])
        elif "method" not in message:
            self.asking.heard.append(["answer", message.get("result")])
            self.asked[message["id"]].put(message.get("result"))
        reply = _hears(message)
        return self.whole(202 if reply is None else 200, reply)

    def stream(self, call: Any) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.here.wait(20)
        talk, given = _said(call, self.manner.questions), None
        try:
            while True:
                params = talk.send(given)
                question = f"{call['id']}-{len(self.asked)}"
                self.asked[question] = queue.Queue()
                self.event({"jsonrpc": "2.0", "id": question, "method": "elicitation/create", "params": params})
                if self.manner.cuts:
                    break
                if self.manner.gives_up and self.asking.give_up.wait(30):
                    raise queue.Empty
                given = self.asked[question].get(timeout=30)
        except StopIteration as ended:
            self.event(answer(call["id"], ended.value))
        except queue.Empty:  # as the SDK for TypeScript does after 60 seconds
            params = {"requestId": question, "reason": "McpError: MCP error -32001: Request timed out"}
            self.event({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params})
            self.event(refusal(call["id"], -32001, "Request timed out"))
            self.asking.heard.append(["gave up"])
        self.wfile.write(b"0\r\n\r\n")

    def event(self, message: Any) -> None:
        data = f"event: message\ndata: {json.dumps(message)}\n\n".encode()
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def whole(self, status: int, reply: Any) -> None:
        data = b"" if reply is None else json.dumps(reply).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


if __name__ == "__main__":
    program = _Program(Manner(**json.loads(sys.argv[1])), Path(sys.argv[2]))
    for line in sys.stdin:
        program.hear(json.loads(line))
