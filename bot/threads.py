"""Reading a thread: its cards, and the long texts they refer to."""

import asyncio
from collections.abc import Iterator
from typing import Any

from threadwork.activities.ports.storage import EventLog, Transcript, Views
from threadwork.activities.thread_reader import ThreadReader
from threadwork.workflows.cards import AnswerCard, ApprovalCard, ThreadView
from threadwork.workflows.errors import NotFound

MAX_PARALLEL_READS = 8  # texts read side by side


class Threads:
    """Threads of any tasks, for who looks once."""

    def __init__(self, events: EventLog, views: Views, transcript: Transcript) -> None:
        self._events = events
        self._views = views
        self._transcript = transcript

    async def view(self, task_id: str) -> ThreadView:
        """The cards after the newest stored event. A task without events has an empty view."""
        reader = ThreadReader(self._events, self._views, task_id)
        view = await reader.view()
        await reader.save()
        return view

    async def texts(self, view: ThreadView) -> dict[str, str]:
        """The whole texts that the cards refer to, by ref, as far as they are stored."""
        slots = asyncio.Semaphore(MAX_PARALLEL_READS)
        refs = list(dict.fromkeys(_refs(view)))
        found = await asyncio.gather(*(self._text(slots, view.task_id, ref) for ref in refs))
        return {ref: text for ref, text in zip(refs, found, strict=True) if text is not None}

    async def answer(self, view: ThreadView) -> str:
        """The newest answer, whole; empty: there is none yet."""
        card = last_answer(view)
        whole = await self.text(view.task_id, card.answer_ref) if card and card.answer_ref else ""
        return whole or (card.answer if card else "")

    async def text(self, task_id: str, ref: str) -> str:
        """Empty where it is not stored."""
        return await self._text(asyncio.Semaphore(1), task_id, ref) or ""

    async def _text(self, slots: asyncio.Semaphore, task_id: str, ref: str) -> str | None:
        async with slots:
            try:
                message = await self._transcript.get(task_id, ref)
            except NotFound:
                return None
        return _content(message.body)


def last_answer(view: ThreadView) -> AnswerCard | None:
    return next((card for card in reversed(view.cards) if isinstance(card, AnswerCard)), None)


def _refs(view: ThreadView) -> Iterator[str]:
    if view.status.goal_ref:
        yield view.status.goal_ref
    for card in view.cards:
        if isinstance(card, AnswerCard) and card.answer_ref:
            yield card.answer_ref
        elif isinstance(card, ApprovalCard):
            yield card.arguments_ref


def _content(body: dict[str, Any]) -> str:
    """The text of a chat message, whose content may come in parts."""
    content = body.get("content")
    if isinstance(content, list):
        return "".join(part.get("text", "") for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""
