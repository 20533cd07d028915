"""`cost`: what a person's tasks spent, and this thread's task."""

from datetime import UTC, datetime, timedelta

from threadwork.bot.chat import answers
from threadwork.bot.chat.context import Context
from threadwork.bot.chat.rights import accounts_of
from threadwork.workflows.inbound import Response
from threadwork.workflows.tasks import TaskFilter, TaskRecord

WEEK = timedelta(days=7)
MAX_NEWEST = 20  # of a person's newest tasks, looked at for calls without a price


async def handle(context: Context, word: str, rest: str) -> Response:
    now, mine = datetime.now(UTC), await accounts_of(context.ports, context.source.by)
    day, week = [await context.ports.spend.by_person(mine, now - timedelta(days=days)) for days in (1, 7)]
    task = await context.ports.tasks.in_thread(context.source.sink)
    newest = await context.ports.tasks.list(TaskFilter(by=mine, limit=MAX_NEWEST))
    unpriced = [one.task_id for one in newest if one.updated_at > now - WEEK and await _unpriced(context, one)]
    return answers.cost(day, week, task, bool(unpriced), task is not None and await _unpriced(context, task))


async def _unpriced(context: Context, task: TaskRecord) -> bool:
    return (await context.threads.view(task.task_id)).status.unpriced
