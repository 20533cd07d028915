"""How calls come: their ids, indices, names and arguments."""

import json
from typing import Any

from tests.manners import mistral, openai
from tests.manners.row import Row, Seen
from tests.manners.server import Body, Reply
from tests.worker_harness import Actor
from threadwork.workflows.agents import ToolPolicy

ABC = [("notes.read", {"name": n}) for n in "abc"]
ASKED = {"tools": ToolPolicy(ask=("notes.*",))}
A, B, C = ({"name": n} for n in "abc")
HALVES = ('{"name"', ': "a"}')
NULL = {"index": 0, "type": "function", "function": {"name": None, "arguments": None}}


def _outputs(seen: Seen) -> list[str]:
    return [message["content"] for message in seen.last if message["role"] == "tool"]


def _three_results(seen: Seen) -> None:
    """Each under its own call, in the request that comes after all of them."""
    assert _outputs(seen) == ["read a", "read b", "read c"]
    ids = [call["id"] for message in seen.last for call in message.get("tool_calls") or ()]
    assert ids == [message["tool_call_id"] for message in seen.last if message["role"] == "tool"]
    assert len(set(ids)) == 3


def _piece(index: int | None, call_id: str | None, name: str, arguments: Any) -> dict[str, Any]:
    return {"tool_calls": [openai.tool_call(index, name, arguments, call_id)]}


def _bare(**function: Any) -> dict[str, Any]:
    return {"tool_calls": [{"index": 0, "function": function}]}


def _at_once(name: str, report: str, *deltas: dict[str, Any]) -> Row:
    """Three calls in one answer."""
    script = [openai.stream(*deltas, finish="tool_calls"), openai.done()]
    return Row(name=name, reports=(report,), script=script, calls=ABC, expect=_three_results)


def _once(name: str, report: str, *deltas: dict[str, Any], finish: str = "tool_calls") -> Row:
    script = [openai.stream(*deltas, finish=finish), openai.done()]
    return Row(name=name, reports=(report,), script=script, calls=ABC[:1], expect=_called_by_its_name)


def _by_turns(name: str, report: str, call_id: str | None, **more: Any) -> Row:
    script = [*(openai.stream(_piece(0, call_id, "notes__read", {"name": n}), finish="tool_calls") for n in "abc")]
    return Row(name=name, reports=(report,), script=[*script, openai.done()], calls=ABC, expect=_three_results, **more)


# --- Mistral -----------------------------------------------------------------------------------------


def _of_mistral(name: str, report: str, model: str, path: str = "/v1") -> Row:
    return _by_turns(name, report, "call_0", model=model, path=path, rules=mistral.rules)


async def _speaks_between(task: Actor) -> None:
    """A reply while an answer is on its way: it enters the conversation right behind a result."""
    await task.happened("llm_call.started", times=2)
    await task.reply("Be quick.")


# --- Ollama ------------------------------------------------------------------------------------------


def ollama(*messages: dict[str, Any]) -> Reply:
    head = {"model": "m", "created_at": "2026-01-01T00:00:00Z", "done": False}
    said = [{**head, "message": {"role": "assistant", "content": "", **message}} for message in messages]
    end = {"done": True, "done_reason": "stop", "prompt_eval_count": 10, "eval_count": 5}
    lines = [*said, {**head, "message": {"role": "assistant", "content": ""}, **end}]
    return Reply(pieces=[(json.dumps(line) + "\n").encode() for line in lines], content_type="application/x-ndjson")


def ollama_call(name: str, /, **arguments: Any) -> dict[str, Any]:
    return {"tool_calls": [{"function": {"name": name, "arguments": arguments}}]}


def _any(body: Body) -> None:
    """Ollama takes what it gets."""


# --- decisions ---------------------------------------------------------------------------------------


async def _yes_then_no(task: Actor) -> None:
    await task.decide(await task.happened("human_approval.requested"), "approve")
    await task.decide(await task.happened("human_approval.requested", times=2), "deny", reason="Not this one.")


def _one_written_one_not(seen: Seen) -> None:
    written, denied = _outputs(seen)
    assert written == "wrote a"
    assert "Not this one." in denied


# --- names and arguments -----------------------------------------------------------------------------


def _named(name: str, report: str, called: str, arguments: Any = A) -> Row:
    script = [openai.calls((called, arguments)), openai.done()]
    return Row(name=name, reports=(report,), script=script, calls=[("notes.read", A)], expect=_called_by_its_name)


def _called_by_its_name(seen: Seen) -> None:
    [call] = [call for message in seen.last for call in message.get("tool_calls") or ()]
    assert call["function"]["name"] == "notes__read"
    assert json.loads(call["function"]["arguments"]) == A


# --- what an answer without words looks like afterwards ------------------------------------------------


def _no_blank_words(seen: Seen) -> None:
    said = [message for message in seen.last if message["role"] == "assistant"]
    assert said
    assert all(message.get("content") is None for message in said)


def _nothing_empty(seen: Seen) -> None:
    """Neither the empty answer nor two messages of the same role in a row."""
    for request in seen.requests:
        roles = [message["role"] for message in request["messages"]]
        assert "assistant" not in roles
        assert roles == ["system", "user"]


