"""A task's thread: the fold of its events. What was folded before is not folded again."""

from threadwork.activities.ports.storage import EventLog, Views
from threadwork.workflows import cards_of_events as thread
from threadwork.workflows.cards import ThreadView

SAVE_EVERY = 50  # events after which a view is stored; it costs only re-reading them if it is not
EVENTS_PER_READ = 1_000  # events that one query brings


class ThreadReader:
    """The view of one task, folded on from where it was."""

    def __init__(self, events: EventLog, views: Views, task_id: str) -> None:
        self._events = events
        self._views = views
        self._task_id = task_id
        self._view: ThreadView | None = None
        self._saved = 0

    async def view(self) -> ThreadView:
        """The thread as the database has it now. A task without events has an empty view."""
        view = self._view or await self._load()
        more = True
        while more:
            events = await self._events.read(self._task_id, view.seq, EVENTS_PER_READ)
            for event in events:
                view = thread.apply(view, event)
            self._view, more = view, len(events) == EVENTS_PER_READ
            if view.seq - self._saved >= SAVE_EVERY:
                await self.save()  # page by page: a long fold that is interrupted goes on from here
        return view

    async def save(self) -> None:
        """Whoever reads the thread next begins there."""
        if self._view is not None and self._view.seq > self._saved:
            await self._views.save(self._view)
            self._saved = self._view.seq

    async def _load(self) -> ThreadView:
        stored = await self._views.load(self._task_id) or ThreadView(task_id=self._task_id)
        self._saved = stored.seq
        return stored
