"""Another model goes on in the middle of a turn: with what the first one thought, called and was told."""

from typing import Any

from tests.manners import anthropic, gemini, openai
from tests.manners.row import Row, Seen
from tests.manners.server import Reply
from tests.manners.thinking_rules import DEEPSEEK, Thought, before, nothing_more, signed
from tests.worker_harness import Actor

AB = [("notes.read", {"name": n}) for n in "ab"]
GONE = openai.error(401, "Incorrect API key provided.", "invalid_api_key")
HARD = {"reasoning": "medium"}


def _read(name: str, call_id: str = "call_0") -> Reply:
    return openai.calls(("notes__read", {"name": name}), ids=[call_id])


def _thought(name: str) -> Reply:
    return before(_read(name), {"reasoning_content": f"I read {name}."})


def _went_on(seen: Seen) -> None:
    assert seen.result["answer"] == "All done."
    assert seen.second, "the second one was asked"
    assert "read b" in str(seen.second[-1]), "with what the first one found out"


def _without_thinking(seen: Seen) -> None:
    """Its thinking begins with the next turn."""
    _went_on(seen)
    assert [bool(body.get("thinking")) for body in seen.second] == [False] * len(seen.second)


def _to_claude(name: str, *script: Any, **more: Any) -> Row:
    fake = anthropic.Anthropic()
    return Row(
        name=name,
        script=[*script, GONE],
        fallback=[fake.says(anthropic.use("notes__write", {"name": "c"}, "toolu_c")), fake.says(anthropic.done())],
        second={"model": "anthropic/claude-sonnet-4-5"},
        second_path="",
        second_rules=fake.rules,
        agent=HARD,
        calls=[*AB, ("notes.write", {"name": "c"})],
        expect=_without_thinking,
        **more,
    )


def _from_claude(name: str, *reports: str, model: str, path: str = "/v1", done: Reply, rules: Any) -> Row:
    fake = anthropic.Anthropic()
    steps = [
        fake.says(anthropic.thinking(f"I read {n}.", "c2ln"), anthropic.use("notes__read", {"name": n}, f"toolu_{n}"))
        for n in "ab"
    ]
    return Row(
        name=name,
        reports=reports,
        script=[*steps, anthropic.error(401, "invalid x-api-key", "authentication_error")],
        model="anthropic/claude-sonnet-4-5",
        path="",
        rules=fake.rules,
        fallback=[done],
        second={"model": model},
        second_path=path,
        second_rules=rules,
        agent=HARD,
        calls=AB,
        expect=_went_on,
    )


async def _speaks(task: Actor) -> None:
    await task.happened("llm_call.started", times=2)
    await task.reply("Be quick.")


ROWS = (
    _to_claude(
        "Claude takes over from one that thought, under ids that came twice",
        _thought("a"),
        _thought("b"),
        reports=("anomalyco/opencode#3077", "NousResearch/hermes-agent#70724"),
        model="openai/deepseek-v4-pro",
    ),
    _to_claude(
        "Claude takes over after a person spoke in the middle of the turn",
        _read("a"),
        openai.stream({"tool_calls": [openai.tool_call(0, "notes__read", {"name": "b"}, "x")]}, delay=0.3),
        reports=("Kilo-Org/kilocode#5219",),
        people=_speaks,
    ),
    _to_claude(
        "Claude takes over from Gemini, whose signatures stay behind",
        *(signed(_read(n), {"google": {"thought_signature": "U0lH"}}) for n in "ab"),
        reports=("manthanabc/paws#103",),
        model="openai/gemini-3-pro-preview",
    ),
    _from_claude(
        "DeepSeek takes over from Claude in the middle of a turn",
        "earendil-works/pi#3636",
        model="deepseek/deepseek-v4-flash",
        done=before(openai.done(), {"reasoning_content": "Enough."}),
        rules=Thought("reasoning_content", DEEPSEEK, blank=" ").rules,
    ),
    _from_claude(
        "Gemini takes over from Claude in the middle of a turn",
        "BerriAI/litellm#16893",
        model="gemini/gemini-3-pro-preview",
        path="",
        done=gemini.stream(gemini.done()),
        rules=gemini.rules,
    ),
    _from_claude(
        "one that takes no unknown field takes over from Claude",
        "janhq/jan#8136",
        model="groq/openai/gpt-oss-120b",
        done=openai.done(),
        rules=nothing_more,
    ),
    _from_claude(
        "another Claude takes over, with thoughts that are not its own",
        "deepset-ai/haystack-core-integrations#2146",
        model="anthropic/claude-opus-4-5",
        path="",
        done=anthropic.stream(anthropic.done()),
        rules=anthropic.Anthropic().rules,
    ),
)
