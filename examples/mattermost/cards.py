"""Cards as Mattermost's posts: their plain words, split at its limit, and nobody is called by them."""

import re

from threadwork.adapters.terminal.plain_cards import plain
from threadwork.adapters.wording.markdown_split import split_markdown
from threadwork.workflows.buttons import buttons
from threadwork.workflows.cards import AnswerCard, Card
from threadwork.workflows.sinks import Part

PIECE = 10_000  # characters; a post takes 16,383, and each name in it may grow by one
_CODE_OR_NAME = re.compile(r"(```.*?(?:```|\Z)|`[^`\n]*`)|\B@(?=\w)", re.S)


def render(task_id: str, card: Card) -> list[Part]:
    """`Part.content` is `{"message", "buttons"}`; the buttons stand below the last part."""
    words = card.answer if isinstance(card, AnswerCard) else plain(card, {})
    *first, last = split_markdown(words, PIECE) or ["(empty)"]
    return [*(_part(text) for text in first), _part(last, [one.model_dump() for one in buttons(task_id, card)])]


def _part(text: str, made: list[dict[str, object]] | None = None) -> Part:
    return Part(content={"message": calling_nobody(text), "buttons": made or []}, text=text)


def calling_nobody(text: str) -> str:
    """A name keeps its @, but no longer calls: a space of no width stands behind it. Code calls nobody."""
    return _CODE_OR_NAME.sub(lambda found: found[1] or "@\u200b", text)
