"""A scripted HTTP server that streams: what providers send, to the byte, over real sockets.

    with ManneredServer([openai.text("Hello")], rules=openai.rules) as server:
        ...
        server.requests  # the bodies that came in

Replies are used up in order; when none is left, the last one is repeated. A reply may be a function of the body.
`rules` says what is wrong with a request as the real provider would (its status and body), or nothing.
"""

import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

Body = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """One answer: a status with a JSON or raw body, or pieces of a stream as they are to be written."""

    pieces: Sequence[bytes] = ()
    status: int = 200
    body: Any = None  # instead of pieces: as JSON, or as it stands where it is bytes
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "text/event-stream"
    delay: float = 0.0  # seconds before each piece
    breaks: bool = False  # the connection ends without the last chunk of the transfer encoding


Script = Sequence[Reply | Callable[[Body], Reply]]
Rules = Callable[[Body], Reply | None]


@dataclass
class ManneredServer:
    """Runs in a thread while it is entered. `paths`: replies to GET requests, such as {"/v1/models": {…}}."""

    script: Script
    rules: Rules = lambda body: None
    paths: dict[str, Any] = field(default_factory=dict)
    requests: list[Body] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)  # the paths, methods before them

    def __enter__(self) -> Self:
        self._used, self._lock = 0, threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"server_of": self}))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """Without a path."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def reply(self, body: Body, headers: dict[str, str]) -> Reply:
        with self._lock:
            self.requests.append(body)
            self.headers.append(headers)
            if refused := self.rules(body):
                return refused
            wanted = self.script[min(self._used, len(self.script) - 1)]
            self._used += 1
        return wanted(body) if callable(wanted) else wanted


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_of: ManneredServer

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self.server_of.asked.append(f"GET {self.path}")
        found = self.server_of.paths.get(self.path.partition("?")[0])
        self._whole(Reply(status=404, body={"error": "not found"}) if found is None else Reply(body=found))

    def do_POST(self) -> None:
        self.server_of.asked.append(f"POST {self.path}")
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        found = self.server_of.paths.get(self.path.partition("?")[0])
        if found is not None:
            return self._whole(Reply(body=found))
        reply = self.server_of.reply(body, dict(self.headers))
        try:
            self._whole(reply) if reply.body is not None else self._stream(reply)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the client went away, as it may
        return None

    def _whole(self, reply: Reply) -> None:
        data = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        kind = reply.content_type if isinstance(reply.body, bytes) else "application/json"
        self._head(reply, {"Content-Type": kind, "Content-Length": str(len(data))})
        self.wfile.write(data)

    def _stream(self, reply: Reply) -> None:
        self._head(reply, {"Content-Type": reply.content_type, "Transfer-Encoding": "chunked"})
        for piece in reply.pieces:
            time.sleep(reply.delay)
            self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            self.wfile.flush()
        if reply.breaks:
            self.close_connection = True
        else:
            self.wfile.write(b"0\r\n\r\n")

    def _head(self, reply: Reply, headers: dict[str, str]) -> None:
        self.send_response(reply.status)
        for name, value in {**headers, **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
