"""What models think: given back to their providers, kept out of answers, switched on and off."""

from typing import Any

from tests.manners import anthropic, gemini, openai
from tests.manners.row import Row, Seen
from tests.manners.server import Reply
from tests.manners.thinking_rules import DEEPSEEK, GEMINI, MOONSHOT, OPENROUTER, Thought, before, nothing_more, signed

READ = [("notes.read", {"name": n}) for n in "ab"]
HIDDEN = "It wants a greeting."  # a thought that nobody but its reader may see


def read(name: str, **more: Any) -> Reply:
    return openai.calls(("notes__read", {"name": name}), ids=[f"call_{name}"], **more)


def thinking_calls(field: str, *thoughts: Any) -> list[Reply]:
    """Two turns of calls, each with its thought in two pieces before it, and the end."""
    turns = zip("ab", thoughts, strict=True)
    first = [before(read(n), *({field: half} for half in (t[:3], t[3:]))) for n, t in turns]
    return [*first, before(openai.done(), {field: "Enough."})]


THOUGHTS = ("I read a first.", "Now b.")


def gives_back(name: str, field: str, model: str, complaint: str, *reports: str, **more: Any) -> Row:
    memory = Thought(field, complaint, THOUGHTS)

    def all_shown(seen: Seen) -> None:
        assert memory.shown == list(THOUGHTS)

    return Row(
        name=name,
        reports=reports,
        script=thinking_calls(more.pop("said", field), *THOUGHTS),
        rules=memory.rules,
        model=model,
        calls=READ,
        expect=all_shown,
        **more,
    )


DETAILS = (
    [{"type": "reasoning.text", "text": "I read a first.", "format": "google-gemini-v1", "index": 0}],
    [{"type": "reasoning.encrypted", "data": "QUJD", "id": "call_a", "format": "google-gemini-v1", "index": 1}],
)
WHOLE = [*DETAILS[0], *DETAILS[1]]


def _details() -> Row:
    memory = Thought("reasoning_details", OPENROUTER, [WHOLE])
    halves = ({**DETAILS[0][0], "text": half} for half in ("I read", " a first."))
    first = before(
        read("a"),
        *({"content": "", "reasoning": half["text"], "reasoning_details": [half]} for half in halves),
        {"content": "", "reasoning_details": DETAILS[1]},
    )
    return Row(
        name="OpenRouter wants reasoning_details back, those too that come in a chunk of their own",
        reports=("microsoft/agent-framework#2947", "janhq/jan#7009", "massgen/MassGen#624"),
        script=[first, openai.done()],
        rules=memory.rules,
        model="openrouter/google/gemini-3-pro-preview",
        path="/api/v1",
        calls=READ[:1],
        expect=lambda seen: _same(memory.shown, [WHOLE]),
    )


def _same(found: Any, expected: Any) -> None:
    assert found == expected


def _compatible_gemini() -> Row:
    extra = [{"google": {"thought_signature": f"U0lH{n}"}} for n in "ab"]
    memory = Thought("extra_content", GEMINI, extra)
    return Row(
        name="Gemini's compatible endpoint wants the signature of each call back",
        reports=("manthanabc/paws#103", "8monkey-ai/hebo-gateway#226"),
        script=[*(signed(read(n), e) for n, e in zip("ab", extra, strict=True)), openai.done()],
        rules=memory.rules,
        model="openai/gemini-3-pro-preview",
        path="/v1beta/openai",
        calls=READ,
        expect=lambda seen: _same(memory.shown, extra),
    )


def _native_gemini() -> Row:
    signatures = ["c2lnbmVkLWE=", "c2lnbmVkLWI="]
    turns = [
        gemini.stream(gemini.thought(HIDDEN), gemini.call("notes__read", {"name": n}, s))
        for n, s in zip("ab", signatures, strict=True)
    ]

    def signed_and_untold(seen: Seen) -> None:
        assert gemini.signatures(seen.requests[-1]) == signatures
        _untold(seen)

    return Row(
        name="Gemini wants the signature of each call back",
        reports=("BerriAI/litellm#16893", "nanbingxyz/5ire#405"),
        script=[*turns, gemini.stream(gemini.done())],
        rules=gemini.rules,
        model="gemini/gemini-3-pro-preview",
        path="",
        calls=READ,
        agent={"reasoning": "high"},
        expect=signed_and_untold,
    )


def _claude(name: str, *reports: str, **more: Any) -> Row:
    fake = anthropic.Anthropic()
    thoughts = [
        [anthropic.thinking("First a.", "c2lnMQ=="), anthropic.redacted("cmVkYWN0ZWQ=")],
        [anthropic.thinking("Then b.", "c2lnMg==")],
    ]
    steps = [
        fake.says(*t, anthropic.text("Reading."), anthropic.use("notes__read", {"name": n}, f"toolu_{n}"))
        for n, t in zip("ab", thoughts, strict=True)
    ]

    def all_back(seen: Seen) -> None:
        back = [b for m in seen.last for b in anthropic.contents(m) if b["type"] in anthropic.THOUGHTS]
        assert back == [block for blocks in thoughts for block in blocks]
        assert "temperature" not in seen.requests[-1]
        assert seen.of("llm_call.completed")[0]["usage"]["reasoning"] > 0

    return Row(
        name=name,
        reports=reports,
        script=[*steps, fake.says(anthropic.done())],
        rules=fake.rules,
        path="",
        calls=READ,
        expect=all_back,
        **{"model": "anthropic/claude-sonnet-4-5", "agent": {"reasoning": "medium"}, **more},
    )


