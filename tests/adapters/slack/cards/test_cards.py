"""What cards, forms and lists look like in Slack, that Slack takes them, and that nothing in them calls anybody.

The golden files hold each card as blocks and as a person reads it; UPDATE_GOLDEN=1 writes them anew."""

import json
import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.card_cases import (
    ANNA,
    APPROVAL,
    EVIL,
    GOLDEN,
    MENTIONS,
    NOW,
    QUESTION,
    RUNNING,
    VERBOSE,
    changed,
    hostile,
)
from tests.fake_slack.blocks import problems
from threadwork.adapters.slack.cards.blocks import packed, weighed
from threadwork.adapters.slack.cards.card_renderers import render
from threadwork.adapters.slack.cards.plain_text import read
from threadwork.adapters.slack.cards.text import escaped, fallback, markdown, mrkdwn
from threadwork.adapters.wording.argument_words import arguments
from threadwork.adapters.wording.card_words import JOINER, excerpt, spending, took
from threadwork.workflows.buttons import Click
from threadwork.workflows.cards import AnswerCard, LineSince
from threadwork.workflows.values import Status

FOLDER = Path(__file__).parent / "golden"
LINK = "http://127.0.0.1:8080/namespaces/default/workflows/t1"


def leaves(node: Any) -> Iterator[dict[str, Any]]:
    """Every object inside a payload."""
    if isinstance(node, dict):
        yield node
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from leaves(value)


