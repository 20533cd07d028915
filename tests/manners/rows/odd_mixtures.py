"""What comes together: thoughts among parallel calls, refusals beside calls, strict rules over a long conversation."""

import json
from typing import Any

from tests.documents import image, pdf
from tests.manners import anthropic, gemini, mistral, openai
from tests.manners.row import Row, Seen
from tests.manners.rows.memory import SUMMARY, Talk, limited
from tests.manners.server import Body, Reply, Rules
from tests.manners.thinking_rules import DEEPSEEK, Thought
from tests.worker_harness import ANN, Actor
from threadwork.workflows.files import PDF, GivenFile

AB = [("notes.read", {"name": n}) for n in "ab"]
ABC = [*AB, ("notes.read", {"name": "c"})]
SAID = "I can tell you that the"


def _piece(index: int | None, call_id: str | None, name: str, arguments: Any) -> dict[str, Any]:
    return {"tool_calls": [openai.tool_call(index, name, arguments, call_id)]}


def _results(seen: Seen) -> list[str]:
    return [m["content"] for m in seen.last if m["role"] == "tool"]


# --- thoughts among calls ------------------------------------------------------------------------------

WANTED = "First a, then b."
KEEPS = Thought("reasoning_content", DEEPSEEK, [WANTED])


def _both_and_the_thought(seen: Seen) -> None:
    assert _results(seen) == ["read a", "read b"]
    assert KEEPS.shown == [WANTED]
    assert seen.of("llm_call.completed")[0]["thinking"] == WANTED


