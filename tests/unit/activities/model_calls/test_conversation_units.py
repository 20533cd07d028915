"""How a conversation is taken apart, cut and put together again."""

from typing import Any

import pytest

from threadwork.activities.model_calls.conversation_units import older, tokens, units
from threadwork.activities.model_calls.excerpts import MIN_EXCERPT, head_and_tail, shortened
from threadwork.activities.model_calls.summaries import cut_to, excerpt, piece, story, told, usable
from threadwork.activities.model_calls.window_shares import MIN_ANSWER_TOKENS as LEAST_ANSWER
from threadwork.activities.model_calls.window_shares import found, output_room, shares
from threadwork.workflows.calls import Message
from threadwork.workflows.models import Delta, RequestedCall


def message(position: int, kind: Any, content: str = "", **body: Any) -> Message:
    return Message(ref=f"r{position}", kind=kind, body={"content": content, **body}, position=position)


def calling(position: int, *ids: str, content: str = "") -> Message:
    calls = [{"id": i, "function": {"name": "bank__transfer", "arguments": '{"to":"ACME"}'}} for i in ids]
    return message(position, "assistant", content, tool_calls=calls)


def result(position: int, call_id: str, content: str = "ok") -> Message:
    return message(position, "tool", content, tool_call_id=call_id)


TALK = [
    message(0, "goal", "Do it."),
    calling(1, "a", "b"),
    result(2, "a"),
    result(3, "b"),
    message(4, "follow_up", "And this."),
    calling(5, "c"),
    result(6, "c"),
]


def test_a_call_stays_with_its_results_and_the_goal_is_no_turn() -> None:
    assert [[m.position for m in unit.messages] for unit in units(TALK)] == [[1, 2, 3], [4], [5, 6]]


def test_results_that_come_behind_what_a_person_said_stay_with_their_call() -> None:
    talk = [calling(1, "a"), message(2, "follow_up", "Stop."), result(3, "a")]
    assert [[m.position for m in unit.messages] for unit in units(talk)] == [[1, 3], [2]]


@pytest.mark.parametrize(
    ("room", "old"),
    [(0, [1, 4]), (10_000, []), (45, [1])],
)
def test_the_newest_turns_that_fit_stay_and_the_last_one_always_does(room: int, old: list[int]) -> None:
    assert [unit.position for unit in older(units(TALK), room)] == old


def test_the_last_turn_is_the_model_s_and_everything_after_it() -> None:
    talk = [calling(1, "a"), result(2, "a"), message(3, "assistant", "Done."), message(4, "follow_up", "x" * 9_000)]
    assert [unit.position for unit in older(units(talk), 0)] == [1]


def test_of_a_conversation_of_people_alone_the_last_saying_stays() -> None:
    talk = [message(n, "follow_up", "x" * 900) for n in range(1, 4)]
    assert [unit.position for unit in older(units(talk), 0)] == [1, 2]


def test_a_piece_is_the_oldest_turns_that_fit_and_one_at_least() -> None:
    talk = units([message(n, "follow_up", "x" * 300) for n in range(1, 6)])
    assert [unit.position for unit in piece(talk, 230)] == [1, 2]
    assert [unit.position for unit in piece(talk, 1)] == [1]


def test_what_is_told_names_the_call_beside_which_the_model_spoke() -> None:
    (unit,) = units([calling(1, "a", content="I'll pay the first one now."), result(2, "a")])
    assert told(unit) == 'agent: I\'ll pay the first one now.\nagent called bank__transfer({"to":"ACME"})\nresult: ok'


def test_in_a_piece_the_biggest_outputs_are_cut_first() -> None:
    talk = units([calling(1, "a"), result(2, "a", "y" * 30_000), message(3, "follow_up", "Every word of this.")])
    text = story(talk, 600)
    assert tokens(text) <= 600
    assert "Every word of this." in text
    assert "characters left out" in text


def test_a_single_text_that_is_longer_than_a_piece_is_cut() -> None:
    text = story(units([message(1, "follow_up", "z" * 50_000)]), 500)
    assert tokens(text) <= 500
    assert tokens(cut_to("ü" * 9_000, 700)) <= 700


def test_an_excerpt_keeps_what_was_summarised_before_and_says_that_it_is_one() -> None:
    text = excerpt("They paid.", "Bob denied it.", "x" * 9_000, 400)
    assert text.startswith("They paid.\n\nBob denied it.\n\n[No summary could be made.")
    assert tokens(text) <= 450


@pytest.mark.parametrize(
    ("said", "last", "is_one"),
    [
        ("They paid.", Delta(finish="stop"), True),
        ("", Delta(finish="stop"), False),
        (" \n", Delta(finish="stop"), False),
        ("They pa", Delta(finish="length"), False),
        ("They pa", Delta(finish="content_filter"), False),
        ("No.", Delta(finish="refusal"), False),
        ("I'm sorry, but I can't help with that.", Delta(finish="stop"), False),
        ("They paid.", Delta(finish="stop", calls=(RequestedCall(id="a", name="b", arguments=""),)), False),
        ("I cannot say much of the first part. " * 20, Delta(finish="stop"), True),
    ],
)
def test_only_what_was_said_to_the_end_is_a_summary(said: str, last: Delta, is_one: bool) -> None:
    assert usable(said, last) is is_one


def test_a_long_text_is_shown_as_head_and_tail_with_a_way_to_the_rest() -> None:
    text = head_and_tail("a" * 3_000 + "z" * 3_000, 1_200, "result:1.5")
    assert text.startswith("a" * 800 + '\n[… 4900 characters left out: read_output(id="result:1.5", offset=800)')
    assert text.endswith("z" * 300)
    assert head_and_tail("short", 1_200, "result:1.5") == "short"


def test_outputs_are_cut_before_what_people_wrote_and_only_as_far_as_needed() -> None:
    talk = [message(1, "follow_up", "p" * 6_000), calling(2, "a"), result(3, "a", "o" * 9_000)]
    person, _, output = shortened(talk, 1_000)
    assert person == talk[0]
    assert len(str(output.body["content"])) < 6_000
    person, _, output = shortened(talk, 4_000)
    assert 'read_output(id="r1"' in str(person.body["content"])
    everything = shortened(talk, 1_000_000)
    assert all(len(str(m.body["content"])) <= 2 * MIN_EXCERPT for m in everything)


def test_the_shares_of_a_window_leave_room_for_the_turns_to_come() -> None:
    for window, fixed in ((8_000, 1_000), (1_024, 900), (128_000, 20_000)):
        given = shares(window, fixed)
        assert 0 < sum(given) < max(0.75 * window - fixed, window / 4)


@pytest.mark.parametrize(("window", "prompt", "room"), [(8_192, 1_000, 7_092), (8_192, 8_000, LEAST_ANSWER)])
def test_an_answer_is_asked_for_no_longer_than_fits(window: int, prompt: int, room: int) -> None:
    assert output_room(window, prompt) == room


def test_a_window_that_nobody_named_is_found_in_few_tries() -> None:
    window, tries = 128_000, 0
    while window > 8_192:
        window, tries = found(window, 100_000, tries), tries + 1
    assert tries <= 5
