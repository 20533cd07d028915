"""`help`: the commands that the person may use."""

from threadwork.bot.chat import answers
from threadwork.bot.chat.context import Context
from threadwork.bot.chat.rights import Rights, powers_of
from threadwork.workflows.inbound import Response


async def handle(context: Context, word: str, rest: str) -> Response:
    rights = Rights(context.source.by, context.ports.directory)
    return answers.help_text(await powers_of(rights, await context.ports.catalog.agents()))
