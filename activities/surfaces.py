"""What a sink shows of a task, and where."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Protocol

from activities.ports import Tasks
from workflows.cards import Card, Context, NoticeCard, StatusCard, ThreadView
from workflows.chat import NARROWED, NOTHING_NEW, Sink
from workflows.notifications import notified

NOTICE = NoticeCard(
    key="notice:narrowed",
    level="warning",
    text=(
        "This channel is told of less than before: what people subscribe covers no private channel, no conversation "
        "with the bot alone, nothing from the terminal, and no other workspace or server unless threadwork.yaml "
        "joins the two. A task was left out just now. Whoever keeps that file can subscribe this channel to all, "
        "under `notify`."
    ),
)
KindsNow = Callable[[str, Sink], Awaitable[Collection[str]]]  # what the channel may be told of, by task


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

    def __init__(self, sink: Sink, tasks: Tasks, kinds_now: KindsNow) -> None:
        self._sink = sink
        self._tasks = tasks
        self._kinds_now = kinds_now

    async def cards(self, view: ThreadView, told: Collection[str]) -> Sequence[Card]:
        """Whether the channel may be told is asked again for whatever is new: a call may follow for minutes."""
        status = view.status
        context = Context(task_id=view.task_id, goal=status.goal, agent=status.agent, by=status.by)
        kinds: Collection[str] = self._sink.kinds
        found = _all(view, kinds, told, context)
        if any(card.key not in told for card in found):
            now = await self._kinds_now(view.task_id, self._sink)
            kinds = [kind for kind in kinds if kind in now] or NOTHING_NEW
            found = _all(view, kinds, told, context)
        if not found:
            return ()
        thread = (await self._tasks.get(view.task_id)).sink
        return _all(view, kinds, told, context.model_copy(update={"thread": thread}))

    def place(self, card: Card, root: str | None) -> Sink | None:
        return self._sink


def _all(view: ThreadView, kinds: Collection[str], told: Collection[str], context: Context) -> tuple[Card, ...]:
    notice = (NOTICE,) if NARROWED in kinds or NOTICE.key in told else ()
    return (*notice, *notified(view, kinds, told, context))


def surface_of(sink: Sink, tasks: Tasks, kinds_now: KindsNow) -> Surface:
    return SubscribedChannel(sink, tasks, kinds_now) if sink.kinds else OwnThread(sink)
