"""Which task a command is about."""

from bot.chat.commands import SLASH, TaskWords
from bot.chat.lists import which_one
from bot.chat.request import Request
from bot.chat.rights import Rights, accounts_of, agent_of
from bot.chat.rooms import is_in, known_there
from workflows.errors import NotFound, Rejected
from workflows.inbound import Response
from workflows.tasks import TaskFilter, TaskRecord

SHORTEST = 2  # characters of an id that are enough to try


class Chosen:
    """A task, and the words that are left."""

    def __init__(self, task: TaskRecord, rest: str) -> None:
        self.task = task
        self.rest = rest


async def chosen(request: Request, words: TaskWords, command: str) -> Chosen | Response:
    """The task that is named; else the thread's, or the person's only open one; else the list to choose from.

    `command`: the word, to say how it is written. Raises `NotFound` for an id that there is not, and `Rejected`
    where there is nothing to choose from."""
    if words.task and (named := await _named(request, words)):
        return Chosen(named, words.rest)
    if here := await request.ports.tasks.in_thread(request.origin.sink):
        return Chosen(here, words.whole)
    found = await _only_open(request)
    if len(found) == 1:
        return Chosen(found[0], words.whole)
    if not found:
        raise no_open_task()
    return which_one(found, f"{SLASH} {command}")


def no_open_task() -> Rejected:
    return Rejected("You have no open task.", f"`{SLASH} list` shows those there were.")


async def meant(request: Request, prefix: str) -> TaskRecord | None:
    """The task of that id; where none is named the thread's. Nothing is guessed. Raises `NotFound`."""
    return await named(request, prefix) if prefix else await request.ports.tasks.in_thread(request.origin.sink)


async def named(request: Request, prefix: str) -> TaskRecord:
    """Raises `NotFound`, also for a task that is none of the person's business."""
    if len(prefix) < SHORTEST:
        raise NotFound(f"“{prefix}” is too short for a task's id.", f"`{SLASH} list` shows the ids.")
    task = await request.ports.tasks.find(prefix)
    rights = Rights(request.origin.by, request.ports.directory)
    at_home = await is_in(request.ports.channels, task, known_there(task, request.origin.by, request.origin.sink))
    if not await rights.may_see(task, await agent_of(request.ports, task), at_home):
        raise NotFound(f"No task begins with “{prefix}”.", f"`{SLASH} list` shows the ids.")
    return task


async def _named(request: Request, words: TaskWords) -> TaskRecord | None:
    """None: the first word is none of a task, but the beginning of the rest."""
    try:
        return await named(request, words.task)
    except NotFound:
        if words.sure:
            raise
        return None


async def _only_open(request: Request) -> list[TaskRecord]:
    """The person's open tasks; of several those of this channel, if there are any."""
    mine = TaskFilter(by=await accounts_of(request.ports, request.origin.by), open_only=True)
    tasks = await request.ports.tasks.list(mine)
    if len(tasks) < 2:
        return tasks
    here = await request.ports.tasks.list(mine.model_copy(update={"channel": request.origin.sink}))
    return here or tasks
