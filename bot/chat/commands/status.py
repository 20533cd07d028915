"""`status [task]`: how a task stands."""

from threadwork.bot.chat import answers
from threadwork.bot.chat.choice import chosen
from threadwork.bot.chat.context import Context
from threadwork.bot.chat.words import parse_task
from threadwork.workflows.inbound import Response


async def handle(context: Context, word: str, rest: str) -> Response:
    found = await chosen(context, parse_task(rest), word)
    if isinstance(found, Response):
        return found
    return answers.status(found.task, await context.threads.view(found.task.task_id))
