"""Ids of calls as each provider takes them, and the order of roles."""

import re
from typing import Any

import pytest

from threadwork.adapters.models.call_ids import provider_ids
from threadwork.adapters.models.roles import READ, ordered
from threadwork.workflows.models import KEPT_KEY

MISTRALS = (
    "mistral/mistral-large-latest",
    "openrouter/mistralai/devstral-small",
    "bedrock/mistral.mixtral-8x7b-instruct-v0:1",
    "vertex_ai/codestral-2501",
    "azure_ai/Ministral-3B",
)
OTHERS = (
    "openai/gpt-5-mini",
    "anthropic/claude-sonnet-4-5",
    "bedrock/anthropic.claude-3-5-sonnet",
    "gemini/gemini-3-pro",
)
ODD = ("call_1_17_0", "call_0", "call_0", "", "x" * 300, "functions.read:0", "äöü", "abcdefghi", "call_0")


def turn(*ids: str) -> list[dict[str, Any]]:
    wire = [{"id": one, "type": "function", "function": {"name": "read", "arguments": "{}"}} for one in ids]
    results = [{"role": "tool", "tool_call_id": one, "content": str(n)} for n, one in enumerate(ids)]
    return [{"role": "assistant", "content": None, "tool_calls": wire}, *results]


def ids_of(messages: list[dict[str, Any]]) -> list[str]:
    return [call["id"] for message in messages for call in message.get("tool_calls") or ()]


@pytest.mark.parametrize(
    ("model", "allowed"),
    [*((model, "[A-Za-z0-9]{9}") for model in MISTRALS), *((model, "[A-Za-z0-9_-]{1,40}") for model in OTHERS)],
)
def test_every_call_has_an_id_of_its_own_that_the_provider_takes(model: str, allowed: str) -> None:
    """langchain#24668, openclaw#57672, Portkey-AI/gateway#1062, qwen-code#5099."""
    sent = provider_ids([*turn(*ODD), *turn("call_0"), *turn("call_0")], model)
    ids = ids_of(sent)
    assert len(set(ids)) == len(ids) == 11
    assert all(re.fullmatch(allowed, one) for one in ids)
    assert [m["tool_call_id"] for m in sent if m["role"] == "tool"] == ids


def test_a_longer_conversation_keeps_the_ids_of_its_beginning() -> None:
    """Else nothing of it would be found in the provider's cache."""
    short = [*turn("call_0", "call_0"), *turn("call_0")]
    long = [*short, *turn("call_0", "call_1_17_0")]
    for model in (MISTRALS[0], OTHERS[0]):
        assert provider_ids(long, model)[: len(short)] == provider_ids(short, model)


def test_ids_that_a_provider_takes_stay_and_the_stored_messages_are_not_changed() -> None:
    stored = turn("call_1_17_0", "call_1_17_1")
    assert provider_ids(stored, OTHERS[0]) == stored == turn("call_1_17_0", "call_1_17_1")


def test_what_is_kept_of_a_call_goes_by_its_new_id() -> None:
    message, _ = turn("call_1_17_0")
    message[KEPT_KEY] = {"model": "m", "fields": {}, "calls": {"call_1_17_0": {"id": "theirs"}}}
    [sent] = provider_ids([message], MISTRALS[0])
    assert sent[KEPT_KEY]["calls"] == {sent["tool_calls"][0]["id"]: {"id": "theirs"}}


def test_words_of_people_side_by_side_become_one_message() -> None:
    """vllm#6862, mini-swe-agent#759."""
    said = [{"role": "system", "content": "s"}, *({"role": "user", "content": text} for text in ("Go.", "Quick.", "!"))]
    assert ordered(said, OTHERS[0]) == [said[0], {"role": "user", "content": "Go.\n\nQuick.\n\n!"}]
    assert ordered(said[:2], OTHERS[0]) == said[:2]


def test_between_a_result_and_a_persons_words_mistral_hears_the_model() -> None:
    """mistral-common#169."""
    said = [*turn("a"), {"role": "user", "content": "Quick."}]
    assert ordered(said, OTHERS[0]) == said
    assert ordered(said, MISTRALS[0]) == [*said[:2], {"role": "assistant", "content": READ}, said[2]]
