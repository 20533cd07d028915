"""A scripted server that speaks OpenAI's chat completions, for tests: real sockets, real SSE, faults on demand.

    with OpenAIServer([Turn(text="Hello"), Turn(fault="rate_limit", retry_after=7)]) as server:
        environment = server.environment  # OPENAI_API_KEY and OPENAI_API_BASE
        ...
        server.requests  # the bodies that came in

Turns are used up in order; when none is left, the last one is repeated. Texts and the JSON of tool calls are sent in
pieces of `piece` characters, which end in the middle of words; the calls of a turn are interleaved. Usage is sent as
OpenAI does: in a chunk of its own without choices, and only when `stream_options.include_usage` asks for it.
"""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self

Fault = Literal[
    "rate_limit",  # 429 with Retry-After, where `retry_after` is given
    "quota",  # 429 insufficient_quota
    "server_error",  # 500
    "unavailable",  # 503
    "auth",  # 401, with a part of the key in its text as OpenAI does
    "not_found",  # 404 for the model
    "overflow",  # 400 context_length_exceeded
    "content_policy",  # 400 content_policy_violation
    "bad_request",  # 400
    "cut",  # the connection breaks in the middle of the stream
    "no_finish",  # the stream ends cleanly without a finish_reason
    "hang",  # no answer at all
    "stall",  # silence in the middle of the stream
]

STATUS: dict[str, tuple[int, str, str]] = {
    "rate_limit": (429, "rate_limit_exceeded", "Rate limit reached for requests."),
    "quota": (
        429,
        "insufficient_quota",
        "You exceeded your current quota, please check your plan and billing details.",
    ),
    "server_error": (500, "server_error", "The server had an error while processing your request."),
    "unavailable": (503, "overloaded", "The engine is currently overloaded."),
    "auth": (401, "invalid_api_key", "Incorrect API key provided: {key}."),
    "not_found": (404, "model_not_found", "The model does not exist or you do not have access to it."),
    "overflow": (
        400,
        "context_length_exceeded",
        "This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens.",
    ),
    "content_policy": (400, "content_policy_violation", "Your request was rejected as a result of our safety system."),
    "bad_request": (400, "invalid_request_error", "Invalid value for 'tools'. The key {key} was used."),
}


