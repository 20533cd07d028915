"""Slack's rich text and blocks, written down as its markup."""

from typing import Any

import pytest

from threadwork.adapters.slack.inbound.block_text import blocks_text
from threadwork.adapters.slack.inbound.message_parsing import parse_message
from threadwork.adapters.slack.inbound.rich_text import rich_text


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def section(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text_section", "elements": list(elements)}


C = section(text("c"))


@pytest.mark.parametrize(
    ("part", "plain"),
    [
        (section(text("a < b "), {"type": "user", "user_id": "U2"}), "a < b @Bob"),
        (section({"type": "link", "url": "https://e.org/?a=1", "text": "the | page"}), "the / page (https://e.org/?a=1)"),
        (section({"type": "link", "url": "https://e.org"}), "https://e.org"),
        (section({"type": "channel", "channel_id": "C1"}, {"type": "emoji", "name": "wave"}), "#C1:wave:"),
        (section({"type": "broadcast", "range": "here"}, {"type": "usergroup", "usergroup_id": "S1"}), "@here@subteam"),
        (section({"type": "date", "timestamp": 1, "fallback": "May 1"}), "May 1"),
        ({"type": "rich_text_list", "style": "ordered", "offset": 2, "elements": [C, C]}, "3. c\n4. c"),
        ({"type": "rich_text_list", "style": "bullet", "indent": 1, "elements": [section(text("x"))]}, "• x"),
        ({"type": "rich_text_quote", "elements": [text("a\nb")]}, "> a\n> b"),
        ({"type": "rich_text_preformatted", "elements": [text("x <@U2>")]}, "```\nx <@U2>\n```"),
        ({"type": "rich_text_list"}, ""),
    ],
)  # fmt: skip
def test_rich_text_says_what_its_parts_say(part: dict[str, Any], plain: str) -> None:
    assert parse_message(rich_text({"type": "rich_text", "elements": [part]}), {"U2": "Bob"}).text == plain


@pytest.mark.parametrize(
    ("block", "plain"),
    [
        ({"type": "image", "title": {"type": "plain_text", "text": "Load"}, "alt_text": "a graph"}, "Load\na graph"),
        ({"type": "video", "title": {"type": "plain_text", "text": "Demo"}}, "Demo"),
        ({"type": "alert", "text": {"type": "mrkdwn", "text": "*No*"}}, "*No*"),
        ({"type": "card", "title": {"type": "plain_text", "text": "T"}, "body": {"type": "mrkdwn", "text": "B"}},
         "T\nB"),
        ({"type": "container", "title": {"type": "plain_text", "text": "More"},
          "child_blocks": [{"type": "header", "text": {"type": "plain_text", "text": "H"}}]}, "More\nH"),
        ({"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Press"}}]}, ""),
        ({"type": "of tomorrow", "text": "x"}, ""),
    ],
)  # fmt: skip
def test_blocks_say_what_people_read_in_them(block: dict[str, Any], plain: str) -> None:
    assert blocks_text([block]) == plain
