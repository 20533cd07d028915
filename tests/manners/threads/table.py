"""All rows, by platform."""

from tests.manners.threads import (
    discord_others,
    discord_replies,
    discord_words,
    slack_controls,
    slack_decisions,
    slack_ends,
    slack_others,
    slack_replies,
)

SLACK = (
    *slack_others.ROWS,
    *slack_controls.ROWS,
    *slack_decisions.ROWS,
    *slack_replies.ROWS,
    *slack_ends.ROWS,
)
DISCORD = (*discord_others.ROWS, *discord_words.ROWS, *discord_replies.ROWS)
