"""Whole texts for the cards that refer to them."""

from threadwork.activities.ports.storage import Transcript
from threadwork.workflows import files
from threadwork.workflows.cards import AnswerCard, ApprovalCard, Card
from threadwork.workflows.errors import NotFound
from threadwork.workflows.sinks import Part
from threadwork.workflows.values import EVENT_PREVIEW


async def resolved(transcript: Transcript, task_id: str, card: Card) -> Card:
    """The card with its whole answer or arguments, where it carries only the head of them."""
    if isinstance(card, AnswerCard) and card.answer_ref and len(card.answer) >= EVENT_PREVIEW:
        return card.model_copy(update={"answer": await _text(transcript, task_id, card.answer_ref, card.answer)})
    if isinstance(card, ApprovalCard) and not card.private and (len(card.arguments) >= EVENT_PREVIEW or card.edited):
        whole = await _text(transcript, task_id, card.arguments_ref, card.arguments)
        return card.model_copy(update={"arguments": whole})
    return card


async def loaded(transcript: Transcript, task_id: str, part: Part) -> Part:
    """The part with its stored file; without it where that is not there."""
    if part.file is None or not part.file.ref:
        return part
    try:
        content = files.given((await transcript.get(task_id, part.file.ref)).body).content
    except (NotFound, KeyError, ValueError):
        return part.model_copy(update={"file": None})
    return part.model_copy(update={"file": part.file.model_copy(update={"content": content})})


async def _text(transcript: Transcript, task_id: str, ref: str, head: str) -> str:
    """The head, where the text is not stored."""
    try:
        message = await transcript.get(task_id, ref)
    except NotFound:
        return head
    return str(message.body.get("content", head))
