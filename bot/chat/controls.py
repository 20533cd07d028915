"""`stop`, `pause` and `resume`, typed: they take a task, and act on nothing that is not named."""

from collections.abc import Awaitable, Callable

from bot.chat.choice import meant, no_open_task
from bot.chat.clicks import outcome
from bot.chat.commands import SLASH
from bot.chat.exact_words import parse_control
from bot.chat.lists import SHOWN, task_item
from bot.chat.places import offers
from bot.chat.request import Request
from bot.chat.rights import accounts_of
from bot.intake import commands as handlers
from workflows.buttons import buttons
from workflows.inbound import Item, Response
from workflows.tasks import Command, TaskFilter, TaskRecord

Control = Callable[[handlers.Caller, str], Command]


def control_command(word: str, make: Control) -> Callable[[Request, str], Awaitable[Response]]:
    """`stop|pause|resume [task]`: in a thread its task is meant, elsewhere one must be named."""

    async def handle(request: Request, rest: str) -> Response:
        task = await meant(request, parse_control(word, rest))
        if task is None:
            return await _open_tasks(request, word)
        return await outcome(request, make(request.caller, task.task_id))

    return handle


async def _open_tasks(request: Request, word: str) -> Response:
    """The person's own, with their buttons. Raises `Rejected` where there is none."""
    mine = await accounts_of(request.ports, request.origin.by)
    tasks = await request.ports.tasks.list(TaskFilter(by=mine, open_only=True, limit=SHOWN))
    if not tasks:
        raise no_open_task()
    text = f"Which one? Press its button, or write `{SLASH} {word} <task>` with the beginning of its id."
    items = tuple([await _item(request, task) for task in tasks])
    return Response(text=text, tone="warning", items=items)


async def _item(request: Request, task: TaskRecord) -> Item:
    if not offers(task, request.origin):  # a button that is pressed here has no effect there
        return task_item(task)
    view = await request.threads.view(task.task_id)
    return task_item(task).model_copy(update={"buttons": buttons(task.task_id, view.status)})
