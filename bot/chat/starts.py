"""New tasks: from a command, a form or a mention."""

import asyncio
from collections.abc import Sequence

from bot.chat import answers
from bot.chat.amounts import dollars
from bot.chat.commands import parse_run
from bot.chat.messages import kept, with_files
from bot.chat.request import Request
from bot.chat.rights import Rights
from bot.intake import commands as handlers
from workflows.errors import NotFound, Rejected, ThreadworkError
from workflows.files import GivenFile
from workflows.inbound import Form, Origin, Response
from workflows.sinks import Sink
from workflows.tasks import Command

PATIENCE = 1.5  # seconds for what the platform says of a channel: the command is to be acknowledged within three
THERE = "Give the command in that channel, or try again in a minute."


async def run_command(request: Request, rest: str) -> Response:
    words = parse_run(rest)
    if not words.goal:
        return answers.ask_goal()
    form = Form(goal=words.goal, agent=words.agent, model=words.model, budget=words.budget)
    sink = await _elsewhere(request, words.channel) if words.channel else request.origin.sink
    return await start(request, form, sink, where=words.channel)


async def run_form(request: Request, form: Form) -> Response:
    return await start(request, form, request.origin.sink)


async def start(request: Request, form: Form, sink: Sink, where: str = "", files: Sequence[GivenFile] = ()) -> Response:
    """A new task whose thread is at the sink; `files` beside those of the form, which the goal names already.

    Raises `Rejected` for what makes no sense, before it is written down."""
    command = await _order(request, form, sink, (*kept(form.files), *files))
    intake = await request.write_down(command)
    return answers.started(form.goal or with_files("", form.files), intake.task_id, where)


async def _order(request: Request, form: Form, sink: Sink, files: Sequence[GivenFile]) -> Command:
    try:
        return await handlers.run(
            request.ports,
            request.caller,
            with_files(form.goal, form.files),
            agent=form.agent.strip() or "default",
            model=form.model.strip() or None,
            budget_usd=dollars(form.budget) if form.budget.strip() else None,
            sink=sink,
            joined=bool(request.origin.sink.thread and sink == request.origin.sink),
            private=request.origin.direct and sink.channel == request.origin.sink.channel,
            files=files,
        )
    except NotFound as error:  # an agent there is not: the person's mistake like any other
        raise Rejected(error.detail, error.hint) from None


async def _elsewhere(request: Request, written: str) -> Sink:
    """The channel that `--in` names: one that whoever belongs here may read, or that the person speaks in."""
    sink = _named_channel(request.origin, written)
    if sink.channel == request.origin.sink.channel:
        return sink
    try:
        async with asyncio.timeout(PATIENCE):
            may = await _is_theirs(request, sink)
    except (TimeoutError, ThreadworkError):
        raise Rejected("Nobody can say right now whether you are in that channel.", THERE) from None
    if not may:
        raise Rejected("You are not in that channel, or the app is not.", THERE)
    return sink


async def _is_theirs(request: Request, sink: Sink) -> bool:
    by, channels = request.origin.by, request.ports.channels
    belongs = await Rights(by, request.ports.directory).among(("*",))
    return (belongs and await channels.kind(sink) == "public") or await channels.speaks(by.user_id, sink)


def _named_channel(origin: Origin, written: str) -> Sink:
    """The channel that `--in` names, as the platform resolved it. Raises `Rejected`."""
    wanted = {part.lstrip("#").lower() for part in written.strip("<>").split("|")}
    for name, channel in origin.channels:
        if wanted & {name.lstrip("#").lower(), channel.lower()}:
            return Sink(platform=origin.sink.platform, workspace=origin.sink.workspace, channel=channel)
    shown = written.strip("<>").rpartition("|")[2].lstrip("#")
    raise Rejected(
        f"I cannot find the channel #{shown}.",
        "Pick it from the list that opens as you type #, or give the command in that channel.",
    )
