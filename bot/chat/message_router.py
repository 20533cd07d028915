"""Messages in threads and to the bot: a stop, a follow-up, a command, a new task, or nothing to us."""

from bot.chat import command_table, link, notify
from bot.chat.clicks import outcome, shown_by_thread
from bot.chat.commands import parse
from bot.chat.exact_words import USAGE, fits
from bot.chat.messages import bare, is_stop, kept, unaddressed, with_context, with_files
from bot.chat.request import Request
from bot.chat.rights import may_talk_to
from bot.chat.starts import start
from bot.intake import commands as handlers
from workflows.errors import NotFound, ThreadworkError
from workflows.inbound import Form, Line, Response, Said, ThreadSource
from workflows.signals import NOT_RUN
from workflows.tasks import TaskFilter, TaskRecord
from workflows.values import Status

ENDED = "The task has ended already."
UNREAD = Line(name="Threadwork", text="(The earlier messages could not be read.)")
ROOT = "/status/0"  # how the mark of a thread's root ends, after the task's id


async def hear(request: Request, said: Said, thread: ThreadSource) -> Response | None:
    """None: it is none of ours, or the thread shows what comes of it."""
    task = await _task(request, thread)
    if task is None:
        return await _addressed(request, said, thread) if said.mentioned else None
    if is_stop(said.text) and not said.files:
        return await _stop(request, task, said)
    if (
        said.mentioned
        and not request.origin.direct
        and (command := _decision(task, said) or _command(said)) is not None
    ):
        return await command_table.answer(request, command)
    return await _reply(request, task, said)


async def stop(request: Request, message_id: str) -> Response | None:
    """A sign that means stop, on the root of a thread or on a status card."""
    where = request.origin.sink.model_copy(update={"thread": message_id})
    task = await request.ports.tasks.in_thread(where)
    if task is None or task.status.ended:
        return None
    return await outcome(request, handlers.stop(request.caller, task.task_id, moment=request.origin.moment))


# --- whose thread it is ------------------------------------------------------------------------------


async def _task(request: Request, thread: ThreadSource) -> TaskRecord | None:
    sink = request.origin.sink
    if not sink.thread:
        return None
    return await request.ports.tasks.in_thread(sink) or await _marked(request, thread)


async def _marked(request: Request, thread: ThreadSource) -> TaskRecord | None:
    """The platform is asked only where a task of the channel may have posted a root that is not recorded yet."""
    sink = request.origin.sink
    open_here = await request.ports.tasks.list(TaskFilter(channel=sink, open_only=True))
    if all(task.sink is None or task.sink.thread for task in open_here):
        return None
    mark = await thread.root_mark()
    named = mark.removesuffix(ROOT) if mark.endswith(ROOT) else ""
    return next((task for task in open_here if task.task_id == named), None)


# --- a task's thread ---------------------------------------------------------------------------------


async def _stop(request: Request, task: TaskRecord, said: Said) -> Response | None:
    """It stops what was said before it, not what came after, even where it is delivered late."""
    if task.status.ended:
        quiet = not said.mentioned and await _is_joined(request, task)
        return None if quiet else Response(text=ENDED, tone="warning")
    click = handlers.stop(request.caller, task.task_id, moment=request.origin.key)
    return shown_by_thread(await outcome(request, click))


async def _reply(request: Request, task: TaskRecord, said: Said) -> Response | None:
    """A follow-up. In a thread that was there before the task, what is said after its end is for others."""
    joined = not said.mentioned and await _is_joined(request, task)
    if joined and task.status.ended:
        return None
    text = with_files(unaddressed(said.text) if said.mentioned else said.text, said.files)
    if not text:
        return await command_table.answer(request, "help") if said.mentioned else None
    if not await may_talk_to(request.ports, request.origin.by, task):
        return None if joined else Response(text=NOT_RUN, tone="warning")
    await request.write_down(handlers.reply(request.caller, task.task_id, text, kept(said.files)))
    return None


async def _is_joined(request: Request, task: TaskRecord) -> bool:
    """Whether people talked in the thread before the task came."""
    try:
        return (await request.ports.tasks.order(task.task_id)).joined
    except NotFound:
        return False


# --- to the bot, where no task is --------------------------------------------------------------------


async def _addressed(request: Request, said: Said, thread: ThreadSource) -> Response | None:
    command = "stop" if is_stop(said.text) else _command(said)
    if command is not None:
        return await command_table.answer(request, command)
    sink = request.origin.sink
    where = sink if sink.thread else sink.model_copy(update={"thread": said.message_id})
    goal = with_files(unaddressed(said.text), said.files)
    earlier = await _earlier(thread) if sink.thread else ()
    await start(request, Form(goal=with_context(goal, earlier)), where, files=kept(said.files))
    return None


async def _earlier(thread: ThreadSource) -> tuple[Line, ...]:
    try:
        return tuple(await thread.earlier())
    except ThreadworkError:
        return (UNREAD,)


def _decision(task: TaskRecord, said: Said) -> str | None:
    """While the task waits for an approval, what begins like a decision is one: read as a reply it would withdraw what
    it was to decide. What it cannot be is refused, and nothing is changed."""
    text = unaddressed(said.text)
    waits = task.status is Status.WAITING_APPROVAL and not said.files
    return (_exact(said) or text) if waits and parse(text).word in USAGE else None


def _command(said: Said) -> str | None:
    """A mention that holds a command word alone, or nothing; anything longer is meant for an agent."""
    text = bare(said.text)
    found = parse(text)
    if not text:
        return None if said.files else "help"
    alone = found.known and not found.rest
    listing = found.word == "list" and found.rest in command_table.LISTS
    if notify.is_meant(found) or link.is_meant(found):
        return unaddressed(said.text)  # names of people and channels in it keep their case
    return _exact(said) or (text if alone or listing else None)


def _exact(said: Said) -> str | None:
    """A decision or a control in full. With somebody's name before it, it is said to them."""
    whole = unaddressed(said.text)
    for text in (whole, whole.rstrip(".!")) if not said.files else ():
        words = parse(text)
        if words.rest and fits(words.word, words.rest):
            return text
    return None
