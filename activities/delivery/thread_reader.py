"""A task's thread, kept up with its events."""

from activities.ports import EventLog, Views
from workflows import thread
from workflows.cards import ThreadView

SAVE_EVERY = 50  # events after which a view is stored; it costs only re-reading them if it is not
AT_A_TIME = 1_000  # events that one query brings


class ThreadReader:
    """The view of one task, folded on from where it was."""

    def __init__(self, events: EventLog, views: Views, task_id: str) -> None:
        self._events = events
        self._views = views
        self._task_id = task_id
        self._view: ThreadView | None = None
        self._saved = 0

    async def view(self) -> ThreadView:
        """The thread as the database has it now."""
        if self._view is None:
            self._view = await self._views.load(self._task_id) or ThreadView(task_id=self._task_id)
            self._saved = self._view.seq
        more = True
        while more:
            events = await self._events.read(self._task_id, after=self._view.seq, limit=AT_A_TIME)
            for event in events:
                self._view = thread.apply(self._view, event)
            more = len(events) == AT_A_TIME
        if self._view.seq - self._saved >= SAVE_EVERY:
            await self.save()
        return self._view

    async def save(self) -> None:
        if self._view is not None and self._view.seq > self._saved:
            await self._views.save(self._view)
            self._saved = self._view.seq
