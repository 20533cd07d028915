"""`run [options] <goal>`, and new tasks from a form or a mention."""

import asyncio
from collections.abc import Sequence

from threadwork.bot.chat import answers, direct
from threadwork.bot.chat.amounts import dollars
from threadwork.bot.chat.context import Context, Order
from threadwork.bot.chat.messages import kept, with_files
from threadwork.bot.chat.rights import Rights
from threadwork.bot.chat.words import NO_MORE, OPTION, option_field, option_value, unquoted
from threadwork.bot.intake import commands
from threadwork.workflows.errors import NotFound, Rejected, ThreadworkError
from threadwork.workflows.files import GivenFile
from threadwork.workflows.inbound import MessageSource, Response, StartForm, StartSubmitted
from threadwork.workflows.sinks import Sink
from threadwork.workflows.slash_name import SLASH
from threadwork.workflows.values import Value

FIELDS = {"agent": "agent", "model": "model", "budget": "budget", "in": "channel"}
THERE = "Give the command in that channel, or try again in a minute."


async def handle(context: Context, word: str, rest: str) -> Response | Order:
    words = parse_run(rest)
    if not words.goal:
        return answers.ask_goal()
    form = StartForm(goal=words.goal, agent=words.agent, model=words.model, budget=words.budget)
    sink = await _elsewhere(context, words.channel) if words.channel else context.source.sink
    return await order(context, form, sink)


async def submitted(context: Context, inbound: StartSubmitted) -> Order:
    return await order(context, inbound.form, context.source.sink)


class RunWords(Value):
    """What is to be done, and how. Options are as typed; empty: not given."""

    goal: str
    agent: str = ""
    model: str = ""
    budget: str = ""
    channel: str = ""  # of `--in`


def parse_run(rest: str) -> RunWords:
    """Options before the goal, in any order. Raises `Rejected` for an option there is not, or without its value."""
    given: dict[str, str] = {}
    while found := OPTION.match(rest):
        field = option_field(found["name"], FIELDS, "They stand before the goal.")
        given[field] = option_value(found["name"], found["value"], f"{SLASH} run --{{}} … goal")
        rest = rest[found.end() :]
    if end := NO_MORE.match(rest):
        rest = rest[end.end() :]
    return RunWords(goal=unquoted(rest), **given)


async def order(
    context: Context, form: StartForm, sink: Sink, files: Sequence[GivenFile] = (), by_message: bool = False
) -> Order:
    """A new task whose thread is at the sink; `files` beside those of the form, which the goal names already.
    `by_message`: the goal is a message there, which needs no answer of its own.

    Where the bot may not post nothing is started, and its author is asked.

    Raises `Rejected` for what makes no sense."""
    try:
        command = await commands.run(
            context.ports,
            context.caller,
            with_files(form.goal, form.files),
            agent=form.agent.strip() or (await context.ports.catalog.channel(sink)).agent or "default",
            model=form.model.strip() or None,
            budget_usd=dollars(form.budget) if form.budget.strip() else None,
            sink=sink,
            joined=bool(context.source.sink.thread and sink == context.source.sink),
            goal_above=by_message,
            private=context.source.direct and sink.channel == context.source.sink.channel,
            files=(*kept(form.files), *files),
        )
    except NotFound as error:  # an agent there is not: the person's mistake like any other
        raise Rejected(error.detail, error.hint) from None
    if by_message or await direct.takes_posts(context, sink):
        return Order(command, quiet=by_message)
    return Order(command, ask=direct.offer(command))


async def _elsewhere(context: Context, written: str) -> Sink:
    """The channel that `--in` names: one that whoever belongs here may read, or that the person speaks in."""
    sink = _named_channel(context.source, written)
    if sink.channel == context.source.sink.channel:
        return sink
    try:
        async with asyncio.timeout(direct.CHANNEL_TIMEOUT):
            may = await _is_theirs(context, sink)
    except (TimeoutError, ThreadworkError):
        raise Rejected("Nobody can say right now whether you are in that channel.", THERE) from None
    if not may:
        raise Rejected("You are not in that channel, or the app is not.", THERE)
    return sink


async def _is_theirs(context: Context, sink: Sink) -> bool:
    by, channels = context.source.by, context.ports.channels
    belongs = await Rights(by, context.ports.directory).among(("*",))
    return (belongs and await channels.kind(sink) == "public") or await channels.speaks(by.user_id, sink)


def _named_channel(source: MessageSource, written: str) -> Sink:
    """The channel that `--in` names, as the platform resolved it. Raises `Rejected`."""
    wanted = {part.lstrip("#").lower() for part in written.strip("<>").split("|")}
    for name, channel in source.channels:
        if wanted & {name.lstrip("#").lower(), channel.lower()}:
            return Sink(platform=source.sink.platform, workspace=source.sink.workspace, channel=channel)
    shown = written.strip("<>").rpartition("|")[2].lstrip("#")
    raise Rejected(
        f"I cannot find the channel #{shown}.",
        "Pick it from the list that opens as you type #, or give the command in that channel.",
    )
