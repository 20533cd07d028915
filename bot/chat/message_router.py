"""Messages in threads and to the bot: a stop, a follow-up, a command, a new task, or nothing to us."""

from collections.abc import Sequence

from threadwork.bot.chat import commands as slash_commands
from threadwork.bot.chat import thread_lines
from threadwork.bot.chat.commands import link, notify
from threadwork.bot.chat.commands.list import LISTS
from threadwork.bot.chat.commands.run import order
from threadwork.bot.chat.context import Context, Order, Routed
from threadwork.bot.chat.exact_words import USAGE, fits
from threadwork.bot.chat.lines import control_word, words_of
from threadwork.bot.chat.messages import SEE_BELOW, bare, kept, unaddressed, with_context, with_files
from threadwork.bot.chat.questions import question_item
from threadwork.bot.chat.words import parse
from threadwork.bot.intake import commands
from threadwork.workflows.errors import ThreadworkError
from threadwork.workflows.inbound import (
    IncomingMessage,
    Response,
    SlashCommand,
    StartForm,
    StopReaction,
    ThreadMessage,
    ThreadSource,
)
from threadwork.workflows.tasks import TaskFilter, TaskRecord
from threadwork.workflows.values import Status

ENDED = "The task has ended already."
UNREAD = ThreadMessage(name="Threadwork", text="(The earlier messages could not be read.)")
ROOT = "/status/0"  # how the mark of a thread's root ends, after the task's id


async def route(context: Context, said: IncomingMessage) -> Routed:
    """None: it is none of ours, or the thread shows what comes of it."""
    tasks = await _tasks(context, said.thread)
    if not tasks:
        return await _addressed(context, said) if said.mentioned else None
    command = _command_in(said) if said.mentioned and not context.source.direct else None
    if command is None or _is_for_the_thread(said):
        return await thread_lines.route(context, tasks, said)
    return await _command(context, command)


def _is_for_the_thread(said: IncomingMessage) -> bool:
    """A control word or a decision, of the task whose thread it is."""
    return bool(control_word(words_of(said))) or parse(bare(words_of(said))).word in USAGE


async def stop(context: Context, sign: StopReaction) -> Routed:
    """A sign that means stop, on the root of a thread or on a status card."""
    where = context.source.sink.model_copy(update={"thread": sign.message_id})
    task = await context.ports.tasks.in_thread(where)
    if task is None or task.status.ended:
        return None
    return Order(commands.stop(context.caller, task.task_id, moment=context.source.moment))


# --- whose thread it is ------------------------------------------------------------------------------


async def _tasks(context: Context, thread: ThreadSource) -> Sequence[TaskRecord]:
    sink = context.source.sink
    if not sink.thread:
        return ()
    if found := await context.ports.tasks.all_in_thread(sink):
        return found
    marked = await _marked(context, thread)
    return (marked,) if marked else ()


async def _marked(context: Context, thread: ThreadSource) -> TaskRecord | None:
    """The platform is asked only where a task of the channel may have posted a root that is not recorded yet."""
    sink = context.source.sink
    open_here = await context.ports.tasks.list(TaskFilter(channel=sink, open_only=True))
    if all(task.sink is None or task.sink.thread for task in open_here):
        return None
    mark = await thread.root_mark()
    named = mark.removesuffix(ROOT) if mark.endswith(ROOT) else ""
    return next((task for task in open_here if task.task_id == named), None)


# --- to the bot, where no task is --------------------------------------------------------------------


async def _addressed(context: Context, said: IncomingMessage) -> Routed:
    command = control_word(words_of(said)) or _command_in(said)
    if command is not None:
        return await _command(context, command)
    if context.source.direct and (asking := await _asking_here(context)):
        return await _answer(context, said, asking)
    sink = context.source.sink
    where = sink if sink.thread else sink.model_copy(update={"thread": said.message_id})
    goal = with_files(unaddressed(said.text), said.files) or SEE_BELOW
    earlier = await _earlier(said.thread) if sink.thread else ()
    form = StartForm(goal=with_context(goal, earlier, said.about))
    return await order(context, form, where, kept(said.files, (*earlier, *said.about)), by_message=True)


async def _asking_here(context: Context) -> list[TaskRecord]:
    """Tasks of this conversation whose question waits: people answer below it, not in its thread."""
    tasks = await context.ports.tasks.list(TaskFilter(channel=context.source.sink, open_only=True))
    return [task for task in tasks if task.status is Status.WAITING_ANSWER]


async def _answer(context: Context, said: IncomingMessage, asking: Sequence[TaskRecord]) -> Routed:
    if len(asking) == 1:
        return await thread_lines.route(context, asking, said)
    items = tuple([await question_item(context, task) for task in asking])
    return Response(text="Which question does that answer? Press its button, or reply in its thread.", items=items)


async def _earlier(thread: ThreadSource) -> tuple[ThreadMessage, ...]:
    try:
        return tuple(await thread.earlier())
    except ThreadworkError:
        return (UNREAD,)


async def _command(context: Context, text: str) -> Routed:
    """A mention that holds a command word alone, or nothing; anything longer is meant for an agent."""
    return await slash_commands.route(context, SlashCommand(source=context.source, text=text))


def _command_in(said: IncomingMessage) -> str | None:
    """A mention that holds a command word alone, or nothing; anything longer is meant for an agent."""
    text = bare(words_of(said))
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
    whole = words_of(said)
    for text in (whole, whole.rstrip(".!")) if not said.files else ():
        words = parse(text)
        if words.rest and fits(words.word, words.rest):
            return text
    return None
