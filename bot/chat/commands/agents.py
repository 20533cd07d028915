"""`agents`: whom the person may ask."""

from bot.chat import answers
from bot.chat.context import Context
from bot.chat.rights import Rights, powers_of
from workflows.inbound import Response


async def handle(context: Context, word: str, rest: str) -> Response:
    rights = Rights(context.source.by, context.ports.directory)
    return answers.agents((await powers_of(rights, await context.ports.catalog.agents())).agents)
