"""`status [task]`: how a task stands."""

from bot.chat import answers
from bot.chat.choice import chosen
from bot.chat.context import Context
from bot.chat.words import parse_task
from workflows.inbound import Response


async def handle(context: Context, word: str, rest: str) -> Response:
    found = await chosen(context, parse_task(rest), word)
    if isinstance(found, Response):
        return found
    return answers.status(found.task, await context.threads.view(found.task.task_id))
