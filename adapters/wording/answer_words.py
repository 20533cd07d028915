"""The small last line of an answer."""

from datetime import timedelta

from threadwork.adapters.wording.card_words import amount, one_line, playing, took
from threadwork.workflows.cards import AnswerCard

MAX_MODEL = 80  # characters


def made_with(card: AnswerCard) -> str:
    """`42 s · $0.12 · openai/gpt-5-mini`; empty for a card of an older version."""
    least = "at least " if card.unpriced else ""
    facts = (
        took(timedelta(seconds=card.seconds)) if card.seconds is not None else "",
        f"{least}{amount(card.usd, 'usd')}{playing(card.model)}" if card.usd is not None else "",
        one_line(card.model[:MAX_MODEL]),
    )
    return " · ".join(filter(None, facts))
