"""Slack: which lines the agent is told of, and which of them are answers."""

from tests.manners.threads.slack_line import row

BOT = "<@UBOT1>"
STRICT = "NousResearch/hermes-agent#16193"
SWALLOWED = "NousResearch/hermes-agent#62034"
TYPED = "NousResearch/hermes-agent#54160"
PROSE = "NousResearch/hermes-agent#62050"
BROADCAST = "openclaw/openclaw#41073"
FILE = ({"name": "crash.log", "content": "boom"},)
EDITED = {"user": "U2", "ts": "1767000000.000000"}
CODE = "to call it type `<@UBOT1> run`"

ROWS = (
    # modes
    row("a plain line, by mentions", STRICT, "look at the logs", "nothing", "by mentions"),
    row("a mention, by mentions", STRICT, f"{BOT} look at the logs", "follow-up", "by mentions"),
    row("a mention in code, by mentions", "vercel/chat#947", CODE, "nothing", "by mentions"),
    row("a mention that comes late, by mentions", "dpb587/slack-delegate-bot#6", f"{BOT} look at the logs",
        "follow-up", "by mentions", edited=EDITED, tells=("app_mention",)),
    row("the requester's answer, by mentions", "control of NousResearch/hermes-agent#71044", "staging", "nothing",
        "asks, by mentions", user="U1"),
    row("an answer to the bot, by mentions", "NousResearch/hermes-agent#71044", f"{BOT} staging", "answer",
        "asks, by mentions"),
    row("a plain line, off", "open-assistant-org/open-assistant#72", "look at the logs", "nothing", "off"),
    row("a mention, off", "control of open-assistant-org/open-assistant#72", f"{BOT} look", "replies are off", "off"),
    # answers
    row("the requester answers", "vikasprogrammer/agentric#277", "on staging, please", "answer", "asks", user="U1"),
    row("somebody else says something", SWALLOWED, "just checking the visual UI", "follow-up", "asks"),
    row("somebody else answers the bot", "vikasprogrammer/agentric#277", f"{BOT} on staging", "answer", "asks"),
    row("an option, by somebody else", TYPED, "Staging.", "answer", "offers"),
    row("an option, by the requester", TYPED, "production", "answer", "offers", user="U1"),
    row("none of the options", PROSE, "None of those are valid options", "the answer?", "offers", user="U1"),
    row("a number is none of the options", TYPED, "2", "the answer?", "offers", user="U1"),
    row("none of the options, by somebody else", PROSE, "it's like you're avoiding something", "follow-up", "offers"),
    row("none of the options, to the bot", PROSE, f"{BOT} on my laptop", "the answer?", "offers"),
    # follow-ups in all shapes
    row("also sent to the channel", BROADCAST, "look at the logs", "follow-up", subtype="thread_broadcast"),
    row("a mention, also sent to the channel", "slackapi/bolt-python#488", f"{BOT} look at the logs", "follow-up",
        "by mentions", subtype="thread_broadcast"),
    row("also sent to the channel, to somebody else", BROADCAST, "<@U3> done?", "nothing",
        subtype="thread_broadcast"),
    row("stop, also sent to the channel", BROADCAST, "stop", "stop", subtype="thread_broadcast"),
    row("told of twice", "ChameleonBot/Chameleon#2", "look at the logs", "follow-up", subtype="thread_broadcast",
        tells=("message", "message")),
    row("by /me", "kortix-ai/suna#6029", "thinks it is the disk", "follow-up", subtype="me_message"),
    row("a file and no word", "howdyai/botkit#1600", "", "follow-up", files=FILE,
        reads="Attached file crash.log:\n```\nboom\n```"),
    row("a file with a word that would stop", "spacedriveapp/spacebot#228", "stop", "follow-up", files=FILE),
    row("a file for somebody else", "control of spacedriveapp/spacebot#228", "<@U3> see", "nothing", files=FILE),
    row("a mention and no word", "metabase/metabase#82443", BOT, "help"),
    row("of a client that sends no blocks", "ChameleonBot/Chameleon#2", "", "follow-up", text="and the attic?",
        subtype="thread_broadcast"),
    # robots
    row("another app says something", "Significant-Gravitas/AutoGPT#13174", "Standing by.", "nothing",
        user="U0OTHERAPP", bot_id="B9"),
    row("another app calls the bot", "NousResearch/hermes-agent#34593", f"{BOT} idle.", "nothing",
        user="U0OTHERAPP", bot_id="B9"),
    row("a workflow says something", "slackapi/bolt-python#817", "A form was sent", "nothing",
        user="", bot_id="B8", subtype="bot_message", username="Workflow"),
    row("Slackbot says something", "ltworf/localslackirc#4", "response text here", "nothing",
        user="USLACKBOT", subtype="slackbot_response"),
    # two tasks, and conversations with the bot alone
    row("the older task asks", "kirodotdev/KiroCrew#1455", "staging", "answer", "asks, and a newer one is at work",
        user="U1"),
    row("the newer task has ended", "kirodotdev/KiroCrew#2796", "the second floor", "follow-up",
        "at work, and a newer one has ended"),
    row("below the question, with the bot alone", "vikasprogrammer/agentric#277", "staging", "answer", "direct, asks",
        user="U1"),
    row("a new wish, with the bot alone", "stacklok/mecatl#1409", "count the files", "start", "direct, at work",
        user="U1"),
    row("somebody is named, with the bot alone", "NousResearch/hermes-agent#3640", "<@U3> has them, ask",
        "start", "direct, at work", user="U1"),
)  # fmt: skip
