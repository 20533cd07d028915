"""What a sink shows of a task, and where."""

from collections.abc import Collection, Sequence
from typing import Protocol

from activities.ports import Tasks
from workflows.cards import Card, Context, StatusCard, ThreadView
from workflows.chat import Sink
from workflows.notifications import notified


class Surface(Protocol):
    async def cards(self, view: ThreadView, told: Collection[str]) -> Sequence[Card]:
        """In order. `told`: keys of the cards that are there."""

    def place(self, card: Card, root: str | None) -> Sink | None:
        """`root`: message of the status card. None: the card hangs under it, and it is not there yet."""


class OwnThread:
    """The task's thread: the status card, and all others under it unless the thread was there before."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    async def cards(self, view: ThreadView, told: Collection[str]) -> Sequence[Card]:
        return (view.status, *view.cards)

    def place(self, card: Card, root: str | None) -> Sink | None:
        if isinstance(card, StatusCard) or self._sink.thread:
            return self._sink
        return self._sink.model_copy(update={"thread": root}) if root else None


class SubscribedChannel:
    """A channel that is told of some of it, by messages of their own, so that people are notified."""

    def __init__(self, sink: Sink, tasks: Tasks) -> None:
        self._sink = sink
        self._tasks = tasks

    async def cards(self, view: ThreadView, told: Collection[str]) -> Sequence[Card]:
        status = view.status
        context = Context(task_id=view.task_id, goal=status.goal, agent=status.agent, by=status.by)
        if not notified(view, self._sink.kinds, told, context):
            return ()
        thread = (await self._tasks.get(view.task_id)).sink
        return notified(view, self._sink.kinds, told, context.model_copy(update={"thread": thread}))

    def place(self, card: Card, root: str | None) -> Sink | None:
        return self._sink


def surface_of(sink: Sink, tasks: Tasks) -> Surface:
    return SubscribedChannel(sink, tasks) if sink.kinds else OwnThread(sink)
