"""How tool servers behave: what they forget, and answers that cannot be read."""

import json
from collections.abc import Sequence
from typing import Any

from tests.manners import openai
from tests.manners.mcp_server import DONE, NAMED, Forgotten, answer, over_http, over_stdio, refusal, result
from tests.manners.row import Row, Seen
from tests.manners.server import Reply
from threadwork.workflows.events import EventType

HALF = r'{"jsonrpc": "2.0", "id": ID, "result": {"content": [{"type": "text", "text": "cut here: \ud83d"}]}}'
BROKEN = '{"jsonrpc": "2.0", "id": ID, "result": {"content": [{"type": "te'
SHAPELESS = '{"jsonrpc": "2.0", "id": ID, "result": "done"}'
EMPTY_SHAPE = '{"jsonrpc": "2.0", "id": ID, "result": {"content": "done"}}'
JSON = "application/json"


def _turns(*names: str, tool: str = "notes__write") -> list[Any]:
    """A call with each name, one a turn; then the end."""
    return [*(openai.calls((tool, {"name": name}), ids=[f"call_{name}"]) for name in names), openai.done()]


def _each_once(names: str, tool: str = "notes.write") -> list[tuple[str, dict[str, Any]]]:
    return [(tool, {"name": name}) for name in names]


def _forgotten(status: int, body: Any, content_type: str = JSON) -> Forgotten:
    written = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Forgotten(status=status, body=written, content_type=content_type)


FORGETTING = (
    _forgotten(404, refusal("server-error", -32600, "Session not found")),  # Python 1.x
    _forgotten(404, refusal(None, -32001, "Session not found")),  # TypeScript, Python 2.x
    _forgotten(400, refusal(None, -32000, "Bad Request: No valid session ID provided")),  # server-everything
    _forgotten(400, refusal(None, -32000, "Bad Request: Server not initialized")),  # TypeScript
    _forgotten(404, b"", "text/plain"),
    _forgotten(404, b"Invalid session ID", "text/plain"),  # mcp-go
    _forgotten(401, b"Unauthorized: Session not found", "text/plain"),  # rmcp
    _forgotten(400, b"Invalid or missing session ID", "text/plain"),  # TypeScript's examples
)


def _nothing_went_wrong(seen: Seen) -> None:
    assert seen.of(EventType.TOOL_CALL_FAILED) == []


def _all_unknown(seen: Seen) -> None:
    failed = seen.of(EventType.TOOL_CALL_FAILED)
    assert [f["outcome"] for f in failed] == ["unknown"] * len(seen.calls)
    assert all("cannot be read" in f["output_preview"] or "failed while" in f["output_preview"] for f in failed)


def _only_told(*words: str) -> Any:
    """The model is told each, as an error: nothing is unknown."""

    def expect(seen: Seen) -> None:
        failed = seen.of(EventType.TOOL_CALL_FAILED)
        assert [f["outcome"] for f in failed] == ["error"] * len(words)
        told = [m["content"] for m in seen.last if m["role"] == "tool"]
        for word, text in zip(words, told, strict=True):
            assert word in text
            assert "no answer" not in text.lower()

    return expect


def _shown(seen: Seen) -> None:
    [told] = [m["content"] for m in seen.last if m["role"] == "tool"]
    assert "before" in told
    assert "after" in told
    assert "hologram" in told
    assert not seen.of(EventType.TOOL_CALL_FAILED)


def _unreadable_over_http() -> Sequence[Reply]:
    return (
        *(Reply(body=text.encode(), content_type=JSON) for text in (HALF, BROKEN, SHAPELESS, EMPTY_SHAPE)),
        Reply(body=b"<html>Welcome</html>", content_type="text/html"),
        Reply(body=b"", content_type="text/plain"),
        Reply(body=b"", content_type=JSON),
        Reply(pieces=(f"event: message\ndata: {HALF}\n\n".encode(),)),
        Reply(pieces=(b": nothing comes\n\n",)),
        Reply(pieces=(b"event: message\ndata: {", b'"jsonrpc"'), breaks=True),
        Reply(status=202, body=b""),
    )


UNREADABLE = _unreadable_over_http()
LETTERS = "abcdefghijklmnop"[: len(UNREADABLE)]
ODD = {"content": [*result("before")["content"], {"type": "hologram", "data": 7}, *result("after")["content"]]}

CHANGED = '{"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}'
DONE_LINE = '{"jsonrpc": "2.0", "id": ID, "result": {"content": [{"type": "text", "text": "done"}]}}'


def _moved(share: int, message: str) -> str:
    params = {"progressToken": 0, "progress": share, "total": 50, "message": message}
    line = json.dumps({"jsonrpc": "2.0", "method": "notifications/progress", "params": params})
    return line.replace('"progressToken": 0', '"progressToken": ID')


def _progress_shown(seen: Seen) -> None:
    assert seen.progress == ["notes.write 40 % — indexing the folder"], "one a second at most, on one line"
    assert "indexing" not in json.dumps([event.data for event in seen.events])
    _nothing_went_wrong(seen)


