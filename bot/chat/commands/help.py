"""`help`: the commands that the person may use."""

from bot.chat import answers
from bot.chat.context import Context
from bot.chat.rights import Rights, powers_of
from workflows.inbound import Response


async def handle(context: Context, word: str, rest: str) -> Response:
    rights = Rights(context.source.by, context.ports.directory)
    return answers.help_text(await powers_of(rights, await context.ports.catalog.agents()))
