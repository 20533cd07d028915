"""Where something is pressed or shown, and whether the task has anything to do with that place."""

from threadwork.bot.chat.rights import Rights, agent_of
from threadwork.bot.chat.rooms import is_in, known_there, of_one_house
from threadwork.bot.dependencies import BotDependencies
from threadwork.workflows.access import apart
from threadwork.workflows.inbound import MessageSource
from threadwork.workflows.sinks import Sink
from threadwork.workflows.tasks import TaskRecord


async def is_foreign(ports: BotDependencies, task: TaskRecord, source: MessageSource) -> bool:
    """Whether the place is of another server or workspace, and no channel that is told of the task.

    With the bot alone there is no server: there only those who are known to have to do with the task are at home."""
    if _on_no_server(source):
        rights, at_home = (
            Rights(source.by, ports.directory),
            await is_in(ports.channels, task, known_there(task, source.by, source.sink)),
        )
        return is_elsewhere(task, source) and not await rights.may_see(task, await agent_of(ports, task), at_home)
    if not is_elsewhere(task, source):
        return False
    return not any(same_channel(sink, source.sink) for sink in await ports.deliveries.told(task.task_id))


def is_elsewhere(task: TaskRecord, source: MessageSource) -> bool:
    """Whether it belongs to another workspace of the same platform, whose people share nothing with these. Workspaces
    of one organisation share their people."""
    if of_one_house(task, source.by):
        return False
    places = {(task.by.platform, task.by.workspace)}
    if task.sink:
        places.add((task.sink.platform, task.sink.workspace))
    here = {(source.sink.platform, source.sink.workspace), (source.by.platform, source.by.workspace)}
    return apart(here, places)


def offers(task: TaskRecord, source: MessageSource | None) -> bool:
    """Whether a list that is shown there may have the task's buttons. None: a person's own page."""
    return source is None or _on_no_server(source) or not is_elsewhere(task, source)


def same_channel(one: Sink, other: Sink) -> bool:
    """Ids of channels are unique on their platform; where both workspaces are known they must be one."""
    workspaces = {one.workspace, other.workspace} - {""}
    return (one.platform, one.channel) == (other.platform, other.channel) and len(workspaces) < 2


def _on_no_server(source: MessageSource) -> bool:
    return source.direct and not source.sink.workspace
