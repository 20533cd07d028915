"""Channels that are told of tasks, wherever these live."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Literal, get_args

from threadwork.workflows.access import Workspace, allowed, apart, same_account
from threadwork.workflows.sinks import NARROWED, Sink
from threadwork.workflows.tasks import TaskOrder
from threadwork.workflows.values import Principal, Value

Kind = Literal[
    "failed",  # ended without success, though nobody stopped it
    "approval",
    "question",
    "budget",  # used up, so that the task waits
    "completed",
    "stopped",
    "escalated",  # an approval that nobody decided for as long as its agent allows
    "everything",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
DUE = "due"  # its channel was promised more than it may be told, and does not know so yet
USUAL: tuple[Kind, ...] = ("failed", "approval", "budget")  # what needs somebody


class Subscription(Value):
    """A channel, or a thread in it, and what it is told of. `*` stands for all."""

    subscription_id: str
    sink: Sink  # its `workspace` may be empty where it comes from a file
    on: tuple[Kind, ...] = USUAL
    agents: tuple[str, ...] = ("*",)  # names, or patterns
    requesters: tuple[str, ...] = ("*",)  # user ids or principal keys
    channels: tuple[str, ...] = ("*",)  # ids of channels the tasks live in
    by: Principal | None = None  # None: whoever keeps the file
    created_at: datetime | None = None
    source: Literal["file", "chat"] = "chat"
    failure: str = ""  # why the channel takes no messages any more: nothing is sent there
    notice: str = ""  # `DUE`, or the task by which its channel was told that it is told of less

    def wants(self, order: TaskOrder, agent: str) -> bool:
        """Whether it is about the task. `agent`: by the name it has in the file; the order may say `default`.

        Whether its channel may be told is another question: `activities.delivery.visibility`."""
        return (
            not self.failure
            and any(fnmatchcase(name, pattern) for name in (agent, order.agent) for pattern in self.agents)
            and (not self.names_people or allowed(order.by, self.requesters))
            and _lives_in(order, self.channels)
        )

    @property
    def names_people(self) -> bool:
        """Whether it is about the tasks of people who are named, not of everybody."""
        return "*" not in self.requesters

    def was_told(self, order: TaskOrder) -> bool:
        """Whether a subscription by people covered the task while only direct conversations and other workspaces of
        the same platform were kept from it."""
        theirs = self.by is not None and same_account(self.by, order.by)
        places: set[Workspace] = {(order.by.platform, order.by.workspace)}
        if order.sink:
            places.add((order.sink.platform, order.sink.workspace))
        return (theirs or not order.private) and not apart({(self.sink.platform, self.sink.workspace)}, places)


def told_to(
    wanted: Iterable[Subscription],
    own: Sequence[Sink],
    told: Iterable[Sink],
    narrowed: Iterable[Subscription] = (),
) -> list[Sink]:
    """A sink for each channel, with all kinds it is told of; a task's own thread and its channel are told anyway.

    `told`: those that were told of the task before. They stay what they were, so that nothing is told twice.
    `narrowed`: those whose channel learns, by this task, that it is told of less."""
    sinks = {sink.place: sink for sink in told}
    kinds_of = [*((one, one.on) for one in wanted), *((one, (NARROWED,)) for one in narrowed)]
    for one, on in kinds_of:
        if not any(_is_home(one.sink, home) for home in own):
            known = sinks.get(one.sink.place, one.sink)
            kinds = tuple(dict.fromkeys((*known.kinds, *on)))
            sinks[one.sink.place] = known.model_copy(update={"kinds": kinds})
    return list(sinks.values())


def _is_home(sink: Sink, home: Sink) -> bool:
    """The channel the task lives in, or its very thread."""
    return sink.place in (home.place, home.model_copy(update={"thread": ""}).place)


def _lives_in(order: TaskOrder, channels: tuple[str, ...]) -> bool:
    return "*" in channels or (order.sink is not None and order.sink.channel in channels)
