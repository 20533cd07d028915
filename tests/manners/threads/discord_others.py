"""Discord: what is said to somebody else, and what only looks like it."""

from tests.manners.threads.discord_line import row

OTHERS = "NousResearch/hermes-agent#3640"
ROLE = "NousResearch/hermes-agent#67869"
EVERYBODY = "vercel/chat#699"
REPLIES = "Markoudstaal/node-red-contrib-discord-advanced#15"
TO_BOT = "nullclaw/nullclaw#382"

ROWS = (
    row("somebody is asked", OTHERS, "<@203> could you look?", "nothing"),
    row("somebody is asked, as clients of old write it", OTHERS, "<@!203> could you look?", "nothing"),
    row("somebody is named in the middle", f"control of {OTHERS}", "ask <@203> for them", "follow-up",
        reads="ask @Cid for them"),
    row("somebody and the bot are asked", OTHERS, "<@203> and <@900>, compare these", "follow-up"),
    row("a role is asked", f"control of {ROLE}", "<@&71> anyone?", "nothing"),
    row("a role that the bot only holds", "NousResearch/hermes-agent#67876", "<@&72> anyone?", "nothing"),
    row("the bot's own role", ROLE, "<@&79> look at this", "follow-up", "by mentions", reads="look at this"),
    row("the bot's own role behind a word", "RooCodeInc/Roomote#438", "stop <@&79>", "stop"),
    row("who is here is called", EVERYBODY, "@here lunch?", "nothing"),
    row("everybody is called", "Significant-Gravitas/AutoGPT#13267", "@everyone lunch?", "nothing"),
    row("everybody is called, by mentions", "openclaw/openclaw#91415", "@everyone lunch?", "nothing", "by mentions"),
    row("everybody and the bot are called", "Significant-Gravitas/AutoGPT#13267", "@everyone <@900> has the numbers",
        "follow-up"),
    row("everybody is called in the middle", "openclaw/openclaw#143184", "guys, @everyone seen it?", "follow-up"),
    row("an answer to what somebody said", REPLIES, "thx", "nothing", answers="bob", pings=True),
    row("an answer that calls nobody", REPLIES, "thx", "nothing", answers="bob"),
    row("an answer to one's own words", "tomcounsell/ai#996", "and the attic", "follow-up", answers="ann", user="201"),
    row("stop, as an answer to one's own words", "tomcounsell/ai#996", "stop", "stop", answers="ann", user="201"),
    row("an answer to somebody that names the bot", "parkervcp/parkertron#60", "<@900> what is this error?",
        "follow-up", answers="bob", pings=True),
    row("stop, to the bot, as an answer to somebody", "parkervcp/parkertron#60", "<@900> stop", "stop", answers="bob"),
    row("stop, as an answer to somebody", f"control of {REPLIES}", "stop", "nothing", answers="bob"),
    row("an answer to another bot", "openclaw/openclaw#130327", "and now?", "nothing", answers="robot"),
    row("an answer to an alert", "control of openclaw/openclaw#130327", "is that still so?", "follow-up",
        answers="webhook"),
    row("stop, as an answer to an alert", "control of openclaw/openclaw#130327", "stop", "stop", answers="webhook"),
    row("an answer to the bot", TO_BOT, "is that so?", "follow-up", answers="bot", pings=True),
    row("an answer to the bot, by mentions", TO_BOT, "is that so?", "follow-up", "by mentions", answers="bot",
        pings=True),
    row("an answer to the bot that calls nobody", TO_BOT, "is that so?", "follow-up",
        answers="bot"),
    row("an answer to the bot that asks somebody", TO_BOT, "<@203> is that so?", "nothing", answers="bot"),
    row("an aside", "PranavBakre/Junior#39", "!aside, is this one any good?", "nothing"),
    row("a name is typed and not picked", "NousResearch/hermes-agent#114622", "@cid is this yours?", "nothing"),
)  # fmt: skip
