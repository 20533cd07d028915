"""Words, amounts and buttons that anybody may send: a value comes out, or a sentence that says what is wrong."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel

from tests.security.fuzzing import TEXTS, VALUES, came_of
from threadwork.bot import texts
from threadwork.bot.chat import amounts, messages, words
from threadwork.bot.chat.commands.notify import parse_notify
from threadwork.bot.chat.commands.run import parse_run
from threadwork.bot.chat.lines import control_word
from threadwork.workflows.buttons import VERBS, Click
from threadwork.workflows.errors import Rejected
from threadwork.workflows.slash_commands import ROWS
from threadwork.workflows.values import Value

WORDS = [
    "run",
    "list",
    "approve",
    "deny",
    "notify on",
    "link",
    "stop",
    "--agent",
    "—model",
    "--budget=",
    "--in",
    "#ops",
]
COMMANDS = st.lists(st.one_of(st.sampled_from([*WORDS, '"', "'", "“", "«", "t2x", "=", "\n"]), TEXTS), max_size=8)
LINES = COMMANDS.map(" ".join)


@pytest.mark.parametrize("parse", [words.parse, parse_run, parse_notify, words.parse_task])
@given(line=LINES)
@example(line="--" + "a" * 50_000)
@example(line="“" * 50_000)
@example(line=" " * 50_000 + "x")
def test_a_command_is_a_value_or_refused(parse: Callable[[str], Value], line: str) -> None:
    value, sentence = came_of(lambda: parse(line), Rejected)
    assert isinstance(value, BaseModel) or 0 < len(sentence) < 500


@pytest.mark.parametrize("read", [amounts.dollars, amounts.tokens])
@given(
    given_text=st.one_of(TEXTS, st.from_regex(r"[$ ]?[0-9]{1,30}([.,_ ][0-9]{3}){0,9}[km]?( tokens)?", fullmatch=True))
)
@example(given_text="1" + ",111" * 2_000)
@example(given_text="9" * 10_000)
def test_an_amount_is_a_number_or_refused(read: Callable[[str], float], given_text: str) -> None:
    number, sentence = came_of(lambda: read(given_text), Rejected)
    assert number is None or number >= 0
    assert len(sentence) < 200


@given(word=TEXTS)
@example(word="approv" * 50_000)
def test_what_was_meant_is_a_command_or_nothing(word: str) -> None:
    assert words.nearest(word) in (None, *ROWS)


@given(custom_id=st.one_of(TEXTS, st.lists(st.one_of(st.sampled_from(sorted(VERBS)), TEXTS), max_size=6).map("|".join)))
@example(custom_id="approve|" + "t" * 10_000 + "||")
def test_a_button_is_one_of_ours_or_refused(custom_id: str) -> None:
    try:
        press = Click.decode(custom_id)
    except Rejected:
        return
    assert press.verb in VERBS
    assert len(press.encode()) <= 100


@given(parts=st.tuples(st.sampled_from(sorted(VERBS)), *(st.from_regex(r"[a-z0-9:.]{0,24}", fullmatch=True),) * 3))
def test_a_button_of_ours_comes_back_as_it_was_made(parts: tuple[str, str, str, str]) -> None:
    press = Click.model_validate(dict(zip(("verb", "task_id", "about", "detail"), parts, strict=True)))
    assert Click.decode(press.encode()) == press


@pytest.mark.parametrize("check", [texts.text, texts.whole, texts.short])
@given(said=TEXTS)
def test_a_text_that_is_taken_can_be_stored_anywhere(check: Callable[[str, str], str], said: str) -> None:
    try:
        taken = check(said, "The text")
    except Rejected:
        return
    assert "\0" not in taken
    assert taken.encode().decode() == taken


@given(arguments=VALUES)
def test_arguments_that_are_taken_are_json_for_everybody(arguments: Any) -> None:
    try:
        taken = texts.arguments(arguments)
    except Rejected:
        return
    assert taken.encode()
    assert "NaN" not in taken or "NaN" in str(arguments)


@given(said=LINES)
def test_what_is_said_to_the_bot_is_read_without_an_error(said: str) -> None:
    messages.unaddressed(said)
    messages.bare(said)
    assert control_word(messages.unaddressed(said)) in ("", "stop", "pause", "resume", "status", "quiet", "listen")
