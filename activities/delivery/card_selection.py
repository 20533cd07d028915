"""What a sink shows of a task, and where."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Protocol

from threadwork.activities.ports.storage import Tasks
from threadwork.workflows.cards import (
    ApprovalCard,
    Card,
    Context,
    NoticeCard,
    NotificationCard,
    QuestionCard,
    StatusCard,
    ThreadView,
    is_for_everybody,
)
from threadwork.workflows.notifications import notified
from threadwork.workflows.sinks import NARROWED, NOTHING_NEW, Sink

NOTICE = NoticeCard(
    key="notice:narrowed",
    level="warning",
    text=(
        "This channel now gets updates on fewer tasks, and one was just left out. Tasks in private channels, in direct "
        "messages with the bot, from the terminal, or in another workspace or server (unless threadwork.yaml joins the "
        "two) are no longer included. To get all tasks again, ask whoever keeps "
        "threadwork.yaml to add this channel under `notify`. If tasks in public channels are missing too, "
        "`threadwork doctor` says why."
    ),
)
EDITED = "Edited: see the task's own thread."  # in place of arguments that were edited
KindsNow = Callable[[str, Sink], Awaitable[Collection[str]]]  # what the channel may be told of, by task


class CardSelection(Protocol):
    """Which cards a sink shows, and where in it each of them goes."""

    async def cards(self, view: ThreadView, told: Collection[str]) -> Sequence[Card]:
        """In order. `told`: keys of the cards that are there."""

    def place(self, card: Card, root: str | None) -> Sink | None:
        """`root`: message of the status card. None: the card hangs under it, and it is not there yet."""


class OwnThread:
    """The task's thread: the status card, and all others under it unless the thread was there before."""

    def __init__(self, sink: Sink, tasks: Tasks | None = None) -> None:
        """`tasks`: tell whether the goal stands there already; None: it does not."""
        self._sink = sink
        self._tasks = tasks
        self._goal_above: bool | None = None  # None: not asked yet

    async def cards(self, view: ThreadView, told: Collection[str]) -> Sequence[Card]:
        """What is there stays up to date, whatever the verbosity says of new cards."""
        head = view.status.model_copy(update={"goal_above": await self._is_below_goal(view.task_id)})
        loud = view.status.verbosity != "quiet"
        return (head, *(card for card in view.cards if loud or card.key in told or is_for_everybody(card)))

    async def _is_below_goal(self, task_id: str) -> bool:
        if self._goal_above is None:
            order = await self._tasks.order(task_id) if self._tasks and self._sink.thread else None
            self._goal_above = order is not None and order.goal_above
        return self._goal_above

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
        self._known: tuple[Card, ...] = ()  # by what was asked last, so that it is asked for what is new alone
        self._now: Collection[str] = sink.kinds

    async def cards(self, view: ThreadView, told: Collection[str]) -> Sequence[Card]:
        """Whether the channel may be told is asked again whenever something changes: a call may follow for minutes."""
        status = view.status
        context = Context(task_id=view.task_id, goal=status.goal, agent=status.agent, by=status.by)
        found = _all(view, self._sink.kinds, told, context)
        if not found:
            return ()
        if found != self._known:
            self._now = await self._kinds_now(view.task_id, self._sink)
            self._known = found
        thread = (await self._tasks.get(view.task_id)).sink
        cards = _all(view, self._now, told, context.model_copy(update={"thread": thread}))
        return tuple(map(without_new_words, cards)) if tuple(self._now) == NOTHING_NEW else cards

    def place(self, card: Card, root: str | None) -> Sink | None:
        return self._sink


def _all(view: ThreadView, kinds: Collection[str], told: Collection[str], context: Context) -> tuple[Card, ...]:
    notice = (NOTICE,) if NARROWED in kinds or NOTICE.key in told else ()
    return (*notice, *notified(view, kinds, told, context))


def without_new_words(card: Card) -> Card:
    """Of a channel that may be told no more: what stands there is kept true, by states and names alone."""
    if isinstance(card, ApprovalCard):
        changed = {"arguments": EDITED, "arguments_ref": ""} if card.edited and not card.private else {}
        return card.model_copy(update={"reason": "", **changed})
    if isinstance(card, NotificationCard) and isinstance(card.about, QuestionCard):
        return card.model_copy(update={"about": card.about.model_copy(update={"answer": ""})})
    return card


def card_selection(sink: Sink, tasks: Tasks, kinds_now: KindsNow) -> CardSelection:
    return SubscribedChannel(sink, tasks, kinds_now) if sink.subscribed else OwnThread(sink, tasks)
