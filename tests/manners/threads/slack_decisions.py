"""Slack: decisions in full, and what only looks like one."""

from tests.manners.threads.slack_line import row

BOT = "<@UBOT1>"
REPLY = "vikasprogrammer/agentric#392"
NEAR = "Neko-Catpital-Labs/Invoker#5048"
ALIASES = "shiwenwen/hope-agent#218"
NUMBERS = "strongdm/accessbot#177"
IDS = "openclaw/openclaw#2630"
STALE = "NousResearch/hermes-agent#1996"
REASON = "NousResearch/hermes-agent#54518"
SKIN = "Iteam1337/sonos-wejay#41"

ROWS = (
    row("approve", REPLY, "approve", "approve 1", "waits"),
    row("deny", REPLY, "Deny.", "deny 1", "waits"),
    row("approve, to the bot", REPLY, f"{BOT} approve", "approve 1", "waits"),
    row("approve, the bot behind", REPLY, f"approve {BOT}", "approve 1", "waits"),
    row("approve what has a number", NUMBERS, "approve 2", "approve 2", "two wait"),
    row("approve what has a number and a sign", IDS, "Approve #2", "approve 2", "two wait"),
    row("approve, where two wait", ALIASES, "approve", "list", "two wait"),
    row("approve in bold", REPLY, "*approve*", "approve 1", "waits"),
    row("approve, copied from what the bot says", IDS, "`approve 1`", "approve 1", "waits"),
    row("as a slash command", IDS, " /approve", "approve 1", "waits"),
    row("as a slash command of another bot", IDS, " /approve allow-once", "did you mean", "waits"),
    row("denied for a reason", REASON, "deny: not on a Friday", "deny 1: not on a Friday", "waits"),
    row("denied for a reason, with its number", NUMBERS, "deny 2: too risky", "deny 2: too risky", "two wait"),
    row("denied for a reason without a colon", REASON, "deny too risky", "did you mean", "waits"),
    row("a long reason without a colon", REASON, "deny it if the tests are still red", "follow-up", "waits"),
    row("yes, right below the card", NEAR, "yes", "approve 1", "waits"),
    row("ok, right below the card", NEAR, "ok", "approve 1", "waits"),
    row("y, right below the card", ALIASES, "y", "approve 1", "waits"),
    row("no, right below the card", ALIASES, "No", "deny 1", "waits"),
    row("a thumb, right below the card", "pladaria/react-emojione#11", ":+1:", "approve 1", "waits"),
    row("a thumb that has a skin", SKIN, ":+1::skin-tone-2:", "approve 1", "waits"),
    row("a thumb down", "pladaria/react-emojione#11", ":-1:", "deny 1", "waits"),
    row("a thumb by its other name", "pladaria/react-emojione#11", ":thumbsup:", "approve 1", "waits"),
    row("yes, after something else", STALE, "yes", "did you mean", "waits, and others have spoken"),
    row("a thumb, after something else", STALE, ":+1:", "did you mean", "waits, and others have spoken"),
    row("yes to the bot, after something else", STALE, f"{BOT} yes", "approve 1", "waits, and others have spoken"),
    row("yes, where two wait", ALIASES, "yes", "list", "two wait"),
    row("yes, where nothing waits", "HybridAIOne/hybridclaw#188", "Yes", "follow-up", reads="Yes"),
    row("yes to what the bot asks", "nearai/ironclaw#2248", "yes", "answer", "asks", user="U1"),
    row("yes, and more", NEAR, "yes please add more tests", "follow-up", "waits"),
    row("a word that begins with yes", ALIASES, "yesterday it worked", "follow-up", "waits"),
    row("always", ALIASES, "always allow", "choose", "waits"),
    row("always, the other way round", ALIASES, "yes always", "did you mean", "waits"),
    row("always, by its word", ALIASES, "always", "did you mean", "waits"),
    row("the name of the button", IDS, "allow once", "did you mean", "waits"),
    row("what may not be undone", "Kirti-Rathi/PromptShell#7", "approve", "asks again",
        "waits for what destroys"),
    row("yes to what may not be undone", "Kirti-Rathi/PromptShell#7", "yes", "asks again",
        "waits for what destroys"),
    row("what may not be undone is denied", "control of Kirti-Rathi/PromptShell#7", "deny", "deny 1",
        "waits for what destroys"),
    row("a wish while something waits", NEAR, "use the other branch", "follow-up", "waits"),
    row("where lines are not read", "control of NousResearch/hermes-agent#16193", "approve", "approve 1",
        "waits, follow-ups off"),
)  # fmt: skip