def _by_turns() -> Row:
    deltas: tuple[dict[str, Any], ...] = (
        {"role": "assistant", "reasoning_content": "First a"},
        _piece(0, "call_0", "notes__read", ""),
        {"reasoning_content": ", then b."},
        _piece(1, "call_1", "notes__read", ""),
        {"tool_calls": [{"index": 0, "function": {"arguments": '{"name": '}}]},
        {"tool_calls": [{"index": 1, "function": {"arguments": '{"name": "b"'}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": '"a"}'}}], "content": ""},
        {"tool_calls": [{"index": 1, "id": "", "function": {"name": None, "arguments": "}"}}]},
    )
    return Row(
        name="two calls that come by turns, with a thought between their pieces",
        reports=("NousResearch/hermes-agent#62937", "earendil-works/pi#3636"),
        script=[openai.stream(*deltas, finish="tool_calls"), openai.done()],
        model="openai/deepseek-v4-pro",
        rules=KEEPS.rules,
        calls=AB,
        expect=_both_and_the_thought,
    )


def _tagged() -> Row:
    return Row(
        name="a thought between tags before calls without ids",
        reports=("NousResearch/hermes-agent#205", "BerriAI/litellm#33223"),
        script=[
            openai.stream(
                {"role": "assistant", "content": "<think>First a, "},
                {"content": "then b.</think>"},
                _piece(0, None, "notes__read", {"name": "a"}),
                _piece(1, None, "notes__read", {"name": "b"}),
                finish="stop",
            ),
            openai.done(),
        ],
        calls=AB,
        expect=lambda seen: _same(_results(seen), ["read a", "read b"]),
    )


def _same(found: Any, expected: Any) -> None:
    assert found == expected


def _gemini_side_by_side() -> Row:
    """Only the first of calls side by side is signed; ids are Gemini's own, and the same in each turn."""
    turns = [
        gemini.stream(
            gemini.thought("Both."),
            gemini.call("notes__read", {"name": one}, f"c2ln{one}", "fc_1"),
            gemini.call("notes__read", {"name": other}, None, "fc_2"),
        )
        for one, other in ("ab", "cd")
    ]

    def signed(seen: Seen) -> None:
        assert gemini.signatures(seen.requests[-1]) == ["c2lna", "c2lnc"]
        assert [name for name in "abcd" if f"read {name}" in json.dumps(seen.requests[-1])] == [*"abcd"]

    return Row(
        name="Gemini's calls side by side, of which the first is signed, under ids of its own",
        reports=("BerriAI/litellm#16893", "googleapis/python-genai#1739"),
        script=[*turns, gemini.stream(gemini.done())],
        rules=gemini.rules,
        model="gemini/gemini-3-pro-preview",
        path="",
        calls=[*ABC, ("notes.read", {"name": "d"})],
        agent={"reasoning": "low"},
        expect=signed,
    )


# --- refusals beside calls -----------------------------------------------------------------------------


def _refused(seen: Seen) -> None:
    assert "refuse" in seen.of("workflow.failed")[0]["error"]
    assert SAID not in str(seen.result)
    assert len(seen.requests) == 1


def _refusing(name: str, reply: Reply, *reports: str, **more: Any) -> Row:
    more = {"rules": lambda body: None, **more}
    return Row(name=name, reports=reports, script=[reply], reason="failed", calls=[], expect=_refused, **more)


CALL = anthropic.use("notes__write", {"name": "a"}, "toolu_a")
REFUSALS = (
    _refusing(
        "Claude refuses behind words and a call",
        anthropic.stream(anthropic.text(SAID), CALL, stop="refusal"),
        "pydantic/pydantic-ai#5221",
        model="anthropic/claude-sonnet-4-5",
        path="",
    ),
    _refusing(
        "Gemini stops for what it may not say, behind a call and words",
        gemini.stream(gemini.call("notes__write", {"name": "a"}), gemini.text(SAID), finish="PROHIBITED_CONTENT"),
        "pydantic/pydantic-ai#5221",
        model="gemini/gemini-2.5-flash",
        path="",
    ),
    _refusing(
        "Gemini stops for what it may not say, in one piece with a call",
        gemini.stream(gemini.call("notes__write", {"name": "a"}), finish="SAFETY"),
        "BerriAI/litellm#28847",
        model="gemini/gemini-2.5-flash",
        path="",
    ),
    _refusing(
        "a refusal in a field of its own, behind words and a call",
        openai.stream(
            {"role": "assistant", "content": SAID},
            _piece(0, "call_0", "notes__write", {"name": "a"}),
            {"refusal": "I'm sorry, I can't help."},
        ),
        "openai/openai-agents-python#4159",
    ),
)


# --- strict rules over a long conversation ---------------------------------------------------------------


def _both(one: Rules, other: Rules) -> Rules:
    return lambda body: one(body) or other(body)


async def _speaks_twice(task: Actor) -> None:
    await task.happened("llm_call.started", times=2)
    await task.reply("Be quick.", by=ANN)
    await task.happened("llm_call.started", times=5)
    await task.reply("And be brief.", by=ANN)


def _kept_through(seen: Seen) -> None:
    assert seen.of("context.compacted"), "it did outgrow its window"
    shown = json.dumps(seen.last)
    assert SUMMARY in shown
    assert "Be quick." in shown
    assert "And be brief." in shown


def _long_reads(times: int) -> list[Reply]:
    long = "All is well in the hall. " * 120
    return [openai.calls(("notes__read", {"name": f"{n} {long}"}), ids=["call_0"], delay=0.1) for n in range(times)]


# --- files that are too much -----------------------------------------------------------------------------

SIGHTS = [GivenFile(name=f"{n}.png", media_type="image/png", content=image(size=(20, 20 + n))) for n in range(6)]
BOOK = GivenFile(name="book.pdf", media_type=PDF, content=pdf(*("All is well in the hall. " * 100 for _ in range(20))))


def _images(body: Body) -> int:
    held = [part for m in body["messages"] if isinstance(m.get("content"), list) for part in m["content"]]
    return sum(part["type"] == "image_url" for part in held)


def _sees(limit: int) -> Rules:
    """An image is 1,500 tokens of the window."""

    def rules(body: Body) -> Reply | None:
        words = len(json.dumps([m.get("content") for m in body["messages"] if isinstance(m.get("content"), str)]))
        if words // 4 + 1_500 * _images(body) > limit:
            return openai.error(400, f"maximum context length is {limit} tokens", "context_length_exceeded")
        return openai.rules(body)

    return rules


def _newest_alone(seen: Seen) -> None:
    assert 1 <= _images(seen.requests[0]) < len(SIGHTS)
    assert "0.png: left out" in json.dumps(seen.requests[0])
    assert not seen.of("llm_call.failed")


def _a_part_of_it(seen: Seen) -> None:
    shown = json.dumps(seen.requests[0])
    assert "All is well in the hall." in shown
    assert "read_output(id=" in shown
    assert not seen.of("llm_call.failed")


ROWS = (
    _by_turns(),
    _tagged(),
    _gemini_side_by_side(),
    *REFUSALS,
    Row(
        name="Mistral's rules over a summary, with people's words in between",
        reports=("mistralai/mistral-common#169", "earendil-works/pi#8371"),
        script=[Talk(*_long_reads(8), openai.done(), summary=openai.text(SUMMARY))],
        model="mistral/mistral-large-latest",
        spec={"context_window": 8_192},
        rules=_both(mistral.rules, limited(8_192)),
        people=_speaks_twice,
        expect=_kept_through,
    ),
    Row(
        name="more images than a window holds",
        reports=("anthropics/claude-code#2104",),
        script=[openai.done()],
        spec={"context_window": 8_192, "vision": True},
        rules=_sees(8_192),
        files=SIGHTS,
        expect=_newest_alone,
    ),
    Row(
        name="a PDF whose text is longer than the window",
        reports=("earendil-works/pi#8371",),
        script=[openai.done()],
        model="openai/some-model-of-ours",
        spec={"context_window": 8_192},
        rules=limited(8_192),
        files=[BOOK],
        expect=_a_part_of_it,
    ),
)
