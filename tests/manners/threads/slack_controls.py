"""Slack: control words in all habits, and sentences that hold one."""

from tests.manners.threads.slack_line import row

BOT = "<@UBOT1>"
BARE = "nityeshaga/claude-home-base#8"
PHRASES = "mf-yang/openclaw-cn#427"
TYPED = "NousResearch/hermes-agent#25355"
MUTE = "archestra-ai/archestra#6001"
EXPLICIT = "superset-sh/superset#7588"

ROWS = (
    row("stop", BARE, "stop", "stop"),
    row("stop, to the bot", BARE, f"{BOT} stop", "stop"),
    row("stop the deploy", BARE, "stop the deploy", "follow-up"),
    row("stop by who asked", BARE, "Stop", "stop", user="U1"),
    row("stop after the end", "control of nityeshaga/claude-home-base#8", "stop", "has ended", "ended now"),
    row("the bot's name behind", PHRASES, f"stop {BOT}", "stop"),
    row("the bot's name behind, and marks", PHRASES, f"STOP {BOT}!!!", "stop"),
    row("please, before", PHRASES, "please stop", "stop"),
    row("please, behind", PHRASES, "stop please", "stop"),
    row("the agent", PHRASES, "stop the agent", "stop"),
    row("the run of now", PHRASES, "stop current run", "stop"),
    row("abort", PHRASES, "abort", "stop"),
    row("at once", "openclaw/openclaw#24370", "stop immediately", "stop"),
    row("in capitals", "openclaw/openclaw#24370", "STOP", "stop"),
    row("wait is no stop", "openclaw/openclaw#98639", "wait", "follow-up"),
    row("in a condition", "paradigmxyz/centaur#915", "check the logs. if so, stop.", "follow-up"),
    row("the noise", "control of paradigmxyz/centaur#915", "stop the noise please", "follow-up"),
    row("with an exclamation mark before", TYPED, "!stop", "stop"),
    row("an exclamation mark before anything else", TYPED, "!nice work", "follow-up"),
    row("as a slash command behind a blank", "NousResearch/hermes-agent#56718", " /stop", "stop"),
    row("our own command as text", "slackapi/bolt-python#873", "/agent stop", "stop"),
    row("our own command, to the bot", "slackapi/bolt-js#1816", f"{BOT} /agent stop", "stop"),
    row("in bold", "https://docs.slack.dev/tools/node-slack-sdk/reference/web-api/interfaces/RichTextStyleable",
        "*stop*", "stop"),
    row("with an emoji", "Iteam1337/sonos-wejay#41", "stop :octagonal_sign:", "stop"),
    row("with an emoji that has a skin", "Iteam1337/sonos-wejay#41", "stop :raised_hand::skin-tone-2:", "stop"),
    row("where lines are not read", "control of paradigmxyz/centaur#1216", "stop", "stop", "off"),
    row("while something waits", "control of Neko-Catpital-Labs/Invoker#5048", "stop", "stop", "waits"),
    row("pause", "alexknowshtml/cord#8", "pause", "pause"),
    row("resume, to the bot", "alexknowshtml/cord#8", f"{BOT} resume", "resume"),
    row("status", "NousResearch/hermes-agent#41784", "!status", "status"),
    row("quiet, to the bot", MUTE, f"{BOT} be quiet", "quiet"),
    row("mute, to the bot", EXPLICIT, f"{BOT} !mute", "quiet"),
    row("quiet, by the word of the handbook", "openclaw/openclaw#85134", f"{BOT} quiet", "quiet"),
    row("no more mute", EXPLICIT, f"{BOT} !unmute", "listen", "by mentions"),
    row("listen", EXPLICIT, f"{BOT} listen", "listen", "by mentions"),
    row("quiet, to one another", "control of openclaw/openclaw#85134", "be quiet", "follow-up"),
    row("a wish that speaks of quiet", EXPLICIT, f"{BOT} build a bot that should only respond when mentioned",
        "follow-up"),
)  # fmt: skip
