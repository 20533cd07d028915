"""Texts and conversations in memory."""

from collections.abc import Sequence
from datetime import datetime

from threadwork.adapters.memory.state import MemoryState
from threadwork.workflows.calls import WORD_FOR_WORD, Message
from threadwork.workflows.domain.failures import no_text
from threadwork.workflows.domain.texts import GOAL_REF, amended_body, input_message, is_news
from threadwork.workflows.run_requests import Input


class MemoryTranscript:
    """Satisfies `Transcript`; the twin of `SqlTranscript`."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def put(self, task_id: str, message: Message) -> None:
        """Store a text; the first one under a ref stays, and so does its first position. Raises `NotFound`."""
        self._state.task(task_id)
        put_message(self._state, task_id, message)

    async def get(self, task_id: str, ref: str) -> Message:
        """Raises `NotFound`."""
        return stored_text(self._state, task_id, ref).model_copy(deep=True)

    async def place(self, task_id: str, inputs: Sequence[Input]) -> None:
        """Let inputs enter the conversation; repeats change nothing. Raises `NotFound`."""
        check_inputs(self._state, task_id, inputs)
        for given in inputs:
            place_input(self._state, task_id, given)

    async def conversation(self, task_id: str, before: int, since: int = 0) -> list[Message]:
        """Messages with a position < `before`, in order; of those before `since` only what is kept word for word."""
        messages = self._state.messages.get(task_id, {}).values()
        placed = [
            (m.position, m.ref, m)
            for m in messages
            if m.position is not None and m.position < before and (m.position >= since or m.kind in WORD_FOR_WORD)
        ]
        return [message.model_copy(deep=True) for _, _, message in sorted(placed, key=lambda item: item[:2])]

    async def amend(self, task_id: str, ref: str, text: str | None, at: datetime) -> bool:
        """Change what no model has read yet; no newer than the newest change: ignored. Raises `NotFound`."""
        message = stored_text(self._state, task_id, ref)
        if not is_news(self._state.amended.get((task_id, ref)), text, at):
            return True
        self._state.amended[task_id, ref] = at
        if _is_read(self._state, task_id, message):
            return False
        body = amended_body(message.body, text)
        self._state.messages[task_id][ref] = message.model_copy(update={"body": body})
        if ref == GOAL_REF:
            task = self._state.task(task_id)
            task.order = task.order.model_copy(update={"goal": body["content"]})
        return True


def _is_read(state: MemoryState, task_id: str, message: Message) -> bool:
    """The goal has its place from the beginning, and is read by the first call of a model."""
    if message.ref != GOAL_REF:
        return message.position is not None
    return any(call.kind == "model" for call in state.calls[task_id].values())


def put_message(state: MemoryState, task_id: str, message: Message) -> None:
    messages = state.messages[task_id]
    first = messages.setdefault(message.ref, message.model_copy(deep=True))
    if first.position is None and message.position is not None:
        messages[message.ref] = first.model_copy(update={"position": message.position})


def stored_text(state: MemoryState, task_id: str, ref: str) -> Message:
    """Raises `NotFound`."""
    message = state.messages.get(task_id, {}).get(ref)
    if message is None:
        raise no_text(task_id, ref)
    return message


def place_input(state: MemoryState, task_id: str, given: Input) -> None:
    message = stored_text(state, task_id, given.ref) if given.ref else input_message(given)
    put_message(state, task_id, message.model_copy(update={"position": given.position}))


def check_inputs(state: MemoryState, task_id: str, inputs: Sequence[Input]) -> None:
    """Raises `NotFound` where an input names a text that is not stored."""
    for given in inputs:
        if given.ref:
            stored_text(state, task_id, given.ref)
