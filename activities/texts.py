"""Whole texts for the cards that refer to them."""

from activities.ports import Transcript
from workflows.cards import AnswerCard, Card
from workflows.errors import NotFound
from workflows.values import EVENT_PREVIEW


async def resolved(transcript: Transcript, task_id: str, card: Card) -> Card:
    """The card with its whole answer, where it carries only the head of one."""
    if not isinstance(card, AnswerCard) or card.answer_ref is None or len(card.answer) < EVENT_PREVIEW:
        return card
    try:
        message = await transcript.get(task_id, card.answer_ref)
    except NotFound:
        return card
    return card.model_copy(update={"answer": str(message.body.get("content", card.answer))})
