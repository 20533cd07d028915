"""The words after the slash command: one table, a handler each."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from bot.chat import answers, link, notify
from bot.chat.choice import chosen
from bot.chat.commands import SLASH, nearest, parse, parse_task
from bot.chat.controls import control_command
from bot.chat.decisions import decide_command
from bot.chat.lists import SHOWN, approval_list, task_list
from bot.chat.request import Request
from bot.chat.rights import Rights, accounts_of, agent_of, powers_of, waiting_for
from bot.chat.rooms import is_in, known_there
from bot.chat.starts import run_command
from bot.intake import commands as handlers
from workflows.errors import Rejected
from workflows.inbound import Response
from workflows.tasks import TaskFilter, TaskRecord
from workflows.values import Status

Handler = Callable[[Request, str], Awaitable[Response]]  # the request, and what follows the word

WAITS_FOR_ITS_PERSON = (Status.WAITING_ANSWER, Status.WAITING_BUDGET)
MOST = 500  # of a person's open tasks that are looked through
WEEK = timedelta(days=7)
LOOKED_AT = 20  # of a person's newest tasks, for calls without a price


async def answer(request: Request, text: str) -> Response:
    """What the words come to."""
    words = parse(text)
    if not words.word:
        return answers.ask_goal()
    handler = HANDLERS.get(words.word)
    return await handler(request, words.rest) if handler else answers.unknown(words)


# --- lists -----------------------------------------------------------------------------------------------


async def _list(request: Request, rest: str) -> Response:
    which = rest.strip().lower() or "mine"
    make = LISTS.get(which)
    if make is None:
        near = nearest(which, tuple(LISTS)) or "mine"
        raise Rejected(f"There is no list “{which[:40]}”.", f"Did you mean `{SLASH} list {near}`?")
    return await make(request)


async def _mine(request: Request) -> Response:
    mine = await accounts_of(request.ports, request.origin.by)
    tasks = await _found(request, TaskFilter(by=mine, limit=SHOWN + 1))
    return task_list("Your tasks.", tasks, f"You have no tasks yet. `{SLASH} run <goal>` starts one.")


async def _channel(request: Request) -> Response:
    there = await _found(request, TaskFilter(channel=request.origin.sink, limit=SHOWN + 1))
    shown = await asyncio.gather(*(_may_be_shown(request, task) for task in there))
    tasks = [task for task, may in zip(there, shown, strict=True) if may]
    return task_list("Tasks of this channel.", tasks, "This channel has no tasks yet.", shows_person=True)


async def _may_be_shown(request: Request, task: TaskRecord) -> bool:
    """What is done in a closed thread is listed elsewhere for those alone who have to do with it."""
    if await is_in(request.ports.channels, task, known_there(task, request.origin.by, request.origin.sink)):
        return True
    rights = Rights(request.origin.by, request.ports.directory)
    return not request.aloud and await rights.may_see(task, await agent_of(request.ports, task), at_home=False)


async def _waiting(request: Request) -> Response:
    """Approvals that the person may decide, and their own tasks that ask something."""
    ports, by = request.ports, request.origin.by
    waiting = [one.task for one in await waiting_for(ports, by, request.origin.sink)]
    mine = await _found(request, TaskFilter(by=await accounts_of(ports, by), open_only=True, limit=MOST))
    waiting += [task for task in mine if task.status in WAITS_FOR_ITS_PERSON]
    tasks = list({task.task_id: task for task in waiting}.values())
    return task_list("Tasks that wait for you.", tasks, "No task waits for you.", shows_person=True)


async def _found(request: Request, which: TaskFilter) -> list[TaskRecord]:
    return await request.ports.tasks.list(which)


LISTS: dict[str, Callable[[Request], Awaitable[Response]]] = {
    "mine": _mine,
    "channel": _channel,
    "waiting": _waiting,
}


# --- a task ----------------------------------------------------------------------------------------------


async def _status(request: Request, rest: str) -> Response:
    found = await chosen(request, parse_task(rest), "status")
    if isinstance(found, Response):
        return found
    return answers.status(found.task, await request.threads.view(found.task.task_id))


# --- a person --------------------------------------------------------------------------------------------


async def _approvals(request: Request, rest: str) -> Response:
    waiting = await waiting_for(request.ports, request.origin.by, request.origin.sink)
    return approval_list(waiting, request.origin)


async def _cost(request: Request, rest: str) -> Response:
    now, mine = datetime.now(UTC), await accounts_of(request.ports, request.origin.by)
    day, week = [await request.ports.spend.by_person(mine, now - timedelta(days=days)) for days in (1, 7)]
    task = await request.ports.tasks.in_thread(request.origin.sink)
    newest = await request.ports.tasks.list(TaskFilter(by=mine, limit=LOOKED_AT))
    unpriced = [one.task_id for one in newest if one.updated_at > now - WEEK and await _unpriced(request, one)]
    return answers.cost(day, week, task, bool(unpriced), task is not None and await _unpriced(request, task))


async def _unpriced(request: Request, task: TaskRecord) -> bool:
    return (await request.threads.view(task.task_id)).status.unpriced


async def _agents(request: Request, rest: str) -> Response:
    rights = Rights(request.origin.by, request.ports.directory)
    return answers.agents((await powers_of(rights, await request.ports.catalog.agents())).agents)


async def _help(request: Request, rest: str) -> Response:
    rights = Rights(request.origin.by, request.ports.directory)
    return answers.help_text(await powers_of(rights, await request.ports.catalog.agents()))


HANDLERS: dict[str, Handler] = {
    "run": run_command,
    "list": _list,
    "status": _status,
    "pause": control_command("pause", handlers.pause),
    "resume": control_command("resume", handlers.resume),
    "stop": control_command("stop", handlers.stop),
    "approvals": _approvals,
    "approve": decide_command("approve"),
    "deny": decide_command("deny"),
    "notify": notify.command,
    "link": link.command,
    "cost": _cost,
    "agents": _agents,
    "help": _help,
}
