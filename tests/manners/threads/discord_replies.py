"""Discord: which lines the agent is told of, which of them are answers, and lines after the end."""

from tests.manners.threads.discord_line import row

TYPED = "NousResearch/hermes-agent#54160"
EDIT = "NousResearch/hermes-agent#21850"
STICKER = ({"id": "1", "name": "wave", "format_type": 1},)
STALE = "openclaw/openclaw#33519"

ROWS = (
    # modes
    row("a plain line, by mentions", "HKUDS/nanobot#338", "look at the logs", "nothing", "by mentions"),
    row("a mention, by mentions", "HKUDS/nanobot#338", "<@900> look at the logs", "follow-up", "by mentions"),
    row("a mention that an edit adds, by mentions", EDIT, "look at the logs", "follow-up", "by mentions",
        edits="<@900> look at the logs", reads="look at the logs"),
    row("an edit that adds none, by mentions", EDIT, "look at the log", "nothing", "by mentions",
        edits="look at the logs"),
    row("an edit of what was taken", EDIT, "<@900> look at the log", "follow-up", edits="<@900> look at the logs",
        reads="look at the log"),
    row("an edit that calls somebody else", "control of NousResearch/hermes-agent#21850", "look", "nothing",
        "by mentions", edits="<@203> look"),
    row("a mention, off", "control of HKUDS/nanobot#338", "<@900> look", "replies are off", "off"),
    # answers
    row("the requester answers", "vikasprogrammer/agentric#277", "on staging, please", "answer", "asks", user="201"),
    row("somebody else says something", "NousResearch/hermes-agent#62034", "just checking", "follow-up", "asks"),
    row("somebody else answers the card", "vikasprogrammer/agentric#277", "on staging", "answer", "asks",
        answers="bot", pings=True),
    row("an option, by somebody else", TYPED, "Staging!", "answer", "offers"),
    row("none of the options", "NousResearch/hermes-agent#38475", "None of those are valid options", "the answer?",
        "offers", user="201"),
    row("none of the options, by somebody else", "NousResearch/hermes-agent#62050", "just checking", "follow-up",
        "offers"),
    row("below the question, with the bot alone", "vikasprogrammer/agentric#277", "staging", "answer",
        "direct, asks", user="201"),
    row("somebody is named, with the bot alone", "NousResearch/hermes-agent#3640", "tell <@203> about the project",
        "start", "direct, at work", user="201"),
    # shapes
    row("a file and no word", "spacedriveapp/spacebot#228", "", "follow-up", files={"crash.log": "boom"},
        reads="Attached file crash.log:\n```\nboom\n```"),
    row("a sticker and no word", "flapjax/FlapJack-Cogs#144", "", "nothing", sticker_items=STICKER),
    row("a message that is forwarded", "vercel/chat#825", "", "follow-up", forwards=({"content": "It is red"},)),
    row("stop, with a message that is forwarded", "vercel/chat#825", "", "follow-up",
        forwards=({"content": "stop"},)),
    row("the thread gets another name", "ghostty-org/discord-bot#50", "stop", "nothing", type=4),
    row("a message is pinned", "ghostty-org/discord-bot#50", "", "nothing", type=6),
    row("a thread is made", "discordjs/discord.js#6487", "stop", "nothing", type=18),
    row("another bot says something", "Significant-Gravitas/AutoGPT#13174", "Standing by.", "nothing", user="999"),
    row("another bot answers the bot", "NousResearch/hermes-agent#56605", "Standing by.", "nothing", user="999",
        answers="bot", pings=True),
    row("another bot calls the bot", "NousResearch/hermes-agent#5314", "<@900> stop", "nothing", user="999"),
    row("a webhook says something", "python-discord/bot#1141", "stop", "nothing", user="999", webhook="999"),
    # two tasks
    row("the older task asks", "kirodotdev/KiroCrew#2326", "staging", "answer", "asks, and a newer one is at work",
        user="201"),
    # after the end
    row("a mention after the end", STALE, "<@900> and the attic?", "follow-up", "ended long ago"),
    row("an answer to the bot after the end", "kirodotdev/KiroCrew#2326", "and the attic?", "follow-up",
        "ended long ago", answers="bot"),
    row("the requester's next line", "vikasprogrammer/agentric#543", "and the attic?", "follow-up", "ended now",
        user="201"),
    row("the requester, when others have spoken", "kecbigmt/docgent#3", "yes, at one", "go on?",
        "ended now, and others have spoken", user="201"),
    row("the requester, an hour later", STALE, "and the attic?", "go on?", "ended long ago", user="201"),
    row("somebody says thanks", "cds-snc/ai-answers#590", "nice, thanks!", "go on?", "ended now"),
    row("somebody says thanks to the requester", "Markoudstaal/node-red-contrib-discord-advanced#15", "thx", "nothing",
        "ended now", answers="ann"),
    row("in a thread of people", "ahmadrosid/nakama#189", "that was quick", "nothing", "ended in a thread of people"),
    row("a mention in a thread of people", "Gurubase/gurubase#254", "<@900> and now?", "follow-up",
        "ended in a thread of people"),
)  # fmt: skip
