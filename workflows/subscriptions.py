"""Channels that are told of tasks, wherever these live."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Literal, get_args

from workflows.access import Workspace, allowed, apart, same_account
from workflows.chat import Sink
from workflows.tasks import TaskOrder
from workflows.values import Principal, Value

Kind = Literal[
    "failed",  # ended without success, though nobody stopped it
    "approval",
    "question",
    "budget",  # used up, so that the task waits
    "completed",
    "stopped",
    "everything",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
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

    def wants(self, order: TaskOrder, agent: str) -> bool:
        """Whether it is about the task. `agent`: by the name it has in the file; the order may say `default`."""
        return (
            not self.failure
            and any(fnmatchcase(name, pattern) for name in (agent, order.agent) for pattern in self.agents)
            and allowed(order.by, self.requesters)
            and _lives_in(order, self.channels)
            and not self._is_elsewhere(order)
            and not self._is_secret(order)
        )

    def _is_secret(self, order: TaskOrder) -> bool:
        """What somebody does in a conversation with the bot alone no colleague can subscribe to."""
        theirs = self.by is not None and same_account(self.by, order.by)
        return order.private and self.source == "chat" and not theirs

    def _is_elsewhere(self, order: TaskOrder) -> bool:
        """What people subscribe to ends at their workspace; what a file says holds for all that it serves."""
        places: set[Workspace] = {(order.by.platform, order.by.workspace)}
        if order.sink:
            places.add((order.sink.platform, order.sink.workspace))
        return self.source == "chat" and apart({(self.sink.platform, self.sink.workspace)}, places)


def told_to(wanted: Iterable[Subscription], own: Sequence[Sink], told: Iterable[Sink]) -> list[Sink]:
    """A sink for each channel, with all kinds it is told of; a task's own thread and its channel are told anyway.

    `told`: those that were told of the task before. They stay what they were, so that nothing is told twice."""
    sinks = {sink.place: sink for sink in told}
    for one in wanted:
        if not any(_is_home(one.sink, home) for home in own):
            known = sinks.get(one.sink.place, one.sink)
            kinds = tuple(dict.fromkeys((*known.kinds, *one.on)))
            sinks[one.sink.place] = known.model_copy(update={"kinds": kinds})
    return list(sinks.values())


def _is_home(sink: Sink, home: Sink) -> bool:
    """The channel the task lives in, or its very thread."""
    return sink.place in (home.place, home.model_copy(update={"thread": ""}).place)


def _lives_in(order: TaskOrder, channels: tuple[str, ...]) -> bool:
    return "*" in channels or (order.sink is not None and order.sink.channel in channels)
