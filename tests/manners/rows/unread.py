"""Calls that a model wrote and its own server could not read: the next one may be better."""

from typing import Any

from tests.manners import gemini, openai
from tests.manners.row import Row, Seen
from tests.manners.rows.calls import ollama, ollama_call
from tests.manners.server import Body, Reply

A = {"name": "a"}
GROQ = {
    "message": "Failed to call a function. Please adjust your prompt. See 'failed_generation' for more details.",
    "type": "invalid_request_error",
    "code": "tool_use_failed",
    "failed_generation": '<function=notes__read={"name": "a"}</function>',
}
OLLAMA = """error parsing tool call: raw='{\"name\":\"a\"}]', err=invalid character ']' after top-level value"""
LLAMA_CPP = {"code": 500, "message": "Failed to parse input at pos 12: </tool_call>", "type": "server_error"}
READ = openai.calls(("notes__read", A))


def _any(body: Body) -> None:
    """These servers take what they get."""


def _written_anew(*words: str) -> Any:
    def expect(seen: Seen) -> None:
        [failed] = seen.of("llm_call.failed")
        assert all(word in failed["error"] for word in words), failed
        assert len(seen.requests) == 3

    return expect


def _row(name: str, reply: Reply, *reports: str, **more: Any) -> Row:
    given = {"script": [reply, READ, openai.done()], "expect": _written_anew("could not read"), **more}
    return Row(name=name, reports=reports, calls=[("notes.read", A)], **given)


ROWS = (
    _row(
        "Groq refuses what its model wrote",
        Reply(status=400, body={"error": GROQ}),
        "pydantic/pydantic-ai#2774",
        "huggingface/smolagents#1119",
        model="groq/llama-3.3-70b-versatile",
    ),
    _row(
        "Ollama cannot read what its model wrote",
        Reply(status=500, body={"error": OLLAMA}),
        "ollama/ollama#17638",
        "langchain-ai/langchain#34746",
        script=[
            Reply(status=500, body={"error": OLLAMA}),
            ollama(ollama_call("notes__read", **A)),
            ollama(ollama_call("complete_task", answer="Done.")),
        ],
        model="ollama_chat/gpt-oss:20b",
        path="",
        paths={"/api/show": {}},
        rules=_any,
    ),
    _row(
        "llama.cpp cannot read what its model wrote",
        Reply(status=500, body={"error": LLAMA_CPP}),
        "ggml-org/llama.cpp#20761",
        "ggml-org/llama.cpp#24644",
        model="openai/local",
    ),
    _row(
        "Gemini stops at a call that it wrote wrong, behind words",
        gemini.stream(gemini.text("The hall is"), finish="MALFORMED_FUNCTION_CALL"),
        "NousResearch/hermes-agent#83886",
        "google-gemini/gemini-cli#12674",
        script=[
            gemini.stream(gemini.text("The hall is"), finish="MALFORMED_FUNCTION_CALL"),
            gemini.stream(gemini.call("notes__read", A)),
            gemini.stream(gemini.done()),
        ],
        model="gemini/gemini-2.5-flash",
        path="",
        rules=_any,
        expect=_written_anew("partway through its answer"),
    ),
)
