"""Hints between processes."""

from collections.abc import AsyncIterator
from typing import Protocol

from threadwork.workflows.events import Hint


class EventBus(Protocol):
    """Hints between processes. Anything may be lost; whoever listens reads the database too."""

    async def publish(self, hint: Hint) -> None:
        """Never raises: a hint that cannot be given is not given."""

    def listen(self, task_id: str) -> AsyncIterator[Hint]:
        """Hints of one task; the first is empty and says that the subscription stands. Ends when the bus goes away."""
