"""What people wrote, in plain words."""

import pytest

from threadwork.adapters.slack.inbound.message_parsing import parse_message, people_in


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("<#C123|general> please", "#general please"),
        ("<#C123> and <#C124|>", "#C123 and #C124"),
        ("ask <@U1|ann> and <@U2> and <@U3>", "ask @ann and @Bob and @U3"),
        ("<!here> <!channel|channel> <!subteam^S1|@oncall>", "@here channel @oncall"),
        ("see <https://example.com/a?b=1&amp;c=2>", "see https://example.com/a?b=1&c=2"),
        ("see <https://example.com/a|the page>", "see the page (https://example.com/a)"),
        ("see <http://example.com|example.com>", "see http://example.com"),
        ("mail <mailto:ann@example.com|ann@example.com>", "mail ann@example.com"),
        ("<!date^1392734382^{date}|yesterday>", "yesterday"),
        ("1 &lt; 2 &amp;&amp; &lt;@U1&gt; is no mention", "1 < 2 && <@U1> is no mention"),
        ("&amp;lt; stays", "&lt; stays"),
    ],
)
def test_slacks_markup_becomes_plain_words(written: str, plain: str) -> None:
    assert parse_message(written, {"U2": "Bob"}).text == plain


def test_channels_are_told_by_name_and_id() -> None:
    found = parse_message("from <#C1|general> to <#C2|a&amp;b> and <#C3>")
    assert found.channels == (("general", "C1"), ("a&b", "C2"), ("C3", "C3"))


def test_the_bots_own_mention_is_left_out_where_it_only_calls() -> None:
    assert parse_message("<@UBOT>: <@UBOT> count, then tell <@UBOT>", {}, "UBOT").text == "count, then tell @UBOT"


def test_only_people_without_a_name_in_the_text_are_asked_for() -> None:
    assert people_in("<@U1> <@U2|bob> <@U1> <@W3>") == ("U1", "W3")