def _paired(seen: Seen) -> None:
    assert [done["output_preview"] for done in seen.of(EventType.TOOL_CALL_COMPLETED)][:1] == ["done"]
    busy, other = seen.of(EventType.TOOL_CALL_FAILED)
    assert (busy["outcome"], other["outcome"]) == ("error", "unknown")
    assert "printer is busy" in busy["output_preview"]


def _offered_at_once(seen: Seen) -> None:
    first, second = ([t["function"]["name"] for t in body["tools"]] for body in seen.requests)
    assert "notes__later" not in first
    assert "notes__later" in second


ROWS = (
    Row(
        name="a server that says how far a call is, faster than anybody reads",
        reports=("anthropics/claude-code#4157", "jgravelle/jcodemunch-mcp#232"),
        script=_turns("a"),
        mcp=lambda folder: over_stdio(
            folder, "\n".join([_moved(20, "indexing\nthe folder"), *[_moved(n, "soon") for n in (30, 49)], DONE_LINE])
        ),
        calls=_each_once("a"),
        expect=_progress_shown,
    ),
    Row(
        name="a call that brings other tools",
        reports=(
            "anthropics/claude-code#77314",
            "MoonshotAI/kimi-code#1138",
        ),
        script=_turns("a"),
        mcp=lambda folder: over_stdio(
            folder, f"{CHANGED}\n{DONE_LINE}", later=[{"name": "later", "inputSchema": NAMED}]
        ),
        expect=_offered_at_once,
    ),
    Row(
        name="a tool server over HTTP that was restarted before each call",
        reports=(
            "anthropics/claude-code#83404",
            "modelcontextprotocol/python-sdk#1676",
            "modelcontextprotocol/python-sdk#3556",
        ),
        script=_turns(*"abcdefgh"),
        mcp=lambda _: over_http(*(reply for form in FORGETTING for reply in (form, DONE))),
        calls=_each_once("abcdefgh"),
        expect=_nothing_went_wrong,
    ),
    Row(
        name="errors of a server that only look like a time-out or a lost session",
        reports=("anthropics/claude-code#83404",),
        script=_turns("a", "b", "c"),
        mcp=lambda _: over_http(
            Reply(
                body=json.dumps(refusal(0, -32001, "The printer is busy")).replace('"id": 0', '"id": ID').encode(),
                content_type=JSON,
            ),
            Reply(status=400, body=json.dumps(refusal(None, -32602, "Unknown account")).encode(), content_type=JSON),
            Reply(status=403, body=b"nope", content_type="text/plain"),
        ),
        calls=_each_once("abc"),
        expect=_only_told("printer is busy", "Unknown account", "HTTP status 403"),
    ),
    Row(
        name="answers over HTTP that do not say what they answer, or something else",
        reports=("modelcontextprotocol/python-sdk#1144", "strands-agents/harness-sdk#792"),
        script=_turns("a", "b", "c"),
        mcp=lambda _: over_http(
            Reply(body=json.dumps(answer(None, result("done"))).encode(), content_type=JSON),
            Reply(body=json.dumps(refusal("92a9759e", -32603, "The printer is busy")).encode(), content_type=JSON),
            Reply(body=json.dumps(answer("another", result("done"))).encode(), content_type=JSON),
        ),
        calls=_each_once("abc"),
        within=40,  # seconds; the time-out of a call is longer
        expect=_paired,
    ),
    Row(
        name="a key that stopped working in mid-run",
        reports=(
            "get-engram/engram#399",
            "punkpeye/mcp-remote#166",
        ),
        script=_turns("a"),
        mcp=lambda _: over_http(Reply(status=401, body=b'{"error": "invalid_token"}', content_type=JSON)),
        calls=_each_once("a"),
        expect=_only_told("HTTP status 401"),
    ),
    Row(
        name="answers over HTTP that cannot be read",
        reports=("modelcontextprotocol/python-sdk#1144",),
        script=_turns(*LETTERS),
        mcp=lambda _: over_http(*UNREADABLE),
        calls=_each_once(LETTERS),
        expect=_all_unknown,
    ),
    Row(
        name="answers over stdio that cannot be read",
        reports=("modelcontextprotocol/python-sdk#1144",),
        script=_turns(*"abcd"),
        mcp=lambda folder: over_stdio(folder, HALF, BROKEN, SHAPELESS, EMPTY_SHAPE),
        calls=_each_once("abcd"),
        expect=_all_unknown,
        within=20,  # far below the time-out of a single call
    ),
    Row(
        name="an answer that cannot be read, of a tool that only reads",
        reports=("modelcontextprotocol/python-sdk#1144",),
        script=_turns("a", tool="notes__read"),
        mcp=lambda folder: over_stdio(folder, HALF),
        expect=_only_told("cannot be read"),
        within=20,
    ),
    Row(
        name="a kind of content that nobody knows",
        reports=("BerriAI/litellm#36920",),
        script=_turns("a"),
        mcp=lambda folder: over_stdio(
            folder, json.dumps({"jsonrpc": "2.0", "id": 0, "result": ODD}).replace('"id": 0', '"id": ID')
        ),
        expect=_shown,
    ),
)
