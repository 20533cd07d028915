"""`here`: what is different in this channel."""

from threadwork.bot.chat.context import Context
from threadwork.bot.chat.follow_ups import TOLD
from threadwork.bot.chat.lists import short
from threadwork.workflows.errors import NotFound
from threadwork.workflows.inbound import Response
from threadwork.workflows.slash_name import SLASH

MAX_INSTRUCTIONS = 300  # characters of a channel's instructions that are shown


async def handle(context: Context, word: str, rest: str) -> Response:
    catalog = context.ports.catalog
    channel = await catalog.channel(context.source.sink)
    try:
        agent = await catalog.agent(channel.agent or "default")
    except NotFound:
        return Response(text=f"No agent answers here by itself. Name one: `{SLASH} run --agent <name> <goal>`.")
    about = f": {short(agent.description, 150)}" if agent.description else ""
    lines = [f"**{agent.name}** answers here{about}", TOLD[channel.follow_ups or agent.follow_ups]]
    if channel.instructions.strip():
        lines.append(f"Told to agents in this channel: “{short(channel.instructions, MAX_INSTRUCTIONS)}”")
    return Response(text="\n".join(lines))
