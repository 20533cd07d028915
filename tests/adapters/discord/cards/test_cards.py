"""What cards look like in Discord, that Discord takes them, and that nothing in them calls anybody.

The golden files hold each card as it is sent and as a person reads it; UPDATE_GOLDEN=1 writes them anew."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.card_cases import APPROVAL, EVIL, GOLDEN, QUESTION, RUNNING, VERBOSE, changed, hostile
from tests.adapters.discord.message_contract import problems
from threadwork.adapters.discord.cards.card_renderers import render
from threadwork.adapters.discord.cards.components import ASK, MORE
from threadwork.adapters.discord.cards.plain_text import shown
from threadwork.adapters.discord.cards.text import code, escaped, fitted, markdown, mono, person
from threadwork.adapters.discord.modals.confirmation import more
from threadwork.adapters.wording.card_words import JOINER
from threadwork.workflows.buttons import Click
from threadwork.workflows.cards import AnswerCard, Card
from threadwork.workflows.sinks import Part
from threadwork.workflows.values import Principal, Status

FOLDER = Path(__file__).parent / "golden"
LINK = "http://127.0.0.1:8080/namespaces/default/workflows/t1"
MENTIONS = (
    "@everyone @here <@123456789012345678> <@!123456789012345678> <@&123456789012345678> <#123456789012345678> "
    "<t:1700000000:R> </agent run:123456789012345678> <id:guide> <:smile:123456789012345678>"
)
TOKEN = re.compile(r"@(?:everyone|here)|<(?:@|#|t:|/|id:|a?:\w+:)")


def buttons_of(part: Part) -> list[dict[str, Any]]:
    return [button for row in part.content["components"] for button in row["components"]]


def labels(part: Part) -> list[str]:
    return [button["label"] for button in buttons_of(part)]


def words(part: Part) -> list[str]:
    """Every text of a message in which Discord reads markup."""
    (embed,) = part.content["embeds"]
    return [part.content["content"], embed["description"], *(field["value"] for field in embed.get("fields", ()))]


# --- golden files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", GOLDEN)
def test_a_card_looks_as_its_golden_file_says(name: str) -> None:
    parts = render("t1", GOLDEN[name], LINK)
    read = "\n~~~~~~~~~~\n".join(
        f"{part.text}{f'{chr(10)}(file {part.file.name})' if part.file else ''}" for part in parts
    )
    sent = json.dumps([part.content for part in parts], indent=1, ensure_ascii=False, sort_keys=True)
    for suffix, made in ((".txt", read), (".json", sent)):
        file = FOLDER / f"{name}{suffix}"
        if os.environ.get("UPDATE_GOLDEN"):
            file.write_text(made + "\n")
        assert file.read_text() == made + "\n", "UPDATE_GOLDEN=1 writes the golden files anew; then read them."


def test_no_golden_file_is_left_over() -> None:
    assert {file.stem for file in FOLDER.iterdir()} == set(GOLDEN)


@pytest.mark.parametrize("name", GOLDEN)
def test_discord_takes_every_golden_card(name: str) -> None:
    for part in render("t1", GOLDEN[name], LINK):
        assert problems(part.content) == []


# --- what nobody would want ------------------------------------------------------------------------------


@pytest.mark.parametrize("text", EVIL, ids=lambda text: repr(text[:12]))
def test_discord_takes_every_card_whatever_stands_in_it(text: str) -> None:
    for card in hostile(text):
        parts = render("t1", card, LINK)
        assert len(parts) <= 4
        for part in parts:
            assert problems(part.content) == []


@pytest.mark.parametrize("text", [MENTIONS, f"`{MENTIONS}`", f"```\n{MENTIONS}\n```", f"> {MENTIONS}"])
def test_no_text_calls_anybody(text: str) -> None:
    for card in hostile(text):
        for part in render("t1", card):
            for said in words(part):
                ours = re.sub(r"<t:\d+:R>", "", said) if card.kind in ("approval", "status") else said
                assert not TOKEN.search(re.sub(r"```.*?```|`[^`\n]*`|\\.", "", ours, flags=re.S))


def test_what_people_and_models_say_never_stands_outside_of_an_embed_but_for_the_name_of_a_tool_as_code() -> None:
    for card in hostile("SECRET"):
        for part in render("t1", card):
            assert "SECRET" not in part.content["content"].replace("`SECRET`", "")


def test_nothing_invisible_is_shown_and_none_is_hidden_in_what_is_approved() -> None:
    sly = "safe\u202eexe\u200b\U000e0041\x1b[2J"
    for card in hostile(sly):
        for part in render("t1", card):
            assert not re.search("[\u202e\u200b\U000e0041\x1b]", "".join((*words(part), *labels(part), part.text)))
    (part,) = render("t1", changed(APPROVAL, arguments=json.dumps({"path": "a\u202eb"})))
    assert r'path: "a\u202eb"' in part.text


# --- the markup ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["**x** _y_ ~~z~~ `c`", "> q\n# h\n- l\n-# s", "[a](https://e.example)", "a||b||", "\\*"]
)
def test_a_text_that_is_no_markdown_is_shown_as_it_stands(text: str) -> None:
    assert shown(escaped(text)) == text


def test_addresses_stay_links_and_are_not_spoilt_by_escapes() -> None:
    assert escaped("see https://e.example/a_b*c") == r"see https://e.example/a_b\*c"


def test_markdown_of_a_model_keeps_its_code_and_its_emphasis() -> None:
    text = "> quoted\n\n```java\nList<@NonNull String> x;\n```\n**bold** and x < y"
    assert markdown(text) == text


def test_a_fence_cannot_be_ended_from_within_nor_a_tool_leave_its_code() -> None:
    assert code("a\n```\n**Approved**").count("```") == 2
    assert mono("x` **y** `") == "`xˋ **y** ˋ`"


def test_lines_that_do_not_fit_are_left_out_whole_and_that_is_said() -> None:
    assert fitted(["**a**", "**b**", "**c**"], 13) == "**a**\n**b**\n…"
    assert fitted(["a", "b"], 3) == "a\nb"
    assert fitted([], 10) == ""


def test_only_ids_of_discord_are_named_among_those_who_may_decide() -> None:
    known = ("123456789012345678", "discord:1:123456789012345678", "role:123456789012345678")
    assert [person(one) for one in known] == [
        "<@123456789012345678>",
        "<@123456789012345678>",
        "<@&123456789012345678>",
    ]
    assert [person(one) for one in ("role:ops", "slack:T1:U1", "12")] == ["role:ops", "slack:T1:U1", "12"]


# --- cards -----------------------------------------------------------------------------------------------


def test_a_long_answer_is_split_with_its_code_fences_whole_and_the_feedback_at_its_end() -> None:
    parts = render("t1", AnswerCard(key="answer:2", answer="```python\n" + "print('x')\n" * 850 + "```"))
    assert len(parts) == 3
    for part in parts:
        (embed,) = part.content["embeds"]
        assert embed["description"].count("```") == 2
        assert embed["description"].startswith("```python")
        assert part.file is None
    assert [labels(part) for part in parts] == [*[[]] * (len(parts) - 1), ["👍", "👎"]]


def test_a_very_long_answer_is_one_message_and_a_file_that_has_all_of_it() -> None:
    answer = "A line of it.\n" * 5_000
    (part,) = render("t1", AnswerCard(key="answer:1", answer=answer))
    assert part.file is not None
    assert (part.file.name, part.file.text) == ("answer.md", answer)
    assert "70,000 characters) is in the file answer.md" in part.text


def test_every_button_is_there_once_and_carries_its_press() -> None:
    for card in (*GOLDEN.values(), *hostile("x" * 300)):
        for part in render("t1", card, LINK):
            ids = [button["custom_id"] for button in buttons_of(part)]
            assert len(ids) == len(set(ids))
            assert all(Click.decode(one.removeprefix(ASK).removeprefix(MORE)).task_id == "t1" for one in ids)


def test_stop_and_a_destructive_approval_ask_first() -> None:
    assert asking(RUNNING) == ["Stop"]
    assert asking(GOLDEN["approval_pending"]) == []
    assert asking(GOLDEN["approval_destructive"]) == ["Allow once"]


def test_what_stands_behind_the_menu_is_decided_by_what_was_shown() -> None:
    (part,) = render("t1", changed(APPROVAL, last_reply="17.2"))
    shown = more(Click.decode(buttons_of(part)[2]["custom_id"].removeprefix(MORE)))
    inside = [button for row in shown["components"] for button in row["components"]]
    assert [button["label"] for button in inside] == ["Allow for this task", "Deny with a reason", "Edit and allow"]
    presses = [Click.decode(button["custom_id"].removeprefix(ASK)) for button in inside]
    assert [press.verb for press in presses] == ["approve_task", "deny_because", "edit"]
    assert {(press.about, press.digest, press.newest) for press in presses} == {("1", APPROVAL.digest, "17.2")}
    assert [button["custom_id"].startswith(ASK) for button in inside] == [True, False, False]


def asking(card: Card) -> list[str]:
    (part,) = render("t1", card)
    return [button["label"] for button in buttons_of(part) if button["custom_id"].startswith(ASK)]


def test_the_longest_press_of_a_real_task_is_whole_behind_the_sign_that_asks() -> None:
    reply = "1234567890123456789:1234567890123456789"
    (part,) = render("t23456789012", changed(RUNNING, last_reply=reply))
    stop = buttons_of(part)[1]["custom_id"]
    assert Click.decode(stop.removeprefix(ASK)).detail == reply


def test_a_decided_card_has_neither_buttons_nor_a_line_that_calls_for_somebody() -> None:
    for name in ("approval_approved", "approval_expired", "question_answered", "budget_increased", "budget_closed"):
        (part,) = render("t1", GOLDEN[name])
        assert (buttons_of(part), part.content["content"]) == ([], "")


def test_what_needs_a_person_says_so_where_a_notification_shows_it() -> None:
    above = {name: render("t1", GOLDEN[name])[0].content["content"] for name in GOLDEN}
    assert above["approval_pending"] == "🟠 **Allow** `Write note (notes)`**?**"
    assert above["question_open"] == "❓ **The agent asks**"
    assert above["budget_exceeded"].startswith("🔴 $0.98 of $1.00")


def test_arguments_that_are_too_long_are_a_file_that_has_all_of_them() -> None:
    (part,) = render("t1", changed(APPROVAL, arguments=json.dumps({"text": "line\n" * 10_000, "last": 1})))
    assert part.file is not None
    assert part.file.text.endswith("last: 1")
    assert part.file.text.count("│ line") == 10_000
    assert "This is not all" in part.text
    assert labels(part) == ["Allow once", "Deny", "More …"]


def test_options_that_no_button_can_hold_are_written_out_and_numbered_on_both() -> None:
    (part,) = render("t1", changed(QUESTION, options=("a" * 80, "b_c")))
    assert f"1. {'a' * 80}\n2. b_c" in part.text
    assert labels(part) == [f"1. {'a' * 36}…", "2. b_c", "Answer …"]


def test_twenty_options_and_an_answer_of_ones_own_fit_below_a_question() -> None:
    (part,) = render("t1", changed(QUESTION, options=tuple(f"option {number}" for number in range(30))))
    assert [len(row["components"]) for row in part.content["components"]] == [5, 5, 5, 5, 1]


def test_a_status_card_is_one_message_with_the_state_for_a_reaction() -> None:
    for state in Status:
        (part,) = render("t1", changed(RUNNING, status=state, plan=RUNNING.plan * 40, log=("x" * 500,) * 5))
        assert part.state is state


def test_whoever_asked_is_linked_only_where_it_is_a_person_of_discord() -> None:
    user = Principal(platform="discord", workspace="1", user_id="123456789012345678", name="Anna")
    (part,) = render("t1", changed(RUNNING, by=user))
    assert part.content["embeds"][0]["author"] == {
        "name": "Asked by Anna",
        "url": "https://discord.com/users/123456789012345678",
    }
    assert render("t1", RUNNING)[0].content["embeds"][0]["author"] == {"name": "Asked by Anna"}


def test_live_text_is_its_end_and_stands_only_while_the_task_works() -> None:
    writing = changed(RUNNING, live="beginning " + "word " * 200 + "the end")
    assert "│ …word" in render("t1", writing)[0].text
    assert "the end" in render("t1", writing)[0].text
    assert "the end" not in render("t1", changed(writing, status=Status.PAUSED))[0].text


def test_the_same_card_is_rendered_the_same_every_time() -> None:
    for card in GOLDEN.values():
        assert render("t1", card, LINK) == render("t1", card, LINK)


def test_the_link_is_shown_only_where_there_is_one() -> None:
    assert "Open in Temporal" in render("t1", VERBOSE, LINK)[0].text
    assert "Open in Temporal" not in render("t1", VERBOSE)[0].text
    assert "Open in Temporal" not in render("t1", VERBOSE, "javascript:alert(1)")[0].text


def test_no_character_that_nobody_sees_is_left_in_what_a_person_reads() -> None:
    assert JOINER not in "".join(part.text for card in hostile(MENTIONS) for part in render("t1", card))


def test_every_card_has_words_for_the_log() -> None:
    assert all(part.text.strip() for card in GOLDEN.values() for part in render("t1", card))
