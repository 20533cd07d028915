"""Thoughts between tags, what goes back to whom, and how long a model is asked to think."""

from itertools import product
from typing import Any

import pytest

from threadwork.adapters.models.outgoing import provider_messages
from threadwork.adapters.models.reasoning import arguments
from threadwork.adapters.models.targets import Target
from threadwork.adapters.models.think_tags import TagReader
from threadwork.workflows.models import KEPT_KEY, ModelRequest, ModelSpec

CASES = {
    "<think>a b</think>\n\nHello": ("Hello", "a b"),
    "\n<think>\na b": ("", "\na b"),
    "<THINKING>a</THINKING>Hello": ("Hello", "a"),
    "[THINK]x[/THINK]Hello": ("Hello", "x"),
    "<seed:think>x</seed:think>Hello": ("Hello", "x"),
    "<think>a</think><think>b</think> Hello": ("Hello", "ab"),
    "I reason.\n</think>\n\nHello": ("Hello", "I reason.\n"),
    "I reason.</think>Hello": ("Hello", "I reason."),
    "I reason.\n</think>": ("", "I reason.\n"),
    "</think>\n\nHello": ("Hello", ""),
    "<|channel|>analysis<|message|>x<|end|><|start|>assistant<|channel|>final<|message|>Hello<|return|>": (
        "Hello",
        "x",
    ),
    "analysisI think.assistantfinalHello": ("Hello", "I think."),
    "<|channel>thought\nx<channel|>Hello": ("Hello", "\nx"),
    "<|START_THINKING|>x<|END_THINKING|><|START_RESPONSE|>Hello<|END_RESPONSE|>": ("Hello", "x"),
    "Here is my thought process: x\nHere is my response: Hello": ("Hello", " x\n"),
}
SPOKEN_OF = (
    "Hello",
    "",
    "  plain < text <thi",
    "<thinkers> unite",
    "analysis shows",
    "Use `<think>draft</think>` as it",
    "BEGIN </think> AFTER END",
    "BEGIN <think>inner</think> AFTER END",
    "```\nfoo</think>\n```\nok",
    'It says "</think>" there.',
)


def told(pieces: list[str], **how: Any) -> tuple[str, str, str]:
    """The answer, the thought, and what watchers saw of the answer."""
    reader = TagReader(**how)
    text = thought = live = ""
    for found in (*map(reader.take, pieces), reader.rest()):
        for kind, words in found:
            match kind:
                case "back":
                    text, thought = "", thought + text
                case "text":
                    text, live = text + words, live + words
                case _:
                    thought += words
    return text, thought, live


def cut(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1_000])
def test_thoughts_are_told_from_answers_wherever_they_are_cut(size: int) -> None:
    for written, expected in CASES.items():
        assert told(cut(written, size))[:2] == expected, written
        assert told(cut(written, size), holds=True) == (*expected, expected[0]), written


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1_000])
def test_a_tag_that_is_spoken_of_stays(size: int) -> None:
    for written, holds in product(SPOKEN_OF, (False, True)):
        assert told(cut(written, size), holds=holds)[:2] == (written, "")


def test_text_is_not_kept_back_for_longer_than_it_may_be_a_tag() -> None:
    reader = TagReader()
    assert [piece.words for piece in reader.take("Hello, <b>you")] == ["Hello, <b>you"]
    assert not list(reader.take("</th"))
    assert [piece.words for piece in reader.take("e end>")] == ["</the end>"]


FIELDS = {"thinking_blocks": [{"type": "thinking", "thinking": "x", "signature": "s"}], "reasoning_content": "x"}
CALL = {"id": "c1", "type": "function", "function": {"name": "notes__read", "arguments": "{}"}}


def step(model: str, fields: dict[str, Any], writer: str = "one") -> dict[str, Any]:
    kept = {
        "model": writer,
        "fields": {"of": model, **fields},
        "calls": {"c1": {"id": "c1", "extra_content": {"a": 1}}},
    }
    return {"role": "assistant", "content": "", "tool_calls": [CALL], KEPT_KEY: kept}


def asked(*messages: dict[str, Any], **more: Any) -> ModelRequest:
    talk = ({"role": "user", "content": "Do it."}, *messages)
    return ModelRequest(model="one", messages=talk, **{"max_output": 8_192, "timeout": 1, **more})


def meant(model: str, **spec: Any) -> Target:
    return Target("one", ModelSpec(model=model, **spec))


