"""How long an answer may be beside a prompt."""

import pytest

from activities.windows import LEAST, output_room


@pytest.mark.parametrize(
    ("window", "prompt", "left"),
    [
        (128_000, 1_000, 128_000 - 1_000 - 100),
        (8_192, 4_200, 8_192 - 4_200 - 420),
        (8_192, 8_000, LEAST),  # the model says that it is too long, and the conversation is made shorter
        (8_192, 90_000, LEAST),
        (1_024, 1_000, 128),  # of a tiny window no more than an eighth
    ],
)
def test_an_answer_gets_what_the_prompt_leaves(window: int, prompt: int, left: int) -> None:
    assert output_room(window, prompt) == left
