"""Slack: what a line is about."""

from tests.manners.lines.line import Json, Line

ASK: Json = {"user": "U1", "text": "<@UBOT1> investigate this"}
LOG = {"name": "crash.log", "content": "boom"}
RED: Json = {"is_share": True, "is_msg_unfurl": True, "author_name": "Dan", "ts": "1688651267.097029",
             "channel_id": "C9", "fallback": "[July 6th, 2023] Dan: it is red"}  # fmt: skip


def bot(**fields: object) -> Json:
    return {"user": "U0ALERTS", "bot_id": "B9", "subtype": "bot_message", "username": "Grafana", "text": "", **fields}


def under(name: str, report: str, root: Json, *earlier: tuple[object, ...]) -> Line:
    """The bot is asked in the thread below a message."""
    expect = {"text": "investigate this", "earlier": list(earlier)}
    return Line(name=name, reports=(report,), said=ASK, before=(root,), expect=expect)


def rich(*words: str) -> Json:
    parts = [{"type": "rich_text_section", "elements": [{"type": "text", "text": one}]} for one in words]
    return {"type": "rich_text", "elements": parts}


ALERT = {
    "fallback": "firing",
    "pretext": "<!here> look",
    "title": "KubeJobFailed",
    "title_link": "https://am.example/1",
    "text": "Job *batch* &amp; more failed",
    "fields": [{"title": "cluster", "value": "c-01", "short": True}],
}
BLOCKS = [
    {"type": "header", "text": {"type": "plain_text", "text": "Build <red>"}},
    {"type": "section", "text": {"type": "mrkdwn", "text": "by <@U2>"},
     "fields": [{"type": "mrkdwn", "text": "*Branch* main"}]},
    {"type": "divider"},
    {"type": "context", "elements": [{"type": "mrkdwn", "text": "run 7"},
                                     {"type": "image", "image_url": "https://e.example/i.png", "alt_text": "graph"}]},
    {"type": "markdown", "text": "**Why**"},
    {"type": "table", "rows": [[{"type": "raw_text", "text": "host"}, {"type": "raw_text", "text": "errors"}],
                               [rich("db1"), {"type": "raw_text", "text": "3"}]]},
    {"type": "plan", "title": "Plan", "tasks": [
        {"type": "task_card", "task_id": "1", "title": "Look", "status": "complete", "output": rich("found")}]},
    {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Ack"}}]},
]  # fmt: skip
SHOWN = "Build <red>\nby @Bob\n*Branch* main\nrun 7 graph\n**Why**\nhost | errors\ndb1 | 3\nPlan\n✓ Look\nfound"
ROWS = (
    Line(
        name="a message is forwarded with a request",
        reports=("NousResearch/hermes-agent#96384", "ColeMurray/background-agents#1143"),
        said={"user": "U1", "text": "<@UBOT1> deal with this", "attachments": [{**RED, "text": "red &amp; slow"}]},
        expect={"text": "deal with this", "about": [("Dan", "red & slow")]},
    ),
    Line(
        name="a message is forwarded to the bot without a word",
        reports=("NousResearch/hermes-agent#96384",),
        said={"user": "U1", "text": "", "attachments": [{**RED, "text": "it is red", "files": [LOG]}]},
        channel="D1",
        tells=("message",),
        expect={"text": "", "mentioned": True, "about": [("Dan", "it is red", ("crash.log", "boom"))]},
    ),
    Line(
        name="a forwarded message that is in blocks alone",
        reports=("slackapi/java-slack-sdk#1179", "openclaw/openclaw#9963"),
        said={"user": "U1", "text": "<@UBOT1> look", "attachments": [
            {**RED, "message_blocks": [{"team": "T1", "channel": "C9", "message": {"blocks": [rich("red")]}}]}
        ]},
        expect={"about": [("Dan", "red")]},
    ),
    Line(
        name="a forwarded alert",
        reports=("cyrusagents/cyrus#1326",),
        said={"user": "U1", "text": "<@UBOT1> look", "attachments": [
            {**RED, "author_name": "", "author_subname": "Sentry", "attachments": [ALERT]}
        ]},
        expect={"about": [(
            "Sentry", "@here look\nKubeJobFailed https://am.example/1\nJob *batch* & more failed\ncluster: c-01"
        )]},
    ),
    Line(
        name="a forward of a forward",
        reports=("langchain-ai/open-swe#1835",),
        said={"user": "U1", "text": "<@UBOT1> look", "attachments": [
            {**RED, "text": "see", "attachments": [{**RED, "author_name": "Eve", "text": "deep"}]}
        ]},
        expect={"about": [("Dan", "see"), ("Eve", "deep")]},
    ),
    Line(
        name="a message is forwarded into a task's thread",
        reports=("openclaw/openclaw#59115",),
        said={"user": "U2", "text": "", "attachments": [{**RED, "text": "it is red"}]},
        before=({"user": "U1", "text": "deploy"},),
        tells=("message",),
        expect={"text": "", "mentioned": False, "to_others": False, "about": [("Dan", "it is red")]},
    ),
    under(
        "the thread has a forwarded message", "openclaw/openclaw#59115",
        {"user": "U2", "text": "user is locked out?", "attachments": [{**RED, "text": "Subject: locked"}]},
        ("Bob", "user is locked out?"), ("Dan (forwarded by Bob)", "Subject: locked"),
    ),
    under(
        "an alert made of attachments", "NousResearch/hermes-agent#68138", bot(attachments=[ALERT]),
        ("Grafana", "@here look\nKubeJobFailed https://am.example/1\nJob *batch* & more failed\ncluster: c-01"),
    ),
    under(
        "an alert with a fallback alone", "NousResearch/hermes-agent#33469",
        bot(attachments=[{"fallback": "disk is full", "color": "danger"}]), ("Grafana", "disk is full"),
    ),
    under("an alert made of blocks", "openclaw/openclaw#97727", bot(text="Build &lt;red&gt;", blocks=BLOCKS),
          ("Grafana", SHOWN)),
    under(
        "a file posted before", "PostHog/posthog#95087", {"user": "U2", "text": "it crashed", "files": [LOG]},
        ("Bob", "it crashed", ("crash.log", "boom")),
    ),
    under(
        "a file posted before without a word", "vercel/eve#705", {"user": "U2", "text": "", "files": [LOG]},
        ("Bob", "", ("crash.log", "boom")),
    ),
    Line(
        name="a file of another company",
        reports=("NousResearch/hermes-agent#11095", "slack-go/slack#1312"),
        said={"user": "U21", "text": "<@UBOT1> read it", "files": [{**LOG, "stub": True}]},
        tells=("app_mention",),
        expect={"files": [("crash.log", "boom")]},
    ),
    Line(
        name="a voice clip",
        reports=("openabdev/openab#422", "kortix-ai/suna#6028"),
        said={"user": "U1", "text": "", "files": [{
            "name": "audio_message.m4a", "content": "x", "mimetype": "audio/mp4", "subtype": "slack_audio",
            "transcription": {"status": "complete", "locale": "en-US",
                              "preview": {"content": "Count the files", "has_more": True}},
        }]},
        channel="D1",
        tells=("message",),
        expect={"files": [("audio_message.m4a", "Count the files …")]},
    ),
)  # fmt: skip
