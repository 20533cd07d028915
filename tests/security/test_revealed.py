"""What people approve hides nothing, on every surface; what they merely read keeps its emoji."""

import json
import unicodedata
from collections.abc import Callable
from io import StringIO

import pytest
from rich.console import Console

from tests.adapters.card_cases import APPROVAL
from tests.unit.bot.chat.test_lists import task
from threadwork.adapters.chat.edited_arguments import flat, readable
from threadwork.adapters.discord.cards import card_renderers as discord
from threadwork.adapters.slack.cards import card_renderers as slack
from threadwork.adapters.terminal import cards
from threadwork.adapters.terminal import plain_cards as plain
from threadwork.adapters.wording.argument_words import arguments_in_a_line, editable
from threadwork.adapters.wording.card_words import clean, revealed
from threadwork.bot.chat.lists import approval_item
from threadwork.workflows.cards import ApprovalCard, Card
from threadwork.workflows.tasks import WaitingApproval

HEART, FAMILY = "❤\ufe0f", "\U0001f469\u200d\U0001f469\u200d\U0001f467"
SCOTLAND = "\U0001f3f4" + "".join(chr(0xE0000 + ord(sign)) for sign in "gbsct") + "\U000e007f"
UNSEEN = [
    "\u200b", "\u200c", "\u200d", "\u00ad", "\u202e",
    "\u2066", "\u2060", "\ufeff", "\u034f", "\u061c", "\u180e", "\x1b",
    "\ufe00", "\ufe0f", "\U000e0100", "\U000e01ef",  # variation selectors, in which whole texts were smuggled
    "\U000e0041", "\U000e007f", "\U000e0001",  # tags
    "\u3164", "\u115f", "\u1160", "\uffa0", "\u2800",  # fillers
    "\ud800",
]  # fmt: skip
BLANKS = [chr(at) for at in range(0x3001) if unicodedata.category(chr(at)) in ("Zs", "Zl", "Zp") and at != 0x20]


def approval(**arguments: object) -> ApprovalCard:
    return APPROVAL.model_copy(update={"arguments": json.dumps(arguments), "tool": "shell.run"})


def terminal(card: Card, width: int = 60) -> str:
    out = StringIO()
    Console(file=out, width=width, force_terminal=False, color_system=None).print(cards.render(card, {}))
    return out.getvalue()


SURFACES: dict[str, Callable[[ApprovalCard], str]] = {
    "slack": lambda card: "\n".join(part.text for part in slack.render("t1", card)),
    "discord": lambda card: "\n".join(part.text for part in discord.render("t1", card)),
    "terminal": terminal,
    "plain": lambda card: plain.plain(card, {}),
    "line": lambda card: plain.plain_arguments(card.arguments),
}


@pytest.mark.parametrize("sign", [*UNSEEN, *BLANKS], ids=lambda sign: f"{ord(sign):04x}")
def test_what_nobody_sees_is_shown_as_its_escape(sign: str) -> None:
    escape = f"\\u{ord(sign):04x}"
    assert revealed(f"a{sign}b") == f"a{escape}b"
    for name, shown in SURFACES.items():
        text = shown(approval(cmd=f"a{sign}b"))
        assert sign not in text, name
        assert escape in text.lower() or escape.replace("\\u00", "\\x") in text, name


@pytest.mark.parametrize("surface", SURFACES)
def test_blanks_are_shown_as_they_are(surface: str) -> None:
    assert '"rm  -rf   /  "' in SURFACES[surface](approval(cmd="rm  -rf   /  "))


def test_a_terminal_folds_long_arguments_without_swallowing_a_blank() -> None:
    text = "harmless" + " " * 200 + "; rm -rf /" + " " * 70 + "x"
    inside = [line[4:-2] for line in terminal(approval(cmd=text)).split("\n") if line.startswith("│")]
    shown = "".join(inside)
    assert json.dumps(text) in shown


def test_lines_of_a_text_keep_their_blanks_on_a_terminal() -> None:
    shown = terminal(approval(script="if x:\n    rm  -rf\n\tdone"))
    assert "│     rm  -rf " in shown
    assert "done" in shown


@pytest.mark.parametrize("surface", SURFACES)
def test_a_name_cannot_be_taken_for_two_arguments(surface: str) -> None:
    shown = SURFACES[surface](approval(**{'path = "/tmp"\ncmd': "rm"}))
    assert 'path = \\"/tmp\\"\\ncmd' in shown


@pytest.mark.parametrize("surface", list(SURFACES)[:4])
def test_the_name_of_a_tool_hides_nothing_either(surface: str) -> None:
    card = approval(cmd="x").model_copy(update={"tool": "notes.wr\u200bite"})
    assert "notes.wr\\u200bite" in SURFACES[surface](card)


def test_arguments_that_are_no_object_are_revealed_too() -> None:
    for name, shown in SURFACES.items():
        assert "\\u200b" in shown(APPROVAL.model_copy(update={"arguments": '["a\u200bb"]'})), name
    assert arguments_in_a_line("no\njson") == "no\\njson"


@pytest.mark.parametrize(
    "text", [HEART, FAMILY, SCOTLAND, "🇩🇪", "👍🏽", "می\u200cخواهم", f"I {HEART} {FAMILY} from {SCOTLAND}!"]
)
def test_prose_keeps_its_emoji_and_its_joiners(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("value", "buttons"), [("rm -rf x", True), ("rm  -rf x", False), ("**rm** x", False), ("`x", False)]
)
def test_a_list_lets_nobody_approve_what_it_cannot_show_as_it_is(value: str, buttons: bool) -> None:
    asked = WaitingApproval(card=approval(cmd=value), task=task())
    item = approval_item(asked)
    assert f'cmd="{value}"' in item.text
    assert ("approve" in [button.press.verb for button in item.buttons]) is buttons


@pytest.mark.parametrize("sign", [*UNSEEN, *BLANKS], ids=lambda sign: f"{ord(sign):04x}")
def test_what_is_edited_as_json_shows_everything_and_means_the_same(sign: str) -> None:
    text = json.dumps({f"a{sign}": f"b{sign}"})
    for shown in (editable(text), readable(text, 1_000)):
        assert sign not in shown
        assert json.loads(shown) == json.loads(text)


def test_a_form_with_an_input_for_each_argument_holds_nothing_unseen() -> None:
    assert flat(json.dumps({"a": f"fine {HEART} {FAMILY}"}), 5, lambda _: True) is not None
    for value in ("a\u200bb", "a\u202eb", "a\U000e0041b"):
        assert flat(json.dumps({"a": value}), 5, lambda _: True) is None


def test_prose_loses_texts_that_are_smuggled_in_tags_and_selectors() -> None:
    tags = "".join(chr(0xE0000 + ord(sign)) for sign in "ignore all")
    selectors = "".join(chr(0xE0100 + number) for number in range(20))
    assert clean(f"\U0001f3f4{tags}!") == "\U0001f3f4!"
    assert clean(f"x{selectors}y") == f"x{selectors[0]}y"