ROWS = (
    Row(
        name="calls with ids of their own",
        reports=("control of NousResearch/hermes-agent#70724",),
        script=[*(openai.calls(("notes__read", {"name": n}), ids=[f"call_{n}"]) for n in "abc"), openai.done()],
        calls=ABC,
        expect=_three_results,
    ),
    _by_turns("the same id in every turn", "NousResearch/hermes-agent#70724", "call_0"),
    _by_turns("no ids", "BerriAI/litellm#33223", None),
    _by_turns("empty ids", "lmstudio-ai/lmstudio-bug-tracker#830", ""),
    _by_turns("ids with odd characters", "maximhq/bifrost#5097", "functions.notes__read:0"),
    _by_turns("ids that are very long", "Portkey-AI/gateway#1062", "call_" + "x" * 300),
    _at_once(
        "the same id for all calls of an answer",
        "QwenLM/qwen-code#5099",
        *(_piece(number, "call_0", "notes__read", {"name": n}) for number, n in enumerate("abc")),
    ),
    _at_once(
        "the same index for all calls of an answer",
        "NousResearch/hermes-agent#62937",
        *(_piece(0, f"call_{n}", "notes__read", {"name": n}) for n in "abc"),
    ),
    _at_once(
        "neither index nor id",
        "microsoft/autogen#7549",
        *(_piece(None, None, "notes__read", {"name": n}) for n in "abc"),
    ),
    _at_once(
        "name on every piece",
        "NousResearch/hermes-agent#8259",
        *(
            _piece(number, f"call_{n}", "notes__read", piece)
            for number, n in enumerate("abc")
            for piece in ('{"name"', f': "{n}"', "}")
        ),
    ),
    _at_once(
        "arguments as objects, counted from 1",
        "BerriAI/litellm#11262",
        *(
            {"tool_calls": [{"index": number, "function": {"name": "notes__read", "arguments": {"name": n}}}]}
            for number, n in enumerate("abc", 1)
        ),
    ),
    _once(
        "a last piece in which all is null",
        "QuantumNous/new-api#3326",
        *(_piece(0, "call_a", "notes__read", A), {"tool_calls": [{**NULL, "id": ""}]}),
    ),
    _once(
        "arguments that are null at first",
        "open-webui/open-webui#27195",
        *({"tool_calls": [{**NULL, "id": "call_a", "function": {"name": "notes__read", "arguments": None}}]},),
        _bare(arguments=json.dumps(A)),
    ),
    _once(
        "another id with every piece, and an end that is a stop",
        "BerriAI/litellm#40040",
        _piece(0, "chatcmpl-tool-b83c26f82cdb1c48", "notes__read", ""),
        *(
            {"tool_calls": [{**NULL, "id": f"call_{n}", "function": {"arguments": half}}]}
            for n, half in enumerate(HALVES)
        ),
        finish="stop",
    ),
    Row(
        name="the old form of a call",
        reports=("can1357/oh-my-pi#1692",),
        script=[
            openai.stream(
                {"function_call": {"name": "notes__read", "arguments": ""}},
                {"function_call": {"arguments": '{"name": "a"}'}},
                finish="function_call",
            ),
            openai.done(),
        ],
        calls=[("notes.read", A)],
    ),
    Row(
        name="Ollama's own stream, a call a line",
        reports=("huggingface/smolagents#1569",),
        script=[
            ollama(*(ollama_call("notes__read", name=n) for n in "abc")),
            ollama(ollama_call("complete_task", answer="Done.")),
        ],
        calls=ABC,
        model="ollama_chat/llama3.1",
        path="",
        paths={"/api/show": {}},
        rules=_any,
    ),
    Row(
        name="the same id for what is approved and what is denied",
        reports=("NousResearch/hermes-agent#70724",),
        script=[*(openai.calls(("notes__write", {"name": n}), ids=["call_0"]) for n in "ab"), openai.done()],
        agent=ASKED,
        people=_yes_then_no,
        calls=[("notes.write", A)],
        expect=_one_written_one_not,
    ),
    _of_mistral("Mistral's ids", "langchain-ai/langchain#24668", "mistral/mistral-large-latest"),
    _of_mistral("Mistral's ids through OpenRouter", "openclaw/openclaw#57672", "openrouter/mistralai/mistral-small"),
    Row(
        name="a person's words behind a result, with Mistral",
        reports=("mistralai/mistral-common#169", "NousResearch/hermes-agent#20154"),
        script=[
            openai.calls(("notes__read", A)),
            openai.stream(_piece(0, "x", "notes__read", B), finish="tool_calls", delay=0.3),
            openai.done(),
        ],
        model="mistral/mistral-large-latest",
        rules=mistral.rules,
        people=_speaks_between,
        calls=ABC[:2],
    ),
    _named("a blank around a name", "ggml-org/llama.cpp#15158", " notes__read\n"),
    _named("functions. before a name", "tontinton/maki#505", "functions.notes__read"),
    _named("special tokens behind a name", "vllm-project/vllm#32587", "notes__read<|channel|>commentary"),
    _named("arguments encoded twice", "quarkiverse/quarkus-langchain4j#2569", "notes__read", json.dumps(json.dumps(A))),
    Row(
        name="a call without words",
        reports=("BerriAI/litellm#24498", "BerriAI/litellm#34822"),
        script=[
            openai.stream({"content": " \n"}, _piece(0, "a", "notes__read", A), finish="tool_calls"),
            openai.calls(("notes__read", B)),
            openai.done(),
        ],
        expect=_no_blank_words,
    ),
    Row(
        name="an empty answer in between",
        reports=("NousResearch/hermes-agent#11722",),
        script=[openai.stream(), openai.text("\n\n"), openai.done()],
        expect=_nothing_empty,
    ),
)
