"""The first lines of an answer, and its small last line."""

from datetime import timedelta

from threadwork.adapters.wording.card_words import amount, excerpt, one_line, playing, took
from threadwork.workflows.cards import AnswerCard

MAX_MODEL = 80  # characters
FENCE = "```"


def first_lines(answer: str, limit: int, lines: int) -> str:
    """The head of a Markdown text; a block of code that is cut is closed."""
    shown = excerpt(answer, limit, lines)
    fences = sum(line.strip().startswith(FENCE) for line in shown.split("\n"))
    return f"{shown}\n{FENCE}" if fences % 2 else shown


def made_with(card: AnswerCard) -> str:
    """`42 s · $0.12 · openai/gpt-5-mini`; empty for a card of an older version."""
    least = "at least " if card.unpriced else ""
    facts = (
        took(timedelta(seconds=card.seconds)) if card.seconds is not None else "",
        f"{least}{amount(card.usd, 'usd')}{playing(card.model)}" if card.usd is not None else "",
        one_line(card.model[:MAX_MODEL]),
    )
    return " · ".join(filter(None, facts))
