"""Calls that may have taken effect, in memory."""

from datetime import datetime

from threadwork.adapters.memory.state import MemoryState
from threadwork.workflows.sinks import InDoubtCall


class MemoryInDoubtCalls:
    """Satisfies `Doubts`; the twin of `SqlDoubts`."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def open(self, task_id: str, sink: str) -> list[InDoubtCall]:
        """The doubts of a sink, by card, part and fence."""
        found = [doubt for doubt in self._state.doubts.values() if (doubt.task_id, doubt.sink) == (task_id, sink)]
        return sorted(found, key=lambda doubt: (doubt.card_key, doubt.part, doubt.fence))

    async def due(self, now: datetime, limit: int) -> list[tuple[str, str]]:
        """Tasks and sinks with a doubt whose `check_at` has come, each once, the most overdue first."""
        overdue = sorted((d.check_at, d.task_id, d.sink) for d in self._state.doubts.values() if d.check_at <= now)
        return list(dict.fromkeys((task_id, sink) for _, task_id, sink in overdue))[:limit]

    async def resolve(self, doubt: InDoubtCall, check_at: datetime | None) -> None:
        """`checks` + 1 and again at `check_at`, or gone with None. One that is gone already stays so."""
        key = (doubt.task_id, doubt.sink, doubt.card_key, doubt.part, doubt.fence)
        recorded = self._state.doubts.pop(key, None)
        if recorded and check_at is not None:
            changes = {"check_at": check_at, "checks": recorded.checks + 1}
            self._state.doubts[key] = recorded.model_copy(update=changes)

    async def reopen(self, task_id: str, sink: str, fence: int) -> None:
        """Make every doubt of the fence due now; one that is overdue keeps its place."""
        now = self._state.clock()
        for key, doubt in self._state.doubts.items():
            if (doubt.task_id, doubt.sink, doubt.fence) == (task_id, sink, fence) and doubt.check_at > now:
                self._state.doubts[key] = doubt.model_copy(update={"check_at": now})
