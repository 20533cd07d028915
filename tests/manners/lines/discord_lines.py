"""Discord: whom a line is said to, and what it is about."""

from typing import Any

from tests.manners.lines.line import Json, Line

ANN, BOB, CID, GRAFANA = "201", "202", "203", "999"
OTHERS = {"mentioned": False, "to_others": True}
ALL = {"mentioned": False, "to_others": False}
BOT = {"mentioned": True, "to_others": False}
ASKED = {"author": ANN, "content": "deploy the app"}
LOG = {"crash.log": "boom"}
EMBED = {
    "type": "rich",
    "author": {"name": "Alerts"},
    "title": "Firing",
    "url": "https://g.example/1",
    "description": "Disk is full",
    "fields": [{"name": "host", "value": "db1", "inline": True}],
    "footer": {"text": "v10"},
}
SHOWN = "Alerts\nFiring https://g.example/1\nDisk is full\nhost: db1\nv10"
CONTAINER = {"type": 17, "id": 1, "accent_color": None, "spoiler": False,
             "components": [{"type": 10, "id": 2, "content": "Disk is full"}]}  # fmt: skip
ALERT: Json = {"author": GRAFANA, "webhook": GRAFANA, "embeds": [EMBED]}


def reply(name: str, report: str, words: str, expect: Json, **more: Any) -> Line:
    """A line of Bob's in a thread below Ann's message."""
    said = {"author": BOB, "content": words, **more}
    return Line(name=name, reports=(report,), said=said, expect=expect, before=(ASKED,), places={"thread": "0"})


def answer(name: str, report: str, before: Json, expect: Json, words: str = "<@900> investigate this") -> Line:
    """In a channel, as an answer to a message."""
    said = {"author": ANN, "content": words}
    return Line(name=name, reports=(report,), said=said, expect=expect, before=(before,), places={"reply_to": "0"})


ROWS = (
    reply("somebody is asked", "NousResearch/hermes-agent#60407", "<@203> could you look?", OTHERS),
    reply("a role is asked", "NousResearch/hermes-agent#12258", "<@&71> anyone?", OTHERS),
    reply("everybody is called", "NousResearch/hermes-agent#12258", "@everyone lunch?", OTHERS),
    reply("a name is typed plainly", "NousResearch/hermes-agent#8019", "@cid is this yours?", OTHERS),
    reply("somebody is named in the middle", "control of NousResearch/hermes-agent#60407", "ask <@203> for them", ALL),
    reply("the bot's name is typed plainly", "control of NousResearch/hermes-agent#8019", "@threadwork go on", ALL),
    reply("somebody and the bot", "NousResearch/hermes-agent#60407", "<@203> and <@900>, compare these", BOT),
    reply("the bot's role beside others", "NousResearch/hermes-agent#67869", "<@203> <@&79> compare these", BOT),
    Line(
        name="the bot's own role is picked instead of it",
        reports=("NousResearch/hermes-agent#67869", "cyborg-garden/hermes-agent-mt#121"),
        said={"author": ANN, "content": "<@&79> count for <@&71>"},
        expect={**BOT, "text": "count for @ops"},
    ),
    Line(
        name="a role that the bot merely holds",
        reports=("control of NousResearch/hermes-agent#67869",),
        said={"author": ANN, "content": "<@&72> count"},
        expect=None,
    ),
    Line(
        name="the bot in a quotation",
        reports=("control of vercel/chat#947",),
        said={"author": ANN, "content": "> <@900> run it\nhe said"},
        expect=None,
    ),
    Line(
        name="the bot in code",
        reports=("control of preset-io/agor#634",),
        said={"author": ANN, "content": "type `<@&79> run` or `<@900> run`"},
        expect=None,
    ),
    Line(
        name="an answer to what another person said",
        reports=("NousResearch/hermes-agent#12258",),
        said={"author": CID, "content": "is that so?"},
        before=(ASKED, {"author": BOB, "content": "It is the disk"}),
        places={"thread": "0", "reply_to": "1"},
        expect={**OTHERS, "answers": False, "about": [("Bob", "It is the disk")]},
    ),
    Line(
        name="an answer to what the bot said",
        reports=("control of NousResearch/hermes-agent#12258",),
        said={"author": CID, "content": "is that so?"},
        before=(ASKED, {"author": "900", "content": "It is the disk"}),
        places={"thread": "0", "reply_to": "1"},
        expect={**ALL, "answers": True, "about": []},
    ),
    Line(
        name="a mention that an edit added",
        reports=("NousResearch/hermes-agent#21850", "dpb587/slack-delegate-bot#6"),
        said={"author": ANN, "content": "count"},
        edits="<@900> count the files",
        expect={**BOT, "text": "count the files"},
    ),
    Line(
        name="a message is forwarded to the bot without a word",
        reports=("vercel/chat#825", "nanocoai/nanoclaw#2922", "NousResearch/hermes-agent#25486"),
        said={"author": ANN, "forwards": [{"content": "It is red", "files": LOG, "embeds": [EMBED]}]},
        channel="301",
        expect={**BOT, "text": "", "about": [("somebody", f"It is red\n{SHOWN}", ("crash.log", "boom"))]},
    ),
    Line(
        name="a message is forwarded into a task's thread",
        reports=("HybridAIOne/hybridclaw#1521",),
        said={"author": BOB, "forwards": [{"content": "It is red"}]},
        before=(ASKED,),
        places={"thread": "0"},
        expect={**ALL, "text": "", "about": [("somebody", "It is red")]},
    ),
    Line(
        name="the thread has a forwarded message and an alert",
        reports=("HybridAIOne/hybridclaw#1521", "getpaseo/hub#64"),
        said={"author": ANN, "content": "<@900> any idea?"},
        before=(ALERT, {"author": BOB, "forwards": [{"content": "It is red"}]}),
        places={"thread": "0"},
        expect={"text": "any idea?", "earlier": [("grafana", SHOWN), ("somebody (forwarded by Bob)", "It is red")]},
    ),
    answer("an alert is answered", "getpaseo/hub#64", ALERT, {**BOT, "about": [("grafana", SHOWN)]}),
    answer(
        "a message with a file is answered", "NousResearch/hermes-agent#44724",
        {"author": BOB, "content": "", "files": LOG}, {"about": [("Bob", "", ("crash.log", "boom"))]},
    ),
    answer(
        "a modern alert is answered", "openclaw/openclaw#126204",
        {"author": GRAFANA, "flags": 1 << 15, "components": [CONTAINER]},
        {"about": [("grafana", "Disk is full")]},
    ),
)  # fmt: skip
