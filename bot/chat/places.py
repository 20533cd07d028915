"""Where something is pressed or shown, and whether the task has anything to do with that place."""

from bot.chat.rights import Rights, agent_of
from bot.chat.rooms import is_in, known_there, of_one_house
from bot.dependencies import BotDependencies
from workflows.access import apart
from workflows.inbound import Origin
from workflows.sinks import Sink
from workflows.tasks import TaskRecord


async def is_foreign(ports: BotDependencies, task: TaskRecord, origin: Origin) -> bool:
    """Whether the place is of another server or workspace, and no channel that is told of the task.

    With the bot alone there is no server: there only those who are known to have to do with the task are at home."""
    if _on_no_server(origin):
        rights, at_home = (
            Rights(origin.by, ports.directory),
            await is_in(ports.channels, task, known_there(task, origin.by, origin.sink)),
        )
        return is_elsewhere(task, origin) and not await rights.may_see(task, await agent_of(ports, task), at_home)
    if not is_elsewhere(task, origin):
        return False
    return not any(same_channel(sink, origin.sink) for sink in await ports.deliveries.told(task.task_id))


def is_elsewhere(task: TaskRecord, origin: Origin) -> bool:
    """Whether it belongs to another workspace of the same platform, whose people share nothing with these. Workspaces
    of one organisation share their people."""
    if of_one_house(task, origin.by):
        return False
    places = {(task.by.platform, task.by.workspace)}
    if task.sink:
        places.add((task.sink.platform, task.sink.workspace))
    here = {(origin.sink.platform, origin.sink.workspace), (origin.by.platform, origin.by.workspace)}
    return apart(here, places)


def offers(task: TaskRecord, origin: Origin | None) -> bool:
    """Whether a list that is shown there may have the task's buttons. None: a person's own page."""
    return origin is None or _on_no_server(origin) or not is_elsewhere(task, origin)


def same_channel(one: Sink, other: Sink) -> bool:
    """Ids of channels are unique on their platform; where both workspaces are known they must be one."""
    workspaces = {one.workspace, other.workspace} - {""}
    return (one.platform, one.channel) == (other.platform, other.channel) and len(workspaces) < 2


def _on_no_server(origin: Origin) -> bool:
    return origin.direct and not origin.sink.workspace
