"""Which task a command is about."""

from threadwork.bot.chat.context import Context
from threadwork.bot.chat.lists import which_one
from threadwork.bot.chat.rights import Rights, accounts_of, agent_of
from threadwork.bot.chat.rooms import is_in, known_there
from threadwork.bot.chat.words import TaskWords
from threadwork.workflows.errors import NotFound, Rejected
from threadwork.workflows.inbound import Response
from threadwork.workflows.slash_name import SLASH
from threadwork.workflows.tasks import TaskFilter, TaskRecord

SHORTEST = 2  # characters of an id that are enough to try


class Chosen:
    """A task, and the words that are left."""

    def __init__(self, task: TaskRecord, rest: str) -> None:
        self.task = task
        self.rest = rest


async def chosen(context: Context, words: TaskWords, command: str) -> Chosen | Response:
    """The task that is named; else the thread's, or the person's only open one; else the list to choose from.

    `command`: the word, to say how it is written. Raises `NotFound` for an id that there is not, and `Rejected`
    where there is nothing to choose from."""
    if words.task and (named := await _named(context, words)):
        return Chosen(named, words.rest)
    if here := await context.ports.tasks.in_thread(context.source.sink):
        return Chosen(here, words.whole)
    found = await _only_open(context)
    if len(found) == 1:
        return Chosen(found[0], words.whole)
    if not found:
        raise no_open_task()
    return which_one(found, f"{SLASH} {command}")


def no_open_task() -> Rejected:
    return Rejected("You have no open task.", f"`{SLASH} list` shows those there were.")


async def named(context: Context, prefix: str) -> TaskRecord:
    """The task of that id. Raises `NotFound`, also for a task that is none of the person's business."""
    if len(prefix) < SHORTEST:
        raise NotFound(f"“{prefix}” is too short for a task's id.", f"`{SLASH} list` shows the ids.")
    task = await context.ports.tasks.find(prefix)
    rights = Rights(context.source.by, context.ports.directory)
    at_home = await is_in(context.ports.channels, task, known_there(task, context.source.by, context.source.sink))
    if not await rights.may_see(task, await agent_of(context.ports, task), at_home):
        raise NotFound(f"No task begins with “{prefix}”.", f"`{SLASH} list` shows the ids.")
    return task


async def _named(context: Context, words: TaskWords) -> TaskRecord | None:
    """None: the first word is none of a task, but the beginning of the rest."""
    try:
        return await named(context, words.task)
    except NotFound:
        if words.sure:
            raise
        return None


async def _only_open(context: Context) -> list[TaskRecord]:
    """The person's open tasks; of several those of this channel, if there are any."""
    mine = TaskFilter(by=await accounts_of(context.ports, context.source.by), open_only=True)
    tasks = await context.ports.tasks.list(mine)
    if len(tasks) < 2:
        return tasks
    here = await context.ports.tasks.list(mine.model_copy(update={"channel": context.source.sink}))
    return here or tasks
