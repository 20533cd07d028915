"""`run` and `watch`: one task, from here."""

import asyncio
import os
import sys

from threadwork.adapters.terminal.words import clean
from threadwork.bot.cli.reach import connected, connected_or_started
from threadwork.bot.client.api import ApiClient
from threadwork.bot.embedded.supervisor import Stopped
from threadwork.bot.settings import Settings
from threadwork.bot.terminal.plain import PlainSession
from threadwork.bot.terminal.task import STOPPED
from threadwork.workflows.values import preview

GOAL_SHOWN = 60  # characters of a goal where tasks are told apart

OURS_STAYS = (
    "Task {task} goes on when Threadwork is up again (threadwork up). Then see it with: threadwork watch {task}"
)
THEIRS_GOES_ON = "Task {task} goes on. See it again with: threadwork watch {task}"


async def run(
    settings: Settings,
    goal: str,
    agent: str | None = None,
    model: str | None = None,
    budget: float | None = None,
    yes: bool = False,
    as_json: bool = False,
) -> int:
    """Order a task, see it through, and return the exit code."""
    if yes:
        say("--yes allows everything and takes the first option of every question.")
    try:
        async with connected_or_started(settings, say) as (client, ours):
            task_id = await client.start(goal, agent, model, budget)
            if as_json or not somebody_is_there():
                say(f"Task {task_id}")
            code = await attach(client, task_id, yes, as_json, OURS_STAYS if ours else THEIRS_GOES_ON)
            if ours:
                say("Stopping what was started here…")
            return code
    except Stopped as stopped:
        say(str(stopped))
        return STOPPED


async def watch(settings: Settings, task: str | None, wait: bool = False) -> int:
    """See a task through that was ordered before. Where nobody is at the terminal, only until it waits for people,
    unless `wait`: exit code 3."""
    async with connected(settings) as client:
        return await attach(client, await named(client, task), waits=wait)


async def attach(
    client: ApiClient,
    task_id: str,
    yes: bool = False,
    as_json: bool = False,
    farewell: str = THEIRS_GOES_ON,
    waits: bool = True,
) -> int:
    """With a person at the terminal, or without. Returns the exit code."""
    farewell = farewell.format(task=task_id)
    if as_json or not somebody_is_there():
        try:
            lines = say if as_json else tell
            return await PlainSession(client, task_id, lines, tell, yes, as_json, waits=waits).run()
        except asyncio.CancelledError:  # Ctrl-C, or a signal
            say(farewell)
            raise
    from threadwork.bot.terminal.screen import Screen
    from threadwork.bot.terminal.session import TerminalSession

    return await TerminalSession(client, task_id, Screen(), farewell, yes).run()


async def named(client: ApiClient, task: str | None) -> str:
    """The task that was named, by a prefix perhaps; the newest open one where none was. Raises `NotFound`."""
    from threadwork.workflows.errors import NotFound

    if task:
        return (await client.task(task)).task.task_id
    newest = await client.tasks(open_only=True, limit=1)
    if not newest:
        raise NotFound("No task is open.", "All tasks are listed by: threadwork tasks")
    return newest[0].task_id


async def only_open(client: ApiClient, task: str | None) -> str:
    """The task that was named, or the one that is open. Raises `Rejected` where it could be several."""
    from threadwork.workflows.errors import Rejected

    if task:
        return await named(client, task)
    tasks = await client.tasks(open_only=True)
    if len(tasks) > 1:
        listed = "".join(f"\n  {one.task_id}  {preview(' '.join(one.goal.split()), GOAL_SHOWN)}" for one in tasks)
        raise Rejected(f"{len(tasks)} tasks are open; say which one you mean:{clean(listed)}")
    return await named(client, None)


def somebody_is_there() -> bool:
    """A person who can be asked, at a terminal that can be drawn on."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def say(text: str) -> None:
    """To people: on stderr."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def tell(text: str) -> None:
    """What was asked for: on stdout."""
    print(text, flush=True)  # noqa: T201
