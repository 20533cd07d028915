"""`stop`, `pause` and `resume`, typed: they take a task, and act on nothing that is not named."""

from threadwork.bot.chat.choice import named, no_open_task
from threadwork.bot.chat.context import Context, Order
from threadwork.bot.chat.exact_words import CONTROL, other_words
from threadwork.bot.chat.lists import MAX_SHOWN, task_item
from threadwork.bot.chat.places import offers
from threadwork.bot.chat.rights import accounts_of
from threadwork.bot.intake import commands
from threadwork.workflows.buttons import buttons
from threadwork.workflows.inbound import Item, Response
from threadwork.workflows.slash_name import SLASH
from threadwork.workflows.tasks import TaskFilter, TaskRecord

MAKERS = {"stop": commands.stop, "pause": commands.pause, "resume": commands.resume}


async def handle(context: Context, word: str, rest: str) -> Response | Order:
    """In a thread its task is meant, elsewhere one must be named."""
    words = CONTROL.fullmatch(rest)
    if words is None:
        raise other_words(word, rest)
    in_thread = context.ports.tasks.in_thread
    task = await named(context, words["task"].lower()) if words["task"] else await in_thread(context.source.sink)
    return Order(MAKERS[word](context.caller, task.task_id)) if task else await _open_tasks(context, word)


async def _open_tasks(context: Context, word: str) -> Response:
    """The person's own, with their buttons. Raises `Rejected` where there is none."""
    mine = await accounts_of(context.ports, context.source.by)
    tasks = await context.ports.tasks.list(TaskFilter(by=mine, open_only=True, limit=MAX_SHOWN))
    if not tasks:
        raise no_open_task()
    text = f"Which one? Press its button, or write `{SLASH} {word} <task>` with the beginning of its id."
    items = tuple([await _item(context, task) for task in tasks])
    return Response(text=text, tone="warning", items=items)


async def _item(context: Context, task: TaskRecord) -> Item:
    if not offers(task, context.source):  # a button that is pressed here has no effect there
        return task_item(task)
    view = await context.threads.view(task.task_id)
    return task_item(task).model_copy(update={"buttons": buttons(task.task_id, view.status)})