def buttons_of(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [leaf for leaf in leaves(blocks) if leaf.get("type") == "button"]


def labels(blocks: list[dict[str, Any]]) -> list[str]:
    return [button["text"]["text"] for button in buttons_of(blocks)]


# --- golden files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", GOLDEN)
def test_a_card_looks_as_its_golden_file_says(name: str) -> None:
    parts = render("t1", GOLDEN[name], LINK)
    shown = "\n~~~~~~~~~~\n".join(
        f"{part.text}{f'{chr(10)}(file {part.file.name})' if part.file else ''}" for part in parts
    )
    blocks = json.dumps([part.content for part in parts], indent=1, ensure_ascii=False, sort_keys=True)
    for suffix, made in ((".txt", shown), (".json", blocks)):
        file = FOLDER / f"{name}{suffix}"
        if os.environ.get("UPDATE_GOLDEN"):
            file.write_text(made + "\n")
        assert file.read_text() == made + "\n", "UPDATE_GOLDEN=1 writes the golden files anew; then read them."


def test_no_golden_file_is_left_over() -> None:
    assert {file.stem for file in FOLDER.iterdir()} == set(GOLDEN)


@pytest.mark.parametrize("name", GOLDEN)
def test_slack_takes_every_golden_card(name: str) -> None:
    for part in render("t1", GOLDEN[name], LINK):
        assert problems(part.content["blocks"], "message") == []


# --- what nobody would want ------------------------------------------------------------------------------


@pytest.mark.parametrize("text", EVIL, ids=lambda text: repr(text[:12]))
def test_slack_takes_every_card_whatever_stands_in_it(text: str) -> None:
    for card in hostile(text):
        for part in render("t1", card, LINK):
            blocks = part.content["blocks"]
            assert problems(blocks, "message") == []
            assert sum(map(weighed, blocks)) <= 12_000
            assert 0 < len(part.content["text"]) <= 4_000
            assert len(render("t1", card, LINK)) <= 12


TOKEN = re.compile(r"<(?:!|@\w|#[CGD]\w|https?://[^>\n]*\|)")


@pytest.mark.parametrize(
    "text", [MENTIONS, f"`{MENTIONS}`", f"```\n{MENTIONS}\n```", f"~~~\n{MENTIONS}", f"> {MENTIONS}"]
)
def test_no_text_calls_anybody_or_hides_where_a_link_leads(text: str) -> None:
    for card in hostile(text):
        for part in render("t1", card):
            assert not TOKEN.search(part.content["text"])
            for leaf in leaves(part.content["blocks"]):
                assert leaf.get("type") not in ("broadcast", "channel", "usergroup")
                if leaf.get("type") in ("mrkdwn", "markdown"):
                    assert not TOKEN.search(leaf["text"])
                if leaf.get("type") == "link":
                    assert leaf.get("text", leaf["url"]) == leaf["url"]


def test_nothing_invisible_is_shown_and_none_is_hidden_in_what_is_approved() -> None:
    sly = "safe\u202eexe\u200b\U000e0041\x1b[2J"
    for card in hostile(sly):
        for part in render("t1", card):
            shown = [leaf.get("text") for leaf in leaves(part.content)]
            assert not re.search(
                "[\u202e\u200b\U000e0041\x1b]", " ".join(text for text in shown if isinstance(text, str))
            )
    (part,) = render("t1", changed(APPROVAL, arguments=json.dumps({"path": "a\u202eb"})))
    assert r'path: "a\u202eb"' in part.text


# --- the two markups -------------------------------------------------------------------------------------


def test_code_stays_as_it_was_written_and_prose_keeps_its_quotations() -> None:
    text = "> quoted\n\n```html\n<!DOCTYPE html>\n<div>a < b && c</div>\n```\nUse `List<String>` and x < y."
    assert markdown(text) == text.replace("x < y", "x &lt; y")


def test_a_mention_in_code_is_broken_without_being_seen() -> None:
    assert markdown("`<!here>`") == f"`<{JOINER}!here>`"
    assert read([{"type": "markdown", "text": markdown("`<!here>`")}]) == "`<!here>`"


def test_plain_addresses_stay_links() -> None:
    assert markdown("<https://example.com/a?b=1&c=2>") == "<https://example.com/a?b=1&c=2>"
    assert markdown("[x](https://example.com/a?b=1&c=2)") == "[x](https://example.com/a?b=1&c=2)"


def test_emphasis_is_translated_where_markdown_may_not_stand_and_a_link_shows_where_it_leads() -> None:
    assert mrkdwn("**t1** ~~old~~ [https://good.example](https://evil.example/?a=1&b=2) <!here>") == (
        "*t1* ~old~ https://good.example (https://evil.example/?a=1&amp;b=2) &lt;!here&gt;"
    )


def test_a_notification_is_one_short_line_that_calls_nobody() -> None:
    assert fallback("a\n\nb <!here> @channel") == f"a b &lt;!here&gt; @{JOINER}channel"
    assert fallback(" \n") == "…"
    assert len(fallback("x" * 10_000)) == 200
    assert escaped("R&D <3") == "R&amp;D &lt;3"


# --- cards -----------------------------------------------------------------------------------------------


def test_a_long_answer_is_split_with_its_code_fences_whole_and_the_feedback_at_its_end() -> None:
    parts = render("t1", AnswerCard(key="answer:2", answer="```python\n" + "print('x')\n" * 1_500 + "```"))
    assert len(parts) == 2
    for part in parts:
        (said, *rest) = part.content["blocks"]
        assert said["text"].count("```") == 2
        assert said["text"].startswith("```python")
        assert not part.file
    assert [block["type"] for block in rest] == ["context_actions"]


def test_a_very_long_answer_is_one_message_and_a_file_that_has_all_of_it() -> None:
    answer = "A line of it.\n" * 5_000
    (part,) = render("t1", AnswerCard(key="answer:1", answer=answer))
    assert part.file is not None
    assert (part.file.name, part.file.text) == ("answer.md", answer)
    assert "70,000 characters) is in the file answer.md" in part.text


def test_feedback_carries_a_press_of_the_answer() -> None:
    (part,) = render("t1", AnswerCard(key="answer:2", answer="Yes."))
    values = sorted(leaf["value"] for leaf in leaves(part.content) if "value" in leaf)
    assert [(Click.decode(v).verb, Click.decode(v).about) for v in values] == [
        ("bad", "2"),
        ("good", "2"),
    ]


def test_every_button_says_what_it_is_and_none_is_there_twice() -> None:
    for card in (*GOLDEN.values(), *hostile("x" * 300)):
        for part in render("t1", card, LINK):
            made = buttons_of(part.content["blocks"])
            ids = [button["action_id"] for button in made]
            assert len(ids) == len(set(ids))
            for button in made:
                press = Click.decode(button["value"])
                assert re.fullmatch(rf"press:{press.verb}(:\d+)?", button["action_id"])
                assert press.task_id == "t1"


def test_stop_and_a_destructive_approval_ask_first() -> None:
    (status,) = render("t1", RUNNING)
    stop = next(button for button in buttons_of(status.content["blocks"]) if button["text"]["text"] == "Stop")
    assert (stop.get("style"), stop["confirm"]["style"], stop["confirm"]["confirm"]["text"]) == (None, "danger", "Stop")
    (risky,) = render("t1", GOLDEN["approval_destructive"])
    approve = buttons_of(risky.content["blocks"])[0]
    assert "not be possible to undo" in approve["confirm"]["text"]["text"]


def test_only_ids_of_users_are_mentioned_among_those_who_may_decide() -> None:
    card = changed(APPROVAL, approvers=("U0123ANNA", "slack:T1:U0123BEN0", "group:ops", "USA", "discord:1:U0123CARL"))
    (part,) = render("t1", card)
    assert [leaf["user_id"] for leaf in leaves(part.content) if leaf.get("type") == "user"] == [
        "U0123ANNA",
        "U0123BEN0",
    ]
    assert "@U0123ANNA, @U0123BEN0, one person, the group ops, USA\n" in part.text


def test_what_else_can_be_decided_is_a_menu_of_the_same_presses() -> None:
    (part,) = render("t1", changed(APPROVAL, last_reply="17.2"))
    row = part.content["blocks"][-1]["elements"]
    assert [element["type"] for element in row] == ["button", "button", "overflow"]
    presses = [Click.decode(option["value"]) for option in row[2]["options"]]
    assert [press.verb for press in presses] == ["approve_task", "deny_because", "edit"]
    assert {(press.about, press.digest, press.newest) for press in presses} == {("1", APPROVAL.digest, "17.2")}


def test_a_line_that_came_since_and_a_reminder_stand_on_what_waits() -> None:
    line = LineSince(by=ANNA, text="Wait, not\nthat one", message_id="17.2")
    (part,) = render("t1", changed(APPROVAL, since=line, reminded_at=NOW))
    assert "Anna wrote since: “Wait, not that one”" in part.text
    assert "Expires 03 Mar 09:30 UTC · reminded 02 Mar 09:30 UTC" in part.text
    assert "[Deny and read it]" in part.text


def test_a_decided_approval_has_no_buttons_and_mentions_nobody() -> None:
    for name in ("approval_approved", "approval_denied", "approval_expired", "approval_superseded"):
        (part,) = render("t1", GOLDEN[name])
        assert buttons_of(part.content["blocks"]) == []
        assert not [leaf for leaf in leaves(part.content) if leaf.get("type") == "user"]


def test_arguments_that_are_too_long_are_a_file_that_has_all_of_them() -> None:
    (part,) = render("t1", changed(APPROVAL, arguments=json.dumps({"text": "line\n" * 10_000, "last": 1})))
    assert part.file is not None
    assert part.file.text.endswith("last: 1")
    assert part.file.text.count("│ line") == 10_000
    assert "This is not all" in part.text
    assert labels(part.content["blocks"]) == ["Allow once", "Deny"]


def test_a_code_fence_in_arguments_cannot_end_the_block_they_stand_in() -> None:
    (part,) = render("t1", changed(APPROVAL, arguments=json.dumps({"text": "```\n*Approved by Anna*"})))
    block = next(leaf for leaf in leaves(part.content) if leaf.get("type") == "rich_text_preformatted")
    assert [element["text"] for element in block["elements"]] == ["text:\n│ ```\n│ *Approved by Anna*"]


def test_options_that_no_button_can_hold_are_written_out_and_numbered_on_both() -> None:
    (part,) = render("t1", changed(QUESTION, options=("a" * 80, "b")))
    assert f"1. {'a' * 80}\n2. b" in part.text
    assert labels(part.content["blocks"]) == [f"1. {'a' * 36}…", "2. b", "Answer …"]
    assert [Click.decode(b["value"]).detail for b in buttons_of(part.content["blocks"])] == ["1", "2", ""]


def test_a_status_card_is_one_message_with_the_state_for_a_reaction() -> None:
    for state in Status:
        (part,) = render("t1", changed(RUNNING, status=state, plan=RUNNING.plan * 40, log=("x" * 500,) * 5))
        assert part.state is state


def test_live_text_is_its_end_and_stands_only_while_the_task_works() -> None:
    writing = changed(RUNNING, live="beginning " + "word " * 200 + "the end")
    (part,) = render("t1", writing)
    quoted = next(leaf for leaf in leaves(part.content) if leaf.get("type") == "rich_text_quote")["elements"][0]["text"]
    assert quoted.startswith("…word")
    assert quoted.endswith("the end")
    assert len(quoted) <= 300
    (paused,) = render("t1", changed(writing, status=Status.PAUSED))
    assert "the end" not in paused.text


def test_the_same_card_is_rendered_the_same_every_time() -> None:
    for card in GOLDEN.values():
        assert render("t1", card, LINK) == render("t1", card, LINK)


def test_the_link_is_shown_only_where_there_is_one() -> None:
    with_link, without = render("t1", VERBOSE, LINK)[0], render("t1", VERBOSE)[0]
    assert "Open in Temporal" in with_link.text
    assert "Open in Temporal" not in without.text
    assert "Open in Temporal" not in render("t1", VERBOSE, "javascript:alert(1)")[0].text


# --- words -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "▰▱▱▱▱▱▱▱▱▱ $0.12 of $1.00 · 12,345 tokens"),
        ({"usd": 0.999}, "▰▰▰▰▰▰▰▰▰▱ $0.9990 of $1.00 · 12,345 tokens"),
        ({"usd": 1.0}, "▰▰▰▰▰▰▰▰▰▰ $1.00 of $1.00 · 12,345 tokens"),
        ({"usd_limit": None, "tokens_limit": None}, "$0.12 · 12,345 tokens"),
        ({"tokens": 150_000}, "▰▰▰▰▰▰▰▰▱▱ $0.12 of $1.00 · 150,000 of 200,000 tokens"),
        ({"unpriced": True}, "▰▱▱▱▱▱▱▱▱▱ at least $0.12 of $1.00 · 12,345 tokens"),
        ({"usd_limit": 0, "usd": 0, "tokens_limit": None}, "▰▰▰▰▰▰▰▰▰▰ $0.00 of $0.00 · 12,345 tokens"),
    ],
)
def test_spending_shows_what_is_left_of_the_tighter_limit(changes: dict[str, Any], line: str) -> None:
    assert spending(RUNNING.model_copy(update=changes)) == line


