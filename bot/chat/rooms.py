"""Whether who reads one place of a channel reads a task in it too: a thread may be closed to others."""

from threadwork.activities.ports.chat import Channels
from threadwork.workflows.errors import ThreadworkError
from threadwork.workflows.platform_registry import PLATFORMS
from threadwork.workflows.sinks import Sink
from threadwork.workflows.tasks import TaskRecord
from threadwork.workflows.values import Principal

CLOSABLE = frozenset(row.name for row in PLATFORMS if row.closes_threads)


async def is_in(channels: Channels, task: TaskRecord, here: Sink | None) -> bool:
    """Whether it lives in the channel, in a thread that all of it may read, or in this very one."""
    same = task.sink is not None and here is not None and task.sink.channel_key == here.channel_key
    return same and await is_open(channels, task, here)


async def is_open(channels: Channels, task: TaskRecord, here: Sink | None) -> bool:
    """Of a task in the same channel. False as well while the platform does not tell."""
    sink = task.sink
    if sink is None or sink.platform not in CLOSABLE or not sink.thread or (here and here.thread == sink.thread):
        return True
    try:
        return await channels.kind(sink) != "thread"
    except ThreadworkError:
        return False


def known_there(task: TaskRecord, by: Principal, here: Sink | None) -> Sink | None:
    """Where the person is, as the task's workspace knows it: a channel may be in several of one organisation."""
    if here is None or task.sink is None or here.place[:2] != task.sink.place[:2] or not of_one_house(task, by):
        return here
    return here.in_workspace(task.sink.workspace)


def of_one_house(task: TaskRecord, by: Principal) -> bool:
    """Whether its workspace and the person's belong to one organisation, whose people they share."""
    return by.platform == task.by.platform and bool(by.enterprise) and by.enterprise == task.by.enterprise
