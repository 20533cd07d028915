"""`list [mine|channel|waiting]`: tasks, a line each."""

import asyncio
from collections.abc import Awaitable, Callable

from threadwork.bot.chat.context import Context
from threadwork.bot.chat.lists import MAX_SHOWN, task_list
from threadwork.bot.chat.rights import Rights, accounts_of, agent_of, waiting_for
from threadwork.bot.chat.rooms import is_in, known_there
from threadwork.bot.chat.words import nearest
from threadwork.workflows.errors import Rejected
from threadwork.workflows.inbound import Response
from threadwork.workflows.slash_name import SLASH
from threadwork.workflows.tasks import TaskFilter, TaskRecord
from threadwork.workflows.values import Status

WAITS_FOR_ITS_PERSON = (Status.WAITING_ANSWER, Status.WAITING_BUDGET)
MAX_OPEN = 500  # of a person's open tasks that are looked through


async def handle(context: Context, word: str, rest: str) -> Response:
    """Lists tasks; `rest` names the list. Raises `Rejected` for a list that there is not."""
    which = rest.strip().lower() or "mine"
    make = LISTS.get(which)
    if make is None:
        near = nearest(which, tuple(LISTS)) or "mine"
        raise Rejected(f"There is no list “{which[:40]}”.", f"Did you mean `{SLASH} list {near}`?")
    return await make(context)


async def _mine(context: Context) -> Response:
    mine = await accounts_of(context.ports, context.source.by)
    tasks = await _found(context, TaskFilter(by=mine, limit=MAX_SHOWN + 1))
    return task_list("Your tasks.", tasks, f"You have no tasks yet. `{SLASH} run <goal>` starts one.")


async def _channel(context: Context) -> Response:
    there = await _found(context, TaskFilter(channel=context.source.sink, limit=MAX_SHOWN + 1))
    shown = await asyncio.gather(*(_may_be_shown(context, task) for task in there))
    tasks = [task for task, may in zip(there, shown, strict=True) if may]
    return task_list("Tasks of this channel.", tasks, "This channel has no tasks yet.", shows_person=True)


async def _may_be_shown(context: Context, task: TaskRecord) -> bool:
    """What is done in a closed thread is listed elsewhere for those alone who have to do with it."""
    if await is_in(context.ports.channels, task, known_there(task, context.source.by, context.source.sink)):
        return True
    rights = Rights(context.source.by, context.ports.directory)
    return not context.aloud and await rights.may_see(task, await agent_of(context.ports, task), at_home=False)


async def _waiting(context: Context) -> Response:
    """Approvals that the person may decide, and their own tasks that ask something."""
    ports, by = context.ports, context.source.by
    waiting = [one.task for one in await waiting_for(ports, by, context.source.sink)]
    mine = await _found(context, TaskFilter(by=await accounts_of(ports, by), open_only=True, limit=MAX_OPEN))
    waiting += [task for task in mine if task.status in WAITS_FOR_ITS_PERSON]
    tasks = list({task.task_id: task for task in waiting}.values())
    return task_list("Tasks that wait for you.", tasks, "No task waits for you.", shows_person=True)


async def _found(context: Context, which: TaskFilter) -> list[TaskRecord]:
    return await context.ports.tasks.list(which)


LISTS: dict[str, Callable[[Context], Awaitable[Response]]] = {
    "mine": _mine,
    "channel": _channel,
    "waiting": _waiting,
}