@dataclass(frozen=True)
class Turn:
    """One answer of the server. Without text, calls and fault it is an empty answer."""

    text: str = ""
    calls: tuple[tuple[str, dict[str, Any]], ...] = ()  # name and arguments
    finish: str | None = None  # None: "tool_calls" where there are calls, else "stop"
    prompt_tokens: int = 100
    completion_tokens: int = 20
    cached_tokens: int = 0
    fault: Fault | None = None
    retry_after: float | None = None  # seconds
    piece: int = 3  # characters a delta
    delay: float = 0.0  # seconds between deltas
    keepalive: int = 0  # SSE comments before the first delta, 0.2 s apart
    raw_calls: tuple[tuple[str, str], ...] = ()  # name and arguments exactly as written, instead of `calls`
    raw_usage: Any = None  # instead of the tokens

    @property
    def finish_reason(self) -> str:
        return self.finish or ("tool_calls" if self.calls or self.raw_calls else "stop")

    @property
    def usage(self) -> Any:
        if self.raw_usage is not None:
            return self.raw_usage
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "total_tokens": self.prompt_tokens + self.completion_tokens,
            "prompt_tokens_details": {"cached_tokens": self.cached_tokens},
        }

    def deltas(self) -> Iterator[dict[str, Any]]:
        yield {"role": "assistant", "content": ""}
        for start in range(0, len(self.text), self.piece):
            yield {"content": self.text[start : start + self.piece]}
        texts = self.raw_calls or [(name, json.dumps(given, ensure_ascii=False)) for name, given in self.calls]
        for index, (name, _) in enumerate(texts):
            function = {"name": name, "arguments": ""}
            yield {"tool_calls": [{"index": index, "id": f"call_{index}", "type": "function", "function": function}]}
        for start in range(0, max((len(text) for _, text in texts), default=0), self.piece):
            for index, (_, text) in enumerate(texts):
                if part := text[start : start + self.piece]:
                    yield {"tool_calls": [{"index": index, "function": {"arguments": part}}]}

    def message(self) -> dict[str, Any]:
        calls = [
            {"id": f"call_{index}", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
            for index, (name, arguments) in enumerate(self.calls)
        ]
        return {"role": "assistant", "content": self.text or None, **({"tool_calls": calls} if calls else {})}


@dataclass
class OpenAIServer:
    """Runs in a thread while it is entered."""

    turns: Sequence[Turn] = (Turn(text="Hello there, nice to meet you."),)
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._used = 0
        self._lock = threading.Lock()
        self.closing = threading.Event()  # ends the turns that hang
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"script": self}))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    @property
    def environment(self) -> dict[str, str]:
        """Variables that make LiteLLM talk to this server for models of OpenAI."""
        return {"OPENAI_API_KEY": "sk-test-1234567890abcdef", "OPENAI_API_BASE": self.url}

    def next(self, body: dict[str, Any], headers: dict[str, str]) -> Turn:
        with self._lock:
            turn = self.turns[min(self._used, len(self.turns) - 1)]
            self._used += 1
            self.requests.append(body)
            self.headers.append(headers)
        return turn


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    script: OpenAIServer

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        turn = self.script.next(body, dict(self.headers))
        try:
            self._answer(turn, body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the client went away, as it may

    def _answer(self, turn: Turn, body: dict[str, Any]) -> None:
        if turn.fault in STATUS:
            self._error(turn)
        elif turn.fault == "hang":
            self._gate()
        elif body.get("stream"):
            self._stream(turn, body)
        else:
            choice = {"index": 0, "message": turn.message(), "finish_reason": turn.finish_reason}
            self._json(200, {**_envelope(body, "chat.completion"), "choices": [choice], "usage": turn.usage})

    def _error(self, turn: Turn) -> None:
        status, code, text = STATUS[turn.fault or ""]
        key = self.headers.get("Authorization", "").removeprefix("Bearer ")
        error = {"message": text.format(key=key), "type": code, "code": code, "param": None}
        headers = {} if turn.retry_after is None else {"Retry-After": f"{turn.retry_after:g}"}
        self._json(status, {"error": error}, headers)

    def _json(self, status: int, content: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _stream(self, turn: Turn, body: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for _ in range(turn.keepalive):
            self._write(": still working\n\n")
            time.sleep(0.2)
        deltas = list(turn.deltas())
        if turn.fault is not None:
            deltas = deltas[: max(2, len(deltas) // 2)]
        for delta in deltas:
            self._chunk(body, [{"index": 0, "delta": delta, "finish_reason": None}])
            time.sleep(turn.delay)
        self._close(turn, body)

    def _close(self, turn: Turn, body: dict[str, Any]) -> None:
        if turn.fault == "stall":
            self._gate()
        elif turn.fault == "cut":
            self.close_connection = True  # without the last chunk of the transfer encoding
        else:
            if turn.fault is None:
                self._chunk(body, [{"index": 0, "delta": {}, "finish_reason": turn.finish_reason}])
                if (body.get("stream_options") or {}).get("include_usage"):
                    self._chunk(body, [], usage=turn.usage)
            self._write("data: [DONE]\n\n")
            self.wfile.write(b"0\r\n\r\n")

    def _chunk(self, body: dict[str, Any], choices: list[dict[str, Any]], **more: Any) -> None:
        chunk = {**_envelope(body, "chat.completion.chunk"), "choices": choices, **more}
        self._write(f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n")

    def _write(self, text: str) -> None:
        data = text.encode(errors="backslashreplace")  # half a pair can only be sent as JSON's escape
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def _gate(self) -> None:
        self.script.closing.wait(60)
        self.close_connection = True


def _envelope(body: dict[str, Any], kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-test", "object": kind, "created": 1_700_000_000, "model": body.get("model", "test")}