def test_only_the_model_that_thought_it_is_shown_it() -> None:
    mine = provider_messages(asked(step("deepseek/deepseek-v4-flash", FIELDS)), meant("deepseek/deepseek-v4-flash"))[1]
    assert mine["reasoning_content"] == "x"
    assert mine["tool_calls"][0]["extra_content"] == {"a": 1}
    for other in (step("deepseek/deepseek-v4-flash", FIELDS, "two"), step("anthropic/claude-opus-4-6", FIELDS)):
        shown = provider_messages(asked(other), meant("deepseek/deepseek-v4-flash"))[1]
        assert shown == {"role": "assistant", "content": None, "tool_calls": [CALL], "reasoning_content": " "}


def test_no_provider_sees_what_is_ours() -> None:
    for model in ("openai/gpt-5", "groq/qwen/qwen3-32b", "anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-flash"):
        shown = provider_messages(asked(step("openai/other", FIELDS)), meant(model))
        assert shown[1] == {"role": "assistant", "content": None, "tool_calls": [CALL]}


def test_an_empty_answer_is_not_shown() -> None:
    assert len(provider_messages(asked({"role": "assistant", "content": ""}), meant("openai/gpt-5"))) == 1


@pytest.mark.parametrize(
    ("model", "level", "expected"),
    [
        ("anthropic/claude-sonnet-4-5", "high", {"reasoning_effort": "high"}),
        ("anthropic/claude-sonnet-4-5", "off", {}),
        ("anthropic/claude-3-5-haiku-20241022", "high", {}),
        ("openai/gpt-4o", "high", {}),
        ("openai/gpt-5", "medium", {"reasoning_effort": "medium"}),
        ("openai/gpt-5", "off", {"reasoning_effort": "minimal"}),
        ("openai/gpt-5.1", "off", {"reasoning_effort": "none"}),
        ("openai/o3", "off", {"reasoning_effort": "low"}),
        ("gemini/gemini-2.5-flash", "off", {"reasoning_effort": "none"}),
        ("gemini/gemini-2.5-pro", "off", {"reasoning_effort": "minimal"}),
        ("deepseek/deepseek-v4-flash", "off", {"thinking": {"type": "disabled"}}),
        ("deepseek/deepseek-v4-flash", None, {}),
        ("moonshot/kimi-k2.5", "off", {"extra_body": {"thinking": {"type": "disabled"}}}),
        ("hosted_vllm/qwen3", "off", {"extra_body": {"chat_template_kwargs": {"enable_thinking": False}}}),
        ("openai/something-of-ours", "high", {}),
        ("openai/something-of-ours", "off", {}),
    ],
)
def test_how_long_to_think_is_said_as_the_provider_takes_it(model: str, level: Any, expected: dict[str, Any]) -> None:
    assert arguments(asked(reasoning=level), meant(model)) == expected


def test_the_file_may_say_that_a_model_of_ones_own_can_think() -> None:
    ours = meant("openai/something-of-ours", reasoning="low")
    assert arguments(asked(), ours) == {"reasoning_effort": "low"}
    assert arguments(asked(reasoning="off"), ours) == {}


@pytest.mark.parametrize(("room", "effort"), [(8_192, "high"), (4_096, "medium"), (1_500, "low"), (1_024, None)])
def test_a_thought_leaves_room_for_the_answer(room: int, effort: str | None) -> None:
    given = arguments(asked(reasoning="high", max_output=room), meant("anthropic/claude-sonnet-4-5"))
    assert given == ({"reasoning_effort": effort} if effort else {})


def test_thinking_is_off_in_a_turn_that_another_model_began() -> None:
    began = step("openai/gpt-5", {}, "two")
    result = {"role": "tool", "tool_call_id": "c1", "content": "read"}
    claude = meant("anthropic/claude-sonnet-4-5")
    assert arguments(asked(began, result, reasoning="low"), claude) == {}
    over = {"role": "user", "content": "And now?"}
    assert arguments(asked(began, result, over, reasoning="low"), claude) == {}, "one message with the result"
    answer = {"role": "assistant", "content": "So it is."}
    assert arguments(asked(began, result, answer, over, reasoning="low"), claude) == {"reasoning_effort": "low"}
    deepseek = meant("deepseek/deepseek-v4-flash")
    assert arguments(asked(began, result), deepseek) == {"thinking": {"type": "disabled"}}
    assert "reasoning_content" not in provider_messages(asked(began, result), deepseek, thinks=False)[1]
