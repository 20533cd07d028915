"""`approvals`: what waits for the person's decision."""

from threadwork.bot.chat.context import Context
from threadwork.bot.chat.lists import approval_list
from threadwork.bot.chat.rights import waiting_for
from threadwork.workflows.inbound import Response


async def handle(context: Context, word: str, rest: str) -> Response:
    waiting = await waiting_for(context.ports, context.source.by, context.source.sink)
    return approval_list(waiting, context.source)
