"""Live text: what a model is writing or thinking, gathered and handed to whoever watches."""

import asyncio
import time

from temporalio import activity

from threadwork.activities.ports.event_bus import EventBus
from threadwork.workflows.agents import AgentSpec
from threadwork.workflows.call_requests import LLMRequest
from threadwork.workflows.events import Chunk, Hint

GATHERED = 0.1  # seconds for which text is gathered


class LiveText:
    """Pieces of one attempt's text. Nothing waits for the watchers; what they miss is not kept."""

    def __init__(self, bus: EventBus, task_id: str, call_id: str, attempt: int, private: bool = False) -> None:
        """`private`: whoever runs the place may watch it, the thread does not show it."""
        self._bus = bus
        self._chunk = Chunk(task_id=task_id, call_id=call_id, attempt=attempt, text="", private=private)
        self._pending = ""
        self._thinking = False
        self._sent_at = 0.0
        self._sending: asyncio.Task[None] | None = None

    def write(self, text: str, thinking: bool = False) -> None:
        """A thought and a text are told apart; of a thought that is over, what was not handed over is left out."""
        if text and thinking is not self._thinking:
            self._thinking, self._pending = thinking, ""
        if thinking is self._thinking:
            self._pending += text
        due = time.monotonic() - self._sent_at >= GATHERED
        if self._pending and due and (self._sending is None or self._sending.done()):
            self._send()

    async def close(self) -> None:
        """Hand over the rest."""
        if self._sending:
            await self._sending
        if self._pending:
            self._send()
            if self._sending:
                await self._sending

    def _send(self) -> None:
        chunk = self._chunk.model_copy(update={"text": self._pending, "thinking": self._thinking})
        self._pending, self._sent_at = "", time.monotonic()
        self._sending = asyncio.create_task(self._bus.publish(Hint(task_id=chunk.task_id, chunk=chunk)))


def live_text(bus: EventBus, request: LLMRequest, agent: AgentSpec) -> LiveText:
    """Of the attempt under way."""
    private = agent.approvals.show == "private"
    return LiveText(bus, request.batch.task_id, request.call_id, activity.info().attempt, private)
