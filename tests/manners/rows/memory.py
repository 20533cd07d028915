"""Conversations that outgrow their model, and summaries that are none."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tests.manners import openai
from tests.manners.row import Row, Seen
from tests.manners.server import Body, Reply, Rules
from tests.worker_harness import ANN, BOB, Actor
from threadwork.workflows.agents import ToolPolicy

LONG = 12_000  # characters
SUMMARY = "Long notes were read; nothing came of them."
LLAMA_CPP = "the request exceeds the available context size. try increasing the context size or enable context shift"
OPENAI = (
    "This model's maximum context length is {limit} tokens. However, you requested {asked} tokens. "
    "Please reduce the length of the messages or completion."
)


class Talk:
    """Answers the turns in order, and every request for a summary by itself, however often one is asked for."""

    def __init__(self, *turns: Reply, summary: Reply) -> None:
        self._turns = iter(turns)
        self._last = turns[-1]
        self._summary = summary

    def __call__(self, body: Body) -> Reply:
        return next(self._turns, self._last) if body.get("tools") else self._summary


def size(body: Body) -> int:
    """Tokens, four characters each."""
    return len(json.dumps([body["messages"], body.get("tools")])) // 4


def limited(
    limit: int, words: str = OPENAI, answer: bool = True, only: Callable[[Body], bool] = lambda _: True
) -> Rules:
    """OpenAI's rules, and a window. `answer`: what is asked for counts too; `only`: of these requests."""

    def rules(body: Body) -> Reply | None:
        asked = size(body) + (body.get("max_tokens") or 0) * answer
        if only(body) and asked > limit:
            return openai.error(400, words.format(limit=limit, asked=asked), "context_length_exceeded")
        return openai.rules(body)

    return rules


