"""Overflows in every provider's words, sent as they send them and heard through LiteLLM; and what only sounds so."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.manners import openai
from tests.manners.server import ManneredServer, Reply
from threadwork.adapters.models.litellm_model import LiteLLMModel
from threadwork.adapters.models.overflow import overflows
from threadwork.workflows.errors import ContextOverflow, ModelError, ModelUnavailable, ThreadworkError
from threadwork.workflows.models import ModelRequest, ModelSpec
from threadwork.workflows.values import Usage

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:litellm")

WORDS = yaml.safe_load((Path(__file__).parent / "overflow_words.yaml").read_text(encoding="utf-8"))
SOURCE = re.compile(r"[\w.-]+/[\w.-]+#\d+|https://\S+")
TOO_LARGE = (
    "Request too large for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000, Requested 40000. "
    "The input or output tokens must be reduced in order to run successfully."
)


async def refused(model: str, reply: Reply) -> ThreadworkError:
    with ManneredServer([reply]) as server:
        spec = ModelSpec(model=model, base_url=f"{server.url}/v1", api_key="test-key", context_window=8_192)
        asked = ModelRequest(model="m", messages=({"role": "user", "content": "Hi"},), max_output=9, timeout=30)
        lite = LiteLLMModel({"m": spec})
        try:
            with pytest.raises(ThreadworkError) as caught:
                async for _ in lite.stream(asked):
                    pass
        finally:
            await lite.close()
        assert len(server.requests) == 1
    return caught.value


@pytest.mark.parametrize("row", WORDS["overflows"], ids=lambda row: row["name"])
async def test_an_overflow_is_heard_in_every_providers_words(row: dict[str, Any]) -> None:
    error = await refused(row["model"], Reply(status=row["status"], body=row["body"]))
    assert isinstance(error, ContextOverflow), error
    assert error.limit == row.get("limit")


@pytest.mark.parametrize("row", WORDS["look_alikes"], ids=lambda row: row["name"])
async def test_what_only_sounds_like_an_overflow_is_none(row: dict[str, Any]) -> None:
    error = await refused(row["model"], Reply(status=row["status"], body=row["body"]))
    assert not isinstance(error, ContextOverflow), error
    assert isinstance(error, ModelUnavailable if row["status"] == 429 else ModelError)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (429, TOO_LARGE),
        (
            413,
            TOO_LARGE.replace("gpt-4o", "`llama-3.1-8b-instant`").replace(
                "Limit 30000, Requested 40000", "Limit 6000, Requested 6294"
            ),
        ),
    ],
)
async def test_more_than_an_account_takes_in_a_minute_is_final_and_says_what_to_do(status: int, words: str) -> None:
    error = await refused("openai/gpt-4o", openai.error(status, words, "rate_limit_exceeded"))
    assert type(error) is ModelError
    assert "waiting will not help. Ask the provider for a higher limit" in str(error)


def test_the_table_is_long_enough_and_every_row_names_a_thread_or_a_page() -> None:
    rows = [*WORDS["overflows"], *WORDS["look_alikes"]]
    assert len(WORDS["overflows"]) >= 40
    assert len(WORDS["look_alikes"]) >= 12
    assert [row["name"] for row in rows if not SOURCE.fullmatch(row["source"])] == []


@pytest.mark.parametrize(
    "words",
    [
        "The prompt exceeds the model's context.",
        "Too many tokens in prompt.",
        "exceeds the model's maximum sequence length",
        "input tokens limit exceeded",
        "message too long",
    ],
)
def test_an_overflow_is_one_in_words_without_a_number_or_a_code(words: str) -> None:
    assert overflows(words)


async def test_a_window_that_was_full_in_the_middle_of_an_answer_is_known_from_then_on() -> None:
    # turnstonelabs/turnstone#1164
    used = {"prompt_tokens": 9_000, "completion_tokens": 20, "total_tokens": 9_020}
    full = openai.stream({"content": "I can"}, finish="model_context_window_exceeded", usage=used)
    with ManneredServer([full]) as server:
        spec = ModelSpec(
            model="openai/glm-4.7", base_url=f"{server.url}/v1", api_key="test-key", context_window=200_000
        )
        asked = ModelRequest(model="m", messages=({"role": "user", "content": "Hi"},), max_output=9, timeout=30)
        lite = LiteLLMModel({"m": spec})
        with pytest.raises(ContextOverflow) as caught:
            async for _ in lite.stream(asked):
                pass
        facts = await lite.facts("m")
        await lite.close()
    assert caught.value.usage == Usage(prompt=9_000, completion=20)
    assert (caught.value.limit, facts.context_window) == (9_020, 9_020)
