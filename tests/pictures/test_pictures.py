"""Cards become pictures of what people see; what cannot be drawn is said, not left out."""

import io
import os

import pytest
from PIL import Image

from tests.pictures import discord, slack
from tests.pictures.__main__ import DOCS, ROOT
from tests.pictures.browser import SCALE, program, screenshots
from tests.pictures.discord_text import markdown
from tests.pictures.forms import forms
from tests.pictures.page import PHONE, Look, Message, Platform, page
from tests.pictures.runs import RUNS, cards, messages, thread
from tests.pictures.samples import samples
from tests.pictures.slack_text import mrkdwn

both = pytest.mark.parametrize("platform", ["slack", "discord"])
UNKNOWN = 'class="unknown"'
APPROVE = {"slack": (0, 0x7A, 0x5A), "discord": (0x58, 0x65, 0xF2)}  # colours of the button
BACK = {"slack": (255, 255, 255), "discord": (0xFB, 0xFB, 0xFB)}


def approval(platform: Platform) -> str:
    return page(map(Message, messages(platform, "approval_pending")), Look(platform, PHONE), "Thread")


@both
def test_a_card_becomes_html_with_its_words_and_its_buttons(platform: Platform) -> None:
    html = approval(platform)
    assert "notes.write_note" in html
    assert '<button class="primary"><span class="label">Allow once</span></button>' in html
    assert '<button class="danger"><span class="label">Deny</span></button>' in html


@both
def test_nothing_of_our_cards_and_forms_is_left_undrawn(platform: Platform) -> None:
    shown = [*cards(platform), *forms(platform), *(one for name in RUNS for one in thread(platform, name))]
    assert UNKNOWN not in page(shown, Look(platform), "All")


@both
def test_what_is_unknown_is_a_red_box_with_its_name(platform: Platform) -> None:
    assert page(samples(platform), Look(platform), "Samples").count(UNKNOWN) == 1
    assert UNKNOWN in slack.message({"blocks": [{"type": "mystery"}]})
    assert "not drawn here: component 98" in discord.message({"components": [{"type": 98}]})


def test_words_stay_words() -> None:
    evil = "<script>alert(1)</script>"
    assert "<script" not in slack.message({"blocks": [{"type": "markdown", "text": evil}], "text": ""})
    assert "<script" not in mrkdwn(evil.replace("<", "&lt;"))
    assert "<script" not in discord.message({"content": evil})


def test_slack_markup_is_read() -> None:
    assert mrkdwn("*b* _i_ ~s~ `*c*` <https://e.org|e>\n> q\nsnake_case_name") == (
        '<b>b</b> <i>i</i> <s>s</s> <code>*c*</code> <a href="https://e.org">e</a><br>'
        "<blockquote>q</blockquote>snake_case_name"
    )


def test_discord_markup_is_read() -> None:
    html = markdown("**b** __u__ `<@U1>`\n-# small\n\n> q\nafter <@U0123BEN0>")
    assert "<b>b</b> <u>u</u> <code>&lt;@U1&gt;</code>" in html
    assert '<span class="small">small</span>' in html
    assert "</blockquote>\n<p>after" in html
    assert '<span class="mention">@Ben</span>' in html


@both
def test_the_readme_shows_a_picture_that_loads_fast(platform: Platform) -> None:
    file = DOCS / f"{platform}.png"
    assert str(file.relative_to(ROOT)) in (ROOT / "README.md").read_text(encoding="utf-8")
    assert file.stat().st_size <= 150_000


@pytest.mark.slow
def test_a_browser_draws_them_as_high_as_they_are_and_in_their_colours() -> None:
    if program() is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("Chromium is not installed.")
    platforms: tuple[Platform, ...] = ("slack", "discord")
    drawn = screenshots([(approval(platform), PHONE) for platform in platforms])
    for platform, png in zip(platforms, drawn, strict=True):
        image = Image.open(io.BytesIO(png)).convert("RGB")
        assert image.width == PHONE * SCALE
        assert 300 * SCALE < image.height < 900 * SCALE
        assert image.getpixel((2, image.height - 2)) == BACK[platform]
        colours = {colour: count for count, colour in image.getcolors(maxcolors=1 << 20) or ()}
        assert colours[APPROVE[platform]] > 1_000
