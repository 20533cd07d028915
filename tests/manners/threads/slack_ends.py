"""Slack: lines after the end."""

from tests.manners.threads.slack_line import row

BOT = "<@UBOT1>"
STALE = "openclaw/openclaw#33519"
THANKS = "cds-snc/ai-answers#590"

ROWS = (
    row("a mention", STALE, f"{BOT} and the attic?", "follow-up", "ended long ago"),
    row("the requester's next line", "vikasprogrammer/agentric#543", "and the attic?", "follow-up", "ended now",
        user="U1"),
    row("the requester, an hour later", STALE, "and the attic?", "go on?", "ended long ago", user="U1"),
    row("the requester, when others have spoken", "kecbigmt/docgent#3", "yes, at one", "go on?",
        "ended now, and others have spoken", user="U1"),
    row("somebody says thanks", THANKS, "nice, thanks!", "go on?", "ended now"),
    row("an emoji", "paradigmxyz/centaur#101", ":ok_hand:", "go on?", "ended now"),
    row("somebody says thanks, also to the channel", THANKS, "nice, thanks!", "go on?", "ended now",
        subtype="thread_broadcast"),
    row("a file", "metabase/metabase#82443", "", "go on?", "ended now",
        files=({"name": "crash.log", "content": "boom"},)),
    row("approve, when it is over", "HybridAIOne/hybridclaw#192", "approve", "go on?", "ended now"),
    row("in a thread of people", "seratch/ChatGPT-in-Slack#10", "that was quick", "nothing",
        "ended in a thread of people"),
    row("in a thread of people, by the requester", "seratch/ChatGPT-in-Slack#10", "it was the disk", "nothing",
        "ended in a thread of people", user="U1"),
    row("a mention in a thread of people", "lightdash/lightdash#15171", f"{BOT} and now?", "follow-up",
        "ended in a thread of people"),
    row("another app, when it is over", "Significant-Gravitas/AutoGPT#13174", "Deployed.", "nothing", "ended now",
        user="U0OTHERAPP", bot_id="B9"),
)  # fmt: skip
