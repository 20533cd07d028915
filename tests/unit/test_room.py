"""How long an answer may be beside a prompt."""

import pytest

from activities.llm import LEAST, MARGIN, SLACK, room


@pytest.mark.parametrize(
    ("window", "prompt", "left"),
    [
        (128_000, 1_000, 128_000 - 1_000 - 1_000 // MARGIN - SLACK),
        (8_192, 4_200, 8_192 - 4_200 - 420 - SLACK),
        (8_192, 8_000, LEAST),  # the model says that it is too long, and the conversation is made shorter
        (8_192, 90_000, LEAST),
    ],
)
def test_an_answer_gets_what_the_prompt_leaves(window: int, prompt: int, left: int) -> None:
    assert room(window, prompt) == left


def test_tools_may_be_written_out_in_full() -> None:
    tools = ({"type": "function", "function": {"name": "a", "description": "word " * 100}},)
    assert room(8_192, 1_000) - room(8_192, 1_000, tools) > 60
