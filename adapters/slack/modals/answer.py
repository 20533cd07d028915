"""A whole answer in a window, which takes no `markdown` block: its Markdown in Slack's older markup."""

import re

from threadwork.adapters.slack.cards.blocks import Block, bold, mrkdwn, rich, section
from threadwork.adapters.slack.cards.text import mrkdwn as translated
from threadwork.adapters.wording.card_words import clean
from threadwork.adapters.wording.markdown_split import split_markdown

PIECE = 1_500  # characters of a block before what is escaped in it, which can double it: 3,000 are documented
MAX_PIECES = 40  # of an answer: a view takes 100 blocks, and 250 kB
_HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t#]*$", re.M)


def answer(text: str) -> list[Block]:
    """None for an empty one. Of a longer one than a window takes it is said that there is more."""
    pieces = split_markdown(clean(text).strip(), PIECE)
    if not pieces:
        return []
    shown = [mrkdwn(translated(_HEADING.sub(r"**\1**", piece))) for piece in pieces[:MAX_PIECES]]
    left = [rich(section("There is more of it in the thread."))] if len(pieces) > MAX_PIECES else []
    return [rich(section(bold("Answer"))), *shown, *left]
