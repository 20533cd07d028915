"""How answers end: refusals, filters, output limits, nothing at all, and streams that break off."""

from dataclasses import replace
from typing import Any

from tests.manners import openai
from tests.manners.row import Row, Seen
from tests.manners.server import Reply
from threadwork.workflows.events import EventType

READ = ("notes__read", {"name": "a"})
SAID = {"role": "assistant", "content": "I can tell you that the"}
BY_FALLBACK = (openai.done("By the other one."),)


def _failed(seen: Seen) -> str:
    return str(seen.of(EventType.WORKFLOW_FAILED)[0]["error"])


def _refused(seen: Seen) -> None:
    assert "refuse" in _failed(seen)
    assert "I can tell you" not in str(seen.result), "half a sentence is no answer"
    assert len(seen.requests) == 1, "whoever refuses is not asked again"


def _its_own_words(seen: Seen) -> None:
    _refused(seen)
    assert "I'm sorry, I can't help." in _failed(seen)


def _switched(seen: Seen) -> None:
    assert seen.result["answer"] == "By the other one."
    started = seen.of(EventType.LLM_CALL_STARTED)
    assert started[-1]["model"] == "second"
    assert "first" in started[-1]["because"], "people are told why"


def _limit_told(seen: Seen) -> None:
    told = str(seen.requests[1]["messages"][-2:])
    assert "output limit" in told
    assert "no JSON" not in str(seen.requests)


def _mended_by(seen: Seen) -> None:
    assert "max_output_tokens" in _failed(seen)
    assert len(seen.requests) == 3


def _three_tries(seen: Seen) -> None:
    assert "partway through its answer" in _failed(seen) or "empty answer" in _failed(seen)
    assert len(seen.requests) == 3
    assert seen.result["spent"]["tokens"] < 3 * 1_000, "each try is paid at what it came to"


def _told_to_act(seen: Seen) -> None:
    assert "made no call" in seen.requests[1]["messages"][-1]["content"]


def _one_nudge(seen: Seen) -> None:
    assert seen.result["answer"] == "Let me read the thing first."
    assert len(seen.requests) == 2


def _asked_thrice(seen: Seen) -> None:
    assert "answered nothing 3 times" in _failed(seen)
    assert len(seen.requests) == 3


def _no_empty_turns(seen: Seen) -> None:
    assert all(m.get("content") or m.get("tool_calls") for m in seen.last if m["role"] == "assistant")


def _refusing(*finishes: str) -> tuple[Row, ...]:
    return tuple(
        Row(
            name=f"half a sentence that ended in {finish}",
            reports=("pydantic/pydantic-ai#5221", "openai/openai-agents-python#4159"),
            script=[openai.stream(SAID, finish=finish)],
            reason="failed",
            expect=_refused,
        )
        for finish in finishes
    )


def _gone_wrong(name: str, *pieces: Any, **more: Any) -> Row:
    written = [piece if isinstance(piece, bytes) else openai.event(piece) for piece in pieces]
    return Row(
        name=name,
        reports=("Kilo-Org/kilocode#12157", "vercel/ai#18667"),
        script=[Reply(pieces=written, **more)],
        reason="failed",
        expect=_three_tries,
    )


HELLO, DONE = openai.chunk({"role": "assistant", "content": "Hello there."}), b"data: [DONE]\n\n"
FILTERED = _refusing("content_filter", "SAFETY", "RECITATION", "guardrail_intervened", "sensitive", "refusal")
BROKEN = (
    _gone_wrong("no finish_reason", HELLO, DONE),
    _gone_wrong("no finish_reason, and the connection is cut", HELLO, breaks=True),
    _gone_wrong("nothing but choices that are none", {**openai.chunk(), "choices": []}, DONE),
    _gone_wrong("nothing but the end", DONE),
    _gone_wrong("JSON that is none", HELLO, b"data: {oops\n\n", DONE),
    _gone_wrong("an error behind words", HELLO, {"error": {"message": "Worker died", "code": 500}}, DONE),
    _gone_wrong("an end that is an error", HELLO, openai.chunk({}, "error"), DONE),
    _gone_wrong("an end that was aborted", HELLO, openai.chunk({}, "abort"), DONE),
)

