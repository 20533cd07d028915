"""A link of a model leads where its text says, or shows where it leads."""

import json
import re

import pytest

from tests.adapters.card_cases import APPROVAL, QUESTION, changed
from tests.processor_time import loops
from tests.security.test_revealed import terminal
from threadwork.adapters.discord.cards import card_renderers as discord
from threadwork.adapters.discord.cards.text import markdown as on_discord
from threadwork.adapters.slack.cards import card_renderers as slack
from threadwork.adapters.slack.cards.text import markdown as on_slack
from threadwork.adapters.wording.link_words import honest
from threadwork.workflows.cards import AnswerCard

EVIL = "https://evil.example"
LIES = [  # element-web#23237, #22875 and #12774, mastodon#3830, liberapay#2756, markdown-it#444 and their neighbours
    f"[https://bank.example]({EVIL})",
    f"[bank.example]({EVIL})",
    f"[BANK.example.]({EVIL})",
    f"[www.bank.example/login]({EVIL})",
    f"[//bank.example]({EVIL})",
    f"[Log in at bank.example now]({EVIL})",
    f"[192.0.2.1]({EVIL})",
    f"[**bank.example**]({EVIL})",
    f"[bank**.**example]({EVIL})",
    f"[`bank.example`]({EVIL})",
    rf"[bank\.example]({EVIL})",
    f"[bank&#46;example]({EVIL})",
    f"[bank.\u200dexample]({EVIL})",
    f"[bank。example]({EVIL})",
    f"[bank\u200a.example]({EVIL})",  # a hair space
    f"[bank\ua4f8example]({EVIL})",  # a letter of Lisu that is a full stop to the eye
    f"[bank\u0660example]({EVIL})",  # Arabic zero
    f"[ｂａｎｋ．ｅｘａｍｐｌｅ]({EVIL})",
    f"[bаnk.example]({EVIL})",  # a Cyrillic а
    f"[the [bank.example] page]({EVIL})",
    f"[a [b](https://other.example) bank.example]({EVIL})",
    rf"[bank.example \]]({EVIL})",
    f"[bank.example](<{EVIL}>)",
    f"[bank.example]( {EVIL} )",
    f"[bank.example](\n{EVIL})",
    f'[bank.example]({EVIL} "the bank")',
    f'[click]({EVIL} "https://bank.example")',
    f"[click]({EVIL} 'bank.example (really)')",
    f"![bank.example]({EVIL}/x.png)",
    f"[![bank.example](https://bank.example/x.png)]({EVIL})",
    "[bank.example](//evil.example)",
    "[bank.example](HTTPS://EVIL.example)",
    "[bank.example](https:evil.example)",
    "[bank.example](evil.example/bank.example)",
    "[bank.example](https://bank.example.evil.example)",
    "[bank.example](https://bank.example@evil.example)",
    "[click](https://bank.example@evil.example)",
    "[click](https://bank.example:443@evil.example/x)",
    r"[bank.example](https://evil.example\@bank.example)",
    "[bank.example](https://%65vil.example)",
    "[bank.example](https://evil&#46;example)",
    r"[bank.example](https://evil\.example)",
    f"[bank.example][1]\n\n[1]: {EVIL}",
    f"[bank.example][]\n\n[bank.example]: {EVIL}",
    f"[bank.example]\n\n[Bank.Example]: <{EVIL}>",
    f"> [bank.example][a  B]\n\n> [A b]: {EVIL} 'x'",
    f"[click][1]\n\n[1]: {EVIL} 'https://bank.example'",
    f"\\`[bank.example]({EVIL})\\`",
    f"    ```\n    x\n[bank.example]({EVIL})",
    f"~~~\n[bank.example]({EVIL})\n~~~",
    f"[{'x ' * 1_500}bank.example]({EVIL})",
    "[support@bank.example](mailto:someone@evil.example)",
    "[bank.example](slack://evil.example)",
]
TRUE = [
    "[the report](https://docs.example/r)",
    "[docs.example](https://docs.example/r)",
    "[https://docs.example/](https://www.docs.example./r)",
    "[docs.example:8443](https://docs.example:8443)",
    "[Docs.Example](https://docs.example 'The docs')",
    "[README.md](https://github.com/a/b/README.md)",
    "[app.js](https://cdn.example/x)",
    "[v1.2.3](https://github.com/a/b/releases)",
    "[me@docs.example](mailto:me@docs.example)",
    "<https://docs.example>",
    "https://medium.example/@user/post",
    "[post](https://medium.example/@user)",
    "[docs][1] and [x][]\n\n[1]: https://docs.example\n[x]: https://x.example",
    "```js\nhandlers[event.name](req.body)\n```",
    "`a[b.com](c.d)`",
    "```py\nnames: dict\n[app.name]: str\n```",
    "x = config[app.name]: str",
    "```\ngit clone https://user:pass@git.example/x\n```",
    "Array [1](2) and [x] (y)",
    "- [ ] open\n- [x] done",
]
_LINK = re.compile(r"\[[^\]]*\]\(|\]\[|^ {0,3}(?:> )?\[[^\]\\]*\]:", re.M)


