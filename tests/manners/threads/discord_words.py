"""Discord: control words and decisions in all habits."""

from tests.manners.threads.discord_line import row

PHRASES = "mf-yang/openclaw-cn#427"
REPLY = "vikasprogrammer/agentric#392"
ALIASES = "shiwenwen/hope-agent#218"
STALE = "NousResearch/hermes-agent#1996"
IDS = "openclaw/openclaw#2630"

ROWS = (
    row("stop", PHRASES, "stop", "stop"),
    row("stop, to the bot", PHRASES, "<@900> stop", "stop"),
    row("the bot's name behind", PHRASES, "stop <@900>!!!", "stop"),
    row("in bold", "control of openclaw/openclaw#24370", "**STOP**", "stop"),
    row("with an emoji", "control of openclaw/openclaw#24370", "Stop 🛑", "stop"),
    row("with an emoji of the server", "control of openclaw/openclaw#24370", "stop <:halt:123456789>", "stop"),
    row("with a hand that has a skin", "Iteam1337/sonos-wejay#41", "stop ✋🏽", "stop"),
    row("stop, as an answer to the bot", "nullclaw/nullclaw#382", "stop", "stop", answers="bot"),
    row("wait is no stop", "openclaw/openclaw#98639", "wait", "follow-up"),
    row("in a condition", "paradigmxyz/centaur#915", "if so, stop.", "follow-up"),
    row("our own command as text", "slackapi/bolt-python#873", "/agent stop", "stop"),
    row("mute, to the bot", "cline/cline#11126", "<@900> /mute", "quiet"),
    row("no more mute", "cline/cline#11126", "<@900> /unmute", "listen", "by mentions"),
    row("approve", REPLY, "approve", "approve 1", "waits"),
    row("approve, as an answer to the card", "openclaw/openclaw#41600", "/approve", "approve 1", "waits",
        answers="bot"),
    row("yes, as an answer to the card", "openclaw/openclaw#41600", "yes", "approve 1", "waits, and others have spoken",
        answers="bot"),
    row("approve, where two wait", ALIASES, "approve", "list", "two wait"),
    row("approve what has a number", IDS, "approve #2", "approve 2", "two wait"),
    row("approve in bold", REPLY, "**approve 1**", "approve 1", "waits"),
    row("as a slash command of another bot", IDS, "/approve allow-once", "did you mean", "waits"),
    row("denied for a reason", "NousResearch/hermes-agent#54518", "deny: not on a Friday", "deny 1: not on a Friday",
        "waits"),
    row("yes, right below the card", ALIASES, "yes", "approve 1", "waits"),
    row("a thumb that has a skin", "Iteam1337/sonos-wejay#41", "👍🏽", "approve 1", "waits"),
    row("a heavy mark", "matrix-org/matrix-appservice-slack#509", "👍\ufe0f", "approve 1", "waits"),
    row("yes, after something else", STALE, "yes", "did you mean", "waits, and others have spoken"),
    row("yes, where nothing waits", "nearai/ironclaw#2248", "yes", "follow-up"),
    row("yes, and more", "Neko-Catpital-Labs/Invoker#5048", "yes please add more tests", "follow-up", "waits"),
    row("always", ALIASES, "always allow", "choose", "waits"),
    row("what may not be undone", "Kirti-Rathi/PromptShell#7", "approve", "asks again", "waits for what destroys"),
    row("approve, to somebody", f"control of {REPLY}", "<@203> approve", "nothing", "waits"),
    row("approve, as an answer to somebody", f"control of {REPLY}", "approve", "nothing", "waits", answers="bob"),
)  # fmt: skip
