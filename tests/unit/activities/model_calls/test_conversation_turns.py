"""The conversation as a model is shown it, in turns."""

from typing import Any

import pytest

from threadwork.activities.model_calls.answer import assistant_message
from threadwork.activities.model_calls.conversation_turns import AS_TEXT, DELIVERED, NOT_RECORDED, in_turns
from threadwork.workflows.models import RequestedCall


def called(*calls: str, name: str = "notes__read", **more: Any) -> dict[str, Any]:
    wire = [{"id": call, "type": "function", "function": {"name": name, "arguments": "{}"}} for call in calls]
    return {"role": "assistant", "content": None, "tool_calls": wire, **more}


def result(call: str, content: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call, "content": content}


def person(content: str) -> dict[str, Any]:
    return {"role": "user", "content": content}


def test_ids_that_come_again_in_another_turn_mix_up_no_results() -> None:
    """NousResearch/hermes-agent#70724: as older conversations are stored."""
    turns = [called("call_0"), result("call_0", "a"), called("call_0"), result("call_0", "b"), called("call_0")]
    shown = list(in_turns([person("Go."), *turns]))
    assert [m["content"] for m in shown if m["role"] == "tool"] == ["a", "b", NOT_RECORDED]


def test_ids_that_come_twice_in_one_turn_have_their_results_in_order() -> None:
    shown = list(in_turns([called("x", "x", "y"), result("y", "3"), result("x", "1"), result("x", "2")]))
    assert [m["content"] for m in shown[1:]] == ["1", "2", "3"]


def test_results_stand_right_behind_the_calls_and_words_after_them() -> None:
    shown = list(in_turns([called("1", "2"), person("Wait."), result("2", "b"), result("1", "a"), result("9", "?")]))
    assert [m["content"] for m in shown] == [None, "a", "b", "Wait."]


def test_an_answer_that_was_given_counts_as_delivered() -> None:
    assert list(in_turns([called("1", name="complete_task"), person("And now?")]))[1]["content"] == DELIVERED


def test_empty_answers_are_left_out_and_blank_words_beside_calls_are_none() -> None:
    """BerriAI/litellm#24498."""
    empty = [{"role": "assistant", "content": text} for text in ("", "\n\n", None)]
    shown = list(in_turns([person("Go."), *empty, called("1", content=" \n"), result("1", "a")]))
    assert [(m["role"], m["content"]) for m in shown] == [("user", "Go."), ("assistant", None), ("tool", "a")]


def test_that_a_call_was_written_as_text_is_no_providers_business() -> None:
    assert AS_TEXT not in next(in_turns([called("1") | {AS_TEXT: True}]))


@pytest.mark.parametrize(("said", "kept"), [("", None), (" \n", None), ("Look:", "Look:")])
def test_blank_words_beside_calls_are_stored_as_none(said: str, kept: str | None) -> None:
    """Claude refuses an empty text beside a call."""
    made = RequestedCall(id="c1", name="notes__read", arguments="{}")
    assert assistant_message(said, "said:1", 3, [made]).body["content"] == kept
