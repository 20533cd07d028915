"""Messages in threads and to the bot: a stop, a follow-up, a command, a new task, or nothing to us."""

from threadwork.bot.chat import commands as slash_commands
from threadwork.bot.chat.commands import link, notify
from threadwork.bot.chat.commands.list import LISTS
from threadwork.bot.chat.commands.run import order
from threadwork.bot.chat.context import Context, Order, Routed
from threadwork.bot.chat.exact_words import USAGE, fits
from threadwork.bot.chat.messages import SEE_BELOW, bare, is_stop, kept, unaddressed, with_context, with_files
from threadwork.bot.chat.rights import may_talk_to
from threadwork.bot.chat.words import parse
from threadwork.bot.intake import commands
from threadwork.workflows.errors import NotFound, ThreadworkError
from threadwork.workflows.inbound import (
    IncomingMessage,
    Response,
    SlashCommand,
    StartForm,
    StopReaction,
    ThreadMessage,
    ThreadSource,
)
from threadwork.workflows.signal_rights import NOT_RUN
from threadwork.workflows.tasks import TaskFilter, TaskRecord
from threadwork.workflows.values import Status

ENDED = "The task has ended already."
UNREAD = ThreadMessage(name="Threadwork", text="(The earlier messages could not be read.)")
ROOT = "/status/0"  # how the mark of a thread's root ends, after the task's id


async def route(context: Context, said: IncomingMessage) -> Routed:
    """None: it is none of ours, or the thread shows what comes of it."""
    task = await _task(context, said.thread)
    if task is None:
        return await _addressed(context, said) if said.mentioned else None
    if is_stop(said.text) and not said.files:
        return await _stop(context, task, said)
    if (
        said.mentioned
        and not context.source.direct
        and (command := _decision(task, said) or _command_in(said)) is not None
    ):
        return await _command(context, command)
    return await _reply(context, task, said)


async def stop(context: Context, sign: StopReaction) -> Routed:
    """A sign that means stop, on the root of a thread or on a status card."""
    where = context.source.sink.model_copy(update={"thread": sign.message_id})
    task = await context.ports.tasks.in_thread(where)
    if task is None or task.status.ended:
        return None
    return Order(commands.stop(context.caller, task.task_id, moment=context.source.moment))


# --- whose thread it is ------------------------------------------------------------------------------


async def _task(context: Context, thread: ThreadSource) -> TaskRecord | None:
    sink = context.source.sink
    if not sink.thread:
        return None
    return await context.ports.tasks.in_thread(sink) or await _marked(context, thread)


async def _marked(context: Context, thread: ThreadSource) -> TaskRecord | None:
    """The platform is asked only where a task of the channel may have posted a root that is not recorded yet."""
    sink = context.source.sink
    open_here = await context.ports.tasks.list(TaskFilter(channel=sink, open_only=True))
    if all(task.sink is None or task.sink.thread for task in open_here):
        return None
    mark = await thread.root_mark()
    named = mark.removesuffix(ROOT) if mark.endswith(ROOT) else ""
    return next((task for task in open_here if task.task_id == named), None)


# --- a task's thread ---------------------------------------------------------------------------------


async def _stop(context: Context, task: TaskRecord, said: IncomingMessage) -> Routed:
    """It stops what was said before it, not what came after, even where it is delivered late."""
    if task.status.ended:
        quiet = not said.mentioned and await _is_joined(context, task)
        return None if quiet else Response(text=ENDED, tone="warning")
    return Order(commands.stop(context.caller, task.task_id, moment=context.source.key), quiet=True)


async def _reply(context: Context, task: TaskRecord, said: IncomingMessage) -> Routed:
    """A follow-up. In a thread that was there before the task, what is said after its end is for others."""
    joined = not said.mentioned and await _is_joined(context, task)
    if joined and task.status.ended:
        return None
    text = with_files(unaddressed(said.text) if said.mentioned else said.text, said.files)
    text = with_context(text, (), said.about)
    if not text:
        return await _command(context, "help") if said.mentioned else None
    if not await may_talk_to(context.ports, context.source.by, task):
        return None if joined else Response(text=NOT_RUN, tone="warning")
    return Order(commands.reply(context.caller, task.task_id, text, kept(said.files, said.about)), quiet=True)


async def _is_joined(context: Context, task: TaskRecord) -> bool:
    """Whether people talked in the thread before the task came."""
    try:
        return (await context.ports.tasks.order(task.task_id)).joined
    except NotFound:
        return False


# --- to the bot, where no task is --------------------------------------------------------------------


async def _addressed(context: Context, said: IncomingMessage) -> Routed:
    command = "stop" if is_stop(said.text) else _command_in(said)
    if command is not None:
        return await _command(context, command)
    sink = context.source.sink
    where = sink if sink.thread else sink.model_copy(update={"thread": said.message_id})
    goal = with_files(unaddressed(said.text), said.files) or SEE_BELOW
    earlier = await _earlier(said.thread) if sink.thread else ()
    form = StartForm(goal=with_context(goal, earlier, said.about))
    return await order(context, form, where, kept(said.files, (*earlier, *said.about)), quiet=True)


async def _earlier(thread: ThreadSource) -> tuple[ThreadMessage, ...]:
    try:
        return tuple(await thread.earlier())
    except ThreadworkError:
        return (UNREAD,)


async def _command(context: Context, text: str) -> Routed:
    """A mention that holds a command word alone, or nothing; anything longer is meant for an agent."""
    return await slash_commands.route(context, SlashCommand(source=context.source, text=text))


def _decision(task: TaskRecord, said: IncomingMessage) -> str | None:
    """While the task waits for an approval, what begins like a decision is one: read as a reply it would withdraw what
    it was to decide. What it cannot be is refused, and nothing is changed."""
    text = unaddressed(said.text)
    waits = task.status is Status.WAITING_APPROVAL and not said.files
    return (_exact(said) or text) if waits and parse(text).word in USAGE else None


def _command_in(said: IncomingMessage) -> str | None:
    """A mention that holds a command word alone, or nothing; anything longer is meant for an agent."""
    text = bare(said.text)
    found = parse(text)
    if not text:
        return None if said.files or said.about else "help"
    alone = found.known and not found.rest
    listing = found.word == "list" and found.rest in LISTS
    if notify.is_meant(found) or link.is_meant(found):
        return unaddressed(said.text)  # names of people and channels in it keep their case
    return _exact(said) or (text if alone or listing else None)


def _exact(said: IncomingMessage) -> str | None:
    """A decision or a control in full. With somebody's name before it, it is said to them."""
    whole = unaddressed(said.text)
    for text in (whole, whole.rstrip(".!")) if not said.files else ():
        words = parse(text)
        if words.rest and fits(words.word, words.rest):
            return text
    return None
