"""Slack: what is said to somebody else, and what only looks like it."""

from tests.manners.threads.slack_line import row

APP = "<@U0OTHERAPP>"
BOT = "<@UBOT1>"
OTHERS = "NousResearch/hermes-agent#60407"
GROUPS = "publishpress/publishpress-planner#1044"
ASIDE = "PranavBakre/Junior#39"
IGNORE = "NousResearch/hermes-agent#91432"

ROWS = (
    row("somebody is asked", OTHERS, "<@U3> check this out", "nothing"),
    row("somebody is asked, as clients of old write it", OTHERS, "<@U3|cid> check this out", "nothing"),
    row("somebody and the bot are asked", OTHERS, f"<@U3> and {BOT}, compare these", "follow-up"),
    row("both, as clients of old write it", OTHERS, "<@U3|cid> and <@UBOT1|threadwork>, compare", "follow-up"),
    row("nobody is named", OTHERS, "thanks, that's clear", "follow-up", reads="thanks, that's clear"),
    row("the bot is asked", OTHERS, f"{BOT} what do you think?", "follow-up", reads="what do you think?"),
    row("somebody is named in the middle", "control of NousResearch/hermes-agent#60407", "ask <@U3> for the numbers",
        "follow-up", reads="ask @Cid for the numbers"),
    row("the bot is named in the middle", "NousResearch/hermes-agent#55340", f"<@U3> I think {BOT} has it",
        "follow-up", reads="@Cid I think @threadwork has it"),
    row("a group is asked", "slackapi/hubot-slack#580", "<!subteam^S1|@oncall> anyone?", "nothing"),
    row("a group is asked, without its name", "8398a7/action-slack#73", "<!subteam^S1> anyone?", "nothing"),
    row("who is here is called", "pmxbot/pmxbot#68", "<!here> lunch?", "nothing"),
    row("the channel is called", "litaio/lita-slack#109", "<!channel> lunch?", "nothing"),
    row("everyone is called", GROUPS, "<!everyone> lunch?", "nothing"),
    row("everyone and the bot are called", "control of pmxbot/pmxbot#68", f"<!here> {BOT} has the numbers",
        "follow-up"),
    row("another app is told something", "slackapi/hubot-slack#447", f"{APP} deploy", "nothing"),
    row("a name is typed and not picked", "NousResearch/hermes-agent#114622", "@cid is this yours?", "nothing"),
    row("the bot's name is typed and not picked", "control of NousResearch/hermes-agent#114622",
        "@threadwork go on", "follow-up"),
    row("somebody is told to stop", "paradigmxyz/centaur#1216", "<@U3> please stop", "nothing"),
    row("somebody is told nothing but to stop", "paradigmxyz/centaur#1216", "<@U3> stop", "nothing"),
    row("somebody is asked to approve", "control of vikasprogrammer/agentric#392", "<@U3> approve", "nothing",
        "waits"),
    row("somebody is asked what the bot asks", "NousResearch/hermes-agent#62034", "<@U3> what do you think, staging?",
        "nothing", "offers", user="U1"),
    row("somebody is thanked after the end", "teknologi-umum/botnet#97", "<@U1> nice, thanks!", "nothing",
        "ended now"),
    row("an aside", ASIDE, "!aside is this one any good?", "nothing"),
    row("an aside with a colon", ASIDE, "!aside: lunch?", "nothing"),
    row("an aside and nothing else", ASIDE, "!aside", "nothing"),
    row("a word that begins like an aside", ASIDE, "!asider is the branch", "follow-up"),
    row("an aside in capitals", IGNORE, "!ASIDE hello", "nothing"),
    row("an aside behind the bot's mention", IGNORE, f"{BOT} !aside not yet", "nothing"),
    row("an aside in the middle is none", IGNORE, "hello !aside", "follow-up"),
)  # fmt: skip
