"""Tasks that were ordered where the bot may not post: they are written down, and start in the person's own direct
messages if a button is pressed."""

import asyncio

from threadwork.bot.chat.context import Context
from threadwork.bot.chat.lists import short
from threadwork.bot.chat.messages import typed_part
from threadwork.bot.chat.rights import Rights
from threadwork.bot.intake import commands
from threadwork.bot.intake.commands import Caller
from threadwork.workflows.buttons import Button, Click
from threadwork.workflows.errors import Rejected, ThreadworkError
from threadwork.workflows.inbound import Item, Response
from threadwork.workflows.sinks import Sink
from threadwork.workflows.tasks import Command, RunOrder, TaskOrder

CHANNEL_TIMEOUT = 1.5  # seconds for what the platform says of a channel: the command is to be acknowledged within three
LABEL = "Run it in my direct messages"
GONE = ("This task is not kept any more.", "Ask again.")
CLOSED = "Nothing was started: your direct messages cannot be reached."


async def takes_posts(context: Context, sink: Sink) -> bool:
    """Whether the bot may post there. True where nobody can say: the first post will tell."""
    if sink.place == context.source.sink.place and not context.source.posts:
        return False
    try:
        async with asyncio.timeout(CHANNEL_TIMEOUT):
            return await context.ports.channels.takes_posts(sink)
    except (TimeoutError, ThreadworkError):
        return True


def offer(command: Command) -> Response:
    """What the author of an order is told that was not taken up, and asked."""
    action = command.action
    assert isinstance(action, RunOrder)  # by who calls it
    press = Click(verb="direct", task_id="", detail=command.platform_id)
    told = "Nothing was started: I cannot post in that channel. Add me to it, or let me post there, and ask again."
    files = " Attach its files again, there." if action.files else ""
    item = Item(text=f"**{short(typed_part(action.order.goal))}**{files}", buttons=(Button(label=LABEL, press=press),))
    return Response(text=told, tone="warning", items=(item,))


async def start(context: Context, press: Click, given: str) -> Command:
    """The task, by its author's second word: the same one however often that is given. Raises `Rejected`."""
    by, intake = context.source.by, context.ports.intake
    row = await intake.get(by.platform, press.detail)
    if row is None or row.state != "held" or not isinstance(row.command.action, RunOrder):
        raise Rejected(*GONE)
    if not await Rights(by, context.ports.directory).is_me(row.command.by):
        raise Rejected(f"Only {row.command.by.shown} can start this task.")
    caller = Caller(platform=by.platform, platform_id=f"direct:{press.detail}", by=by)
    if known := await intake.get(by.platform, caller.platform_id):
        return known.command
    order = row.command.action.order
    return await commands.run(
        context.ports,
        caller,
        order.goal,
        agent=order.agent,
        model=order.model,
        budget_usd=order.budget_usd,
        sink=await _opened(context, order),
        private=True,
    )


async def _opened(context: Context, order: TaskOrder) -> Sink:
    goal = short(typed_part(order.goal))
    greeting = f"“{goal}” runs here, as you asked: I cannot post where you gave the command."
    there = order.sink or context.source.sink
    try:
        return await context.ports.channels.direct(context.source.by.user_id, there, greeting)
    except ThreadworkError as error:
        raise Rejected(CLOSED, str(error)) from None