ROWS = (
    *FILTERED,
    replace(
        FILTERED[0], name="a filter, and another model", reason="goal_achieved", fallback=BY_FALLBACK, expect=_switched
    ),
    Row(
        name="a refusal in a field of its own",
        reports=("microsoft/agent-framework#8475", "openai/openai-agents-python#4159"),
        script=[
            openai.stream(
                {"role": "assistant", "content": "", "refusal": None},
                {"refusal": "I'm sorry, "},
                {"refusal": "I can't help."},
            )
        ],
        reason="failed",
        expect=_its_own_words,
    ),
    Row(
        name="calls beside a filter",
        reports=("pydantic/pydantic-ai#5221",),
        script=[openai.stream({"tool_calls": [openai.tool_call(0, *READ, "call_0")]}, finish="content_filter")],
        reason="failed",
        calls=[],
    ),
    Row(
        name="a filter that refuses the request",
        reports=("BerriAI/litellm#16231",),
        script=[
            openai.error(
                400,
                "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
                "content_filter",
            )
        ],
        reason="failed",
        expect=_refused,
    ),
    Row(
        name="all output went into thinking",
        reports=("MoonshotAI/kimi-code#836",),
        script=[openai.stream({"reasoning_content": "Hm. " * 20}, finish="length"), openai.done()],
        expect=_limit_told,
    ),
    Row(
        name="arguments that end at the limit",
        reports=("lobehub/lobehub#13817",),
        script=[
            openai.stream(
                {"tool_calls": [openai.tool_call(0, "notes__write", '{"name": "a', "call_0")]}, finish="length"
            ),
            openai.done(),
        ],
        calls=[],
        expect=_limit_told,
    ),
    Row(
        name="a call whose arguments had not begun at the limit",
        reports=("lobehub/lobehub#13817",),
        script=[
            openai.stream({"tool_calls": [openai.tool_call(0, "notes__write", "", "call_0")]}, finish="length"),
            openai.done(),
        ],
        calls=[],
        expect=_limit_told,
    ),
    Row(
        name="cut three times in a row",
        reports=("MoonshotAI/kimi-code#836",),
        script=[openai.text("And then", finish="length")],
        reason="failed",
        expect=_mended_by,
    ),
    *BROKEN,
    replace(
        BROKEN[0],
        name="no finish_reason, and another model",
        reason="goal_achieved",
        fallback=BY_FALLBACK,
        expect=_switched,
    ),
    Row(
        name="broken off once",
        reports=("Kilo-Org/kilocode#12157",),
        script=[openai.text("Hello", finish=None), openai.done()],
    ),
    Row(
        name="an announcement",
        reports=("aipoch/open-science#408",),
        script=[openai.text("Let me read the thing first."), openai.calls(READ), openai.done()],
        calls=[("notes.read", {"name": "a"})],
        expect=_told_to_act,
    ),
    Row(
        name="an end of calls without any",
        reports=("NousResearch/hermes-agent#75926", "mastra-ai/mastra#14187"),
        script=[openai.text("I'll read the brief first.", finish="tool_calls"), openai.calls(READ), openai.done()],
        calls=[("notes.read", {"name": "a"})],
        expect=_told_to_act,
    ),
    Row(
        name="words, a call, and two ends of which the last is a stop",
        reports=("RayBytes/ChatMock#114",),
        script=[
            Reply(
                pieces=[
                    openai.event(openai.chunk({"role": "assistant", "content": "Let me look that up."})),
                    openai.event(openai.chunk({"tool_calls": [openai.tool_call(0, *READ, "call_0")]})),
                    *(openai.event(openai.chunk({}, finish)) for finish in ("tool_calls", "stop")),
                    DONE,
                ]
            ),
            openai.done(),
        ],
        calls=[("notes.read", {"name": "a"})],
    ),
    Row(
        name="thoughts alone, and a stop",
        reports=("defilantech/LLMKube#935",),
        script=[openai.stream({"role": "assistant", "content": "", "reasoning_content": "I know."}), openai.done()],
        expect=_no_empty_turns,
    ),
    Row(
        name="an announcement, and the same again",
        reports=("NousResearch/hermes-agent#78113", "shenjianan97/persistent-agent-runtime#97"),
        script=[openai.text("Let me read the thing first.")],
        expect=_one_nudge,
    ),
    Row(
        name="blank answers",
        reports=("pydantic/pydantic-ai#5221",),
        script=[openai.text("\n\n")],
        reason="failed",
        expect=_asked_thrice,
    ),
    Row(
        name="an empty answer, then another",
        reports=("embabel/embabel-agent#1936", "defilantech/LLMKube#935"),
        script=[openai.text(""), openai.done()],
        expect=_no_empty_turns,
    ),
    Row(
        name="empty answers, and another model",
        reports=("openclaw/openclaw#78293", "BerriAI/litellm#14655"),
        script=[openai.text("")],
        fallback=BY_FALLBACK,
        expect=_switched,
    ),
)