@pytest.mark.parametrize("text", LIES)
@pytest.mark.parametrize("surface", [honest, on_slack, on_discord])
def test_a_link_that_misleads_shows_its_target_and_is_no_link(text: str, surface: object) -> None:
    shown = surface(text)  # type: ignore[operator]
    assert shown != text
    assert re.search(r"(evil|%65vil|evil\\?)[.&#46;]*\.?example|xn--", shown, re.I)
    assert not re.search(r"\]\(\s*<?(?!https://(?:other|bank)\.example)\S*evil", shown, re.I)
    assert not re.search(r"^[ >]*\[[^\]\\]*\]:", shown, re.M)


@pytest.mark.parametrize("text", TRUE)
@pytest.mark.parametrize("surface", [honest, on_slack, on_discord])
def test_a_link_that_says_where_it_leads_stays_as_it_is(text: str, surface: object) -> None:
    assert surface(text) == text  # type: ignore[operator]


def test_what_is_shown() -> None:
    assert honest(f"See [https://bank.example]({EVIL}).") == f"See https://bank.example ({EVIL})."
    assert honest(f'![bank.example]({EVIL} "x")!') == f"bank.example ({EVIL})!"
    assert honest("[click](https://bank.example@evil.example/x)") == "click (https://evil.example/x)"
    assert honest("go to https://bank.example@evil.example/x") == "go to https://evil.example/x"
    assert honest("[аpple.com](https://аpple.com)") == "аpple.com (https://xn--pple-43d.com)"
    assert honest(f"[bank.example][1]\n\n[1]: {EVIL}") == f"[bank.example][1]\n\n\\[1\\]: {EVIL}"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("https://bank.example@evil.example/x", "https://evil.example/x"),
        ("HTTPS://bank.example%2F:443@evil.example", "HTTPS://evil.example"),
        ("https://аpple.com/x", "https://xn--pple-43d.com/x"),
        ("https://аррӏе.com", "https://xn--80ak6aa92e.com"),
        ("https://münchen.de and https://пример.рф", "https://münchen.de and https://пример.рф"),
        ("https://medium.example/@user?a@b", "https://medium.example/@user?a@b"),
        ("mail ann@bank.example", "mail ann@bank.example"),
    ],
)
def test_a_bare_address_shows_the_host_it_leads_to(written: str, read: str) -> None:
    assert honest(written) == read
    assert honest(f"```\n{written}\n```") == f"```\n{written}\n```"
    asked = changed(APPROVAL, why=f"See {written} ")
    for platform in (slack, discord):
        assert f"See {read}" in "\n".join(part.text for part in platform.render("t1", asked))


def test_syntax_of_slack_typed_by_a_model_is_no_link() -> None:
    for typed in ("<https://evil.example|https://bank.example>", '<a href="https://evil.example">bank.example</a>'):
        assert on_slack(typed).startswith("&lt;")


def test_every_card_that_holds_markdown_of_a_model_is_honest() -> None:
    lie = f"[https://bank.example]({EVIL})"
    for card in (changed(QUESTION, question=lie), AnswerCard(key="answer:1", answer=lie)):
        for platform in (slack, discord):
            said = json.dumps([part.content for part in platform.render("t1", card)])
            assert f"https://bank.example ({EVIL})" in said
            assert "](" not in said


def test_a_terminal_shows_where_a_link_leads_and_makes_none() -> None:
    said = f"[https://bank.example]({EVIL}) [bank.example][1]\n\n[1]: {EVIL}"
    shown = terminal(AnswerCard(key="answer:1", answer=said), 200)
    assert shown.count(EVIL) == 2
    assert "\x1b]8" not in shown


@pytest.mark.parametrize(
    "text",
    [
        "[" * 30_000,
        "](" * 15_000,
        "[a](b" * 6_000,
        "[a]: " * 6_000,
        "[x](((((" * 4_000,
        "[a]\n[" * 5_000,
        f"[a.example]({EVIL})" * 1_000,
        "\\" * 30_000,
        "`" * 100_000,
        "~" * 100_000,
        "> " * 20_000 + "`" * 50_000,
        '[x](y "' * 4_000,
    ],
)
def test_hostile_text_is_read_in_good_time(text: str) -> None:
    assert loops(lambda: honest(text)) < 300