def reads(times: int, length: int = LONG) -> Iterator[Reply]:
    return (
        openai.calls(("notes__read", {"name": f"{n} " + "All is well in the hall. " * (length // 25)}))
        for n in range(times)
    )


def writes(name: str) -> Reply:
    return openai.calls(("notes__write", {"name": name}))


def told(seen: Seen) -> str:
    """All that the model was shown at last."""
    return json.dumps(seen.last, ensure_ascii=False)


def summarised(seen: Seen) -> None:
    assert SUMMARY in told(seen)
    assert seen.of("context.compacted")[-1]["how"] == "summary"
    assert seen.last[1]["content"].startswith("Do it.")


def summaries(seen: Seen) -> list[Body]:
    return [body for body in seen.requests if not body.get("tools")]


def within(limit: int, seen: Seen) -> None:
    """No request was longer than that."""
    assert max(size(body) + body["max_tokens"] for body in seen.requests) <= limit


def known(limit: int) -> Callable[[Seen], None]:
    def expect(seen: Seen) -> None:
        summarised(seen)
        within(limit, seen)

    return expect


def in_part(seen: Seen) -> None:
    """Head and tail stand in the place of a summary, what was done is known, and people are told."""
    assert "No summary could be made" in told(seen)
    assert "invoice-1" in told(seen)
    assert "do not repeat them" in told(seen)
    assert seen.of("context.compacted")[-1]["how"] == "excerpt"
    assert seen.of("context.compacted")[-1]["kept"]["effects"] == 1


def no_summary(name: str, reports: Sequence[str], summary: Reply, rules: Rules = openai.rules) -> Row:
    window = {"context_window": 8_192}
    script = [Talk(writes("invoice-1"), *reads(3, 9_000), openai.done(), summary=summary)]
    return Row(name=name, reports=tuple(reports), script=script, spec=window, rules=rules, expect=in_part, within=60)


async def _people(task: Actor) -> None:
    asked = await task.happened("question.asked")
    click: dict[str, Any] = {"click_id": "a", "question_id": asked.data["question_id"], "by": ANN.model_dump()}
    await task.signal("answer_question", click | {"answer": "Ultramarine, please."})
    denied = await task.happened("human_approval.requested")
    await task.decide(denied, "deny", by=BOB, reason="Never charge this one; write an e-mail.")
    approved = await task.happened("human_approval.requested", 2)
    await task.decide(approved, "approve", by=BOB, reason="This one is fine.")


def decided(seen: Seen) -> None:
    summarised(seen)
    shown = told(seen)
    for words in ("Which colour?", "Ultramarine, please.", "Never charge this one; write an e-mail.", "invoice-2"):
        assert words in shown, words
    for words in ("Bob approved this call", "This one is fine.", "Ask, then charge", "invoice-1"):
        assert words in shown, words
    asked = " ".join(str(body["messages"]) for body in summaries(seen))
    assert "notes__read(" in asked, "a call beside which the model spoke is summarised too"
    kept = seen.of("context.compacted")[-1]["kept"]
    assert kept == {"answers": 1, "decisions": 2, "follow_ups": 0, "effects": 1, "plan": True}


async def _logs(task: Actor) -> None:
    for number in range(4):
        await task.result()
        await task.reply(f"Log {number}: " + "ERROR in the pump " * 700, by=ANN)
        await task.happened("workflow.completed", number + 2)


def logs(seen: Seen) -> None:
    assert not seen.of("workflow.failed")
    assert "Log 3: ERROR" in told(seen)
    assert "read_output(id=" in told(seen)


PLAN = {"items": [{"text": "Ask, then charge", "state": "doing"}]}

ROWS = (
    Row(
        name="a window that nobody named, and outputs that outgrow it",
        reports=("earendil-works/pi#8371", "earendil-works/pi#8196", "PrimeIntellect-ai/prime-agent#900"),
        script=[Talk(*reads(5), openai.done(), summary=openai.text(SUMMARY))],
        model="openai/local-model",
        rules=limited(8_192, LLAMA_CPP, answer=False),
        expect=summarised,
        within=60,
    ),
    Row(
        name="a window that is known is never overfilled",
        reports=("ogx-ai/ogx#4534", "cortexkit/magic-context#275"),
        script=[Talk(*reads(6, 6_000), openai.done(), summary=openai.text(SUMMARY))],
        model="openai/local-model",
        spec={"context_window": 8_192},
        rules=limited(8_192),
        expect=known(8_192),
        within=60,
    ),
    Row(
        name="an answer counts in the window, and is asked for no longer than fits",
        reports=("cortexkit/magic-context#275",),
        script=[Talk(*reads(6, 3_000), openai.done(), summary=openai.text(SUMMARY))],
        model="openai/gpt-4",
        rules=limited(8_192),
        expect=lambda seen: within(8_192, seen),
        within=60,
    ),
    Row(
        name="one output that is longer than the window",
        reports=("earendil-works/pi#8371",),
        script=[Talk(*reads(1, 14_000), openai.done(), summary=openai.text(SUMMARY))],
        model="openai/local-model",
        spec={"context_window": 4_096},
        rules=limited(6_500),
        reason="goal_achieved",
    ),
    no_summary("a summary that is empty", ["esengine/DeepSeek-Reasonix#8378"], openai.text("")),
    no_summary(
        "a summary of thoughts only",
        ["MoonshotAI/kimi-code#836"],
        openai.stream({"role": "assistant", "reasoning_content": "What was there to remember? "}, finish="length"),
    ),
    no_summary(
        "a summary that is cut", ["MoonshotAI/kimi-code#836"], openai.stream({"content": "First"}, finish="length")
    ),
    no_summary(
        "a summary that a filter ended",
        ["pydantic/pydantic-ai#5221"],
        openai.stream({"content": "They paid"}, finish="content_filter"),
    ),
    no_summary(
        "a summary that is refused",
        ["openai/openai-agents-python#4159"],
        openai.stream({"role": "assistant", "refusal": "I can't help with that."}),
    ),
    no_summary(
        "a summary that is refused in words",
        ["microsoft/agent-framework#8475"],
        openai.text("I'm sorry, but I can't assist with that request."),
    ),
    no_summary(
        "a server that takes no request for a summary",
        ["openclaw/openclaw#4810"],
        openai.text(SUMMARY),
        limited(100, only=lambda body: not body.get("tools")),
    ),
    Row(
        name="what people decided outlives the summary",
        reports=("NousResearch/hermes-agent#113305", "justrach/codegraff#381", "anthropics/claude-code#47145"),
        script=[
            Talk(
                openai.calls(("update_plan", PLAN)),
                openai.calls(("ask_user", {"question": "Which colour?"})),
                writes("invoice-1"),
                writes("invoice-2"),
                *(
                    openai.calls(
                        ("notes__read", {"name": f"{n} " + "Nobody knows the colour. " * 360}), words="I look it up."
                    )
                    for n in range(6)
                ),
                openai.done(),
                summary=openai.text(SUMMARY),
            )
        ],
        model="openai/local-model",
        spec={"context_window": 8_192},
        rules=limited(8_192),
        agent={"tools": ToolPolicy(allow=("notes.read",))},
        people=_people,
        expect=decided,
        within=60,
    ),
    Row(
        name="a thread of pasted logs that outgrew its model",
        reports=("earendil-works/pi#8371", "openclaw/openclaw#4810"),
        script=[Talk(openai.text("Noted."), summary=openai.text(SUMMARY))],
        model="openai/local-model",
        rules=limited(6_000, LLAMA_CPP, answer=False),
        people=_logs,
        expect=logs,
        within=60,
    ),
)
