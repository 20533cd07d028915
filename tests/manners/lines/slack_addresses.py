"""Slack: whom a line is said to."""

from typing import Any

from tests.manners.lines.line import Json, Line

OTHERS = {"mentioned": False, "to_others": True}
ALL = {"mentioned": False, "to_others": False}
BOT = {"mentioned": True, "to_others": False}
ASKED = ({"user": "U1", "text": "deploy the app"},)
MESSAGE = ("message",)
CODE_REPORTS = ("preset-io/agor#634", "vercel/chat#947")


def said(text: str, *parts: Json, user: str = "U2", **more: Any) -> Json:
    """`parts`: of the rich text that a person's client sends along."""
    blocks = [{"type": "rich_text", "block_id": "b1", "elements": list(parts)}] if parts else []
    return {"user": user, "text": text, **({"blocks": blocks} if blocks else {}), **more}


def section(*elements: Json) -> Json:
    return {"type": "rich_text_section", "elements": list(elements)}


def text(words: str, **style: bool) -> Json:
    return {"type": "text", "text": words, **({"style": style} if style else {})}


def reply(name: str, report: str, words: str, expect: Json, tells: tuple[str, ...] = MESSAGE) -> Line:
    """A line in somebody's thread, without blocks: as mobile clients and older ones send it."""
    return Line(name=name, reports=(report,), said=said(words), expect=expect, before=ASKED, tells=tells)


BOT_USER = {"type": "user", "user_id": "UBOT1"}
ROWS = (
    reply("somebody is asked", "NousResearch/hermes-agent#60407", "<@U3> could you approve this please?", OTHERS),
    reply("another app is asked", "getsentry/junior#104", "<@U0OTHERAPP> assign this", OTHERS),
    reply("a group is asked", "NousResearch/hermes-agent#12258", "<!subteam^S1|@oncall> anyone?", OTHERS),
    reply("the channel is called", "NousResearch/hermes-agent#12258", "<!here> lunch?", OTHERS),
    reply("somebody is greeted", "NousResearch/hermes-agent#8019", "Hi <@U3>, is this yours?", OTHERS),
    reply("a name is typed plainly", "NousResearch/hermes-agent#8019", "@cid is this yours?", OTHERS),
    reply("somebody is told to stop", "paradigmxyz/centaur#1216", "<@U3> please stop", OTHERS),
    reply("an answer below a quotation", "preset-io/agor#1522", "&gt; <@UBOT1> done\n<@U3> look", OTHERS),
    reply("somebody is named in the middle", "control of NousResearch/hermes-agent#60407", "ask <@U3> for them", ALL),
    reply("somebody is spoken of", "control of NousResearch/hermes-agent#60407", "<@U3>'s numbers are wrong", ALL),
    reply("the bot's name is typed plainly", "control of NousResearch/hermes-agent#8019", "@threadwork go on", ALL),
    reply(
        "somebody and the bot", "NousResearch/hermes-agent#60407", "<@U3> and <@UBOT1>, compare these", BOT,
        ("app_mention", "message"),
    ),
    Line(
        name="the bot's mention in code starts nothing",
        reports=CODE_REPORTS,
        said=said(
            "to use it type `<@UBOT1> run x`",
            section(text("to use it type "), {**BOT_USER, "style": {"code": True}}, text(" run x", code=True)),
        ),
        expect=None,
    ),
    Line(
        name="a code sample with the bot's id starts nothing",
        reports=CODE_REPORTS,
        said=said("use <@UBOT1>", section(text("use "), text("<@UBOT1>", code=True))),
        expect=None,
    ),
    Line(
        name="the bot's mention in a quotation starts nothing",
        reports=("control of vercel/chat#947",),
        said=said("&gt; <@UBOT1> go\nhe", {"type": "rich_text_quote", "elements": [BOT_USER]}, section(text("he"))),
        expect=None,
    ),
    Line(
        name="the bot's mention beside code counts",
        reports=("control of vercel/chat#947",),
        said=said("<@UBOT1> run `x`", section(BOT_USER, text(" run "), text("x", code=True))),
        expect={**BOT, "text": "run `x`"},
    ),
    Line(
        name="a block of code with the bot's mention starts nothing",
        reports=CODE_REPORTS,
        said=said("```<@UBOT1>```"),
        expect=None,
    ),
    reply("a reply with the bot in code is not lost", "preset-io/agor#634", "no, `<@UBOT1> run x`", ALL),
    reply("nor where Slack calls it a mention", "preset-io/agor#634", "no, `<@UBOT1> run x`", ALL, ("app_mention",)),
    Line(
        name="a mention that an edit added",
        reports=("NousResearch/hermes-agent#21850", "dpb587/slack-delegate-bot#6"),
        said=said("<@UBOT1> count", edited={"user": "U2", "ts": "1767000000.000000"}),
        tells=("app_mention",),
        expect={**BOT, "text": "count"},
    ),
    Line(
        name="an edited mention that fires again is one",
        reports=("PostHog/posthog#59517", "chenhg5/cc-connect#1579"),
        said=said("<@UBOT1> count", edited={"user": "U2", "ts": "1767000000.000000"}),
        tells=("app_mention", "app_mention"),
        expect={**BOT, "text": "count"},
    ),
    Line(
        name="what Slackbot says",
        reports=("PostHog/posthog#60193",),
        said=said("Reminder: <@UBOT1> count", user="USLACKBOT"),
        expect=None,
    ),
    Line(
        name="what another app says",
        reports=("PostHog/posthog#60193",),
        said={"user": "U0OTHERAPP", "bot_id": "B9", "text": "<@UBOT1> count"},
        expect=None,
    ),
    Line(
        name="a message by /me in a thread",
        reports=("https://docs.slack.dev/reference/events/message/me_message",),
        said=said("thinks it is the disk", subtype="me_message"),
        before=ASKED,
        tells=MESSAGE,
        expect={**ALL, "text": "thinks it is the disk"},
    ),
)  # fmt: skip
