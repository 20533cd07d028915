"""Reading a thread: its cards, and the long texts they refer to."""

import asyncio
from collections.abc import Iterator
from typing import Any

from activities.ports import EventLog, Transcript, Views
from workflows.cards import AnswerCard, ApprovalCard, ThreadView
from workflows.errors import NotFound
from workflows.events import Event
from workflows.thread import apply

PAGE = 1_000  # events read at once
AT_ONCE = 8  # texts read side by side


class Threads:
    """A thread is the fold of its events; what was folded before is not folded again."""

    def __init__(self, events: EventLog, views: Views, transcript: Transcript) -> None:
        self._events = events
        self._views = views
        self._transcript = transcript

    async def view(self, task_id: str) -> ThreadView:
        """The cards after the newest stored event. A task without events has an empty view."""
        stored = await self._views.load(task_id)
        view = stored or ThreadView(task_id=task_id)
        while True:
            events = await self._events.read(task_id, view.seq, PAGE)
            view = _folded(view, events)
            if len(events) < PAGE:
                break
            await self._views.save(view)  # a long fold that is interrupted goes on from here
        if view.seq > (stored.seq if stored else 0):
            await self._views.save(view)
        return view

    async def texts(self, view: ThreadView) -> dict[str, str]:
        """The whole texts that the cards refer to, by ref, as far as they are stored."""
        slots = asyncio.Semaphore(AT_ONCE)
        refs = list(dict.fromkeys(_refs(view)))
        found = await asyncio.gather(*(self._text(slots, view.task_id, ref) for ref in refs))
        return {ref: text for ref, text in zip(refs, found, strict=True) if text is not None}

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


def _folded(view: ThreadView, events: list[Event]) -> ThreadView:
    for event in events:
        view = apply(view, event)
    return view


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