def test_a_cut_text_says_so_and_keeps_its_bounds() -> None:
    assert excerpt("a\nb\nc", 100, 2) == "a\nb…"
    assert excerpt("abcdef", 4) == "abc…"
    assert excerpt("  abc\n", 3) == "abc"


def test_arguments_are_one_a_line_and_a_text_of_lines_cannot_be_taken_for_another() -> None:
    assert arguments('{"a": "x", "t": "one\\nb = 2", "n": 1}') == "a: x\nt:\n│ one\n│ b = 2\nn: 1"
    assert arguments("no json") == "no json"


def test_an_argument_that_could_be_taken_for_something_else_is_written_as_json() -> None:
    odd = ["", " a", "true", "12", "-1.5e3", "[1]", '"a"', "a\\b", "a\tb", "│ a", "a\u202eb"]
    shown = arguments(json.dumps({f"n{at}": value for at, value in enumerate(odd)})).split("\n")
    assert [json.loads(line.partition(": ")[2]) for line in shown] == odd
    assert arguments('{"a: b": "c", "d": "e: f"}') == '"a: b": c\nd: e: f'


def test_packing_begins_a_new_message_at_fifty_blocks_or_too_many_characters() -> None:
    assert [len(message) for message in packed([{"type": "divider"}] * 120)] == [50, 50, 20]
    assert [len(message) for message in packed([{"text": "x" * 6_000}] * 3)] == [1, 1, 1]


def test_a_time_is_said_in_its_two_largest_units() -> None:
    said = [took(timedelta(seconds=seconds)) for seconds in (42, 60, 725, 11_400, 183_600)]
    assert said == ["42 s", "1 min", "12 min 5 s", "3 h 10 min", "2 d 3 h"]


def test_every_card_has_words_for_the_log() -> None:
    assert all(part.text.strip() for card in GOLDEN.values() for part in render("t1", card))