def _claude_took_over() -> Row:
    fake = anthropic.Anthropic()
    return Row(
        name="a step without thoughts in this turn switches Claude's thinking off until the turn is over",
        reports=("anomalyco/opencode#3077", "Kilo-Org/kilocode#5219"),
        script=[
            fake.says(anthropic.use("notes__read", {"name": "a"}, "toolu_a")),
            fake.says(anthropic.thinking("Enough.", "c2ln"), anthropic.done()),
        ],
        rules=fake.rules,
        model="anthropic/claude-sonnet-4-5",
        path="",
        agent={"reasoning": "low"},
        calls=READ[:1],
        expect=lambda seen: _same([bool(r.get("thinking")) for r in seen.requests], [True, False]),
    )


def _untold(seen: Seen) -> None:
    """Nobody but its reader sees a thought."""
    assert HIDDEN not in str([e.data for e in seen.events if e.type != "llm_call.completed"])
    assert all(HIDDEN not in data.get("text", "") for data in seen.of("llm_call.completed"))


def written(
    name: str, pieces: list[str], *reports: str, answer: str = "Hello!", thought: str = HIDDEN, **more: Any
) -> Row:
    """An answer that is written with its thought. `live`: watchers may see the thought as text, until it ends."""
    seen_live = more.pop("live", False)

    def told(seen: Seen) -> None:
        assert seen.of("workflow.completed")[0]["answer"] == answer
        assert seen.of("llm_call.completed")[0].get("thinking", "") == thought
        assert all(thought not in text for text in seen.live) or not thought or seen_live

    script = [openai.stream({"role": "assistant"}, *({"content": piece} for piece in pieces))]
    return Row(name=name, reports=reports, script=script, expect=told, **more)


ROWS = (
    gives_back(
        "DeepSeek wants what it thought back",
        "reasoning_content",
        "deepseek/deepseek-v4-flash",
        DEEPSEEK,
        "earendil-works/pi#3636",
        "the-open-agent/openagent#2206",
    ),
    gives_back(
        "a server of one's own wants reasoning_content back",
        "reasoning_content",
        "openai/deepseek-v4-pro",
        DEEPSEEK,
        "JohnnyZ93/oai-compatible-copilot#215",
    ),
    gives_back(
        "Kimi wants what it thought back",
        "reasoning_content",
        "moonshot/kimi-k2.5",
        MOONSHOT,
        "anomalyco/opencode#16318",
        "mastra-ai/mastra#12592",
    ),
    gives_back(
        "vLLM says reasoning, and takes it back",
        "reasoning",
        "hosted_vllm/openai/gpt-oss-120b",
        "reasoning is missing at {at}",
        "vllm-project/vllm#27755",
    ),
    gives_back(
        "a server of one's own says reasoning, and wants that back",
        "reasoning",
        "openai/glm-4.7",
        "reasoning is missing at {at}",
        "vllm-project/vllm#27755",
    ),
    Row(
        name="Groq takes no field that it does not know",
        reports=("janhq/jan#8136", "tashfeenahmed/freellmapi#1070"),
        script=thinking_calls("reasoning", *THOUGHTS),
        rules=nothing_more,
        model="groq/openai/gpt-oss-120b",
        calls=READ,
    ),
    _details(),
    _compatible_gemini(),
    _native_gemini(),
    _claude(
        "Claude's thoughts come back as they were, redacted ones too",
        "deepset-ai/haystack-core-integrations#2146",
        "pydantic/pydantic-ai#2040",
    ),
    _claude(
        "a high effort leaves room for the answer, and a temperature is left out",
        "OpenRouterTeam/ai-sdk-provider#162",
        agent={"reasoning": "high", "max_output_tokens": 2_000},
        spec={"params": {"temperature": 0.2}},
    ),
    _claude_took_over(),
    written(
        "a thought between tags is no part of the answer",
        ["<think>", HIDDEN, "</think>\n\n", "Hello!"],
        "NousResearch/hermes-agent#205",
    ),
    written(
        "tags that are cut over chunks",
        ["<th", "ink>" + HIDDEN[:4], HIDDEN[4:] + "</thi", "nk>Hel", "lo!"],
        "amd/gaia#3945",
    ),
    written(
        "a closing tag alone: the server opened the thought in its prompt",
        [HIDDEN, "\n</think>", "\n\nHello!"],
        "kekzl/imp#86",
        "nbramia/LifeOS#568",
        model="hosted_vllm/Qwen/Qwen3-8B",
        thought=HIDDEN + "\n",
    ),
    written(
        "gpt-oss's channels",
        ["<|channel|>analysis<|message|>" + HIDDEN + "<|end|><|start|>assistant", "<|channel|>final<|message|>Hello!"],
        "kekzl/imp#768",
        "NousResearch/hermes-agent#62680",
    ),
    written(
        "Gemma's channel",
        ["<|channel>thought\n", HIDDEN, "<channel|>Hello!"],
        "raullenchai/Rapid-MLX#447",
        thought="\n" + HIDDEN,
    ),
    written(
        "gpt-oss's channels without their marks",
        ["analysis", HIDDEN, "assistantfinalHello!"],
        "Augustas11/macprovider#743",
    ),
    written(
        "Gemma's channel, opened in the prompt",
        [HIDDEN, "<channel|>Hello!"],
        "jundot/omlx#2533",
        model="hosted_vllm/deepseek-gemma",
    ),
    written(
        "a closing tag alone from a model of any name",
        ["It wants a greeting", ".</think>", "Hello!"],
        "nbramia/LifeOS#568",
        live=True,
    ),
    written(
        "a tag that is spoken of stays",
        ["Write `<think>` first", " and `</think>` last.\n```\n<think>\nx\n</think>\n```"],
        "raullenchai/Rapid-MLX#1778",
        answer="Write `<think>` first and `</think>` last.\n```\n<think>\nx\n</think>\n```",
        thought="",
    ),
)
