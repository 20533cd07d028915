"""Lines in the threads of tasks: what each does is for `workflows.manners` to say, and is done here."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from threadwork.bot.chat import commands as slash_commands
from threadwork.bot.chat import held_lines
from threadwork.bot.chat.commands import decisions
from threadwork.bot.chat.context import Context, Order, Routed
from threadwork.bot.chat.follow_ups import MODES, follow_ups, set_follow_ups
from threadwork.bot.chat.lines import line_of
from threadwork.bot.chat.lists import always_item, approval_item, approval_list
from threadwork.bot.chat.messages import kept, unaddressed, with_context, with_files
from threadwork.bot.chat.places import same_channel
from threadwork.bot.chat.rights import Rights, agent_of, may_talk_to
from threadwork.bot.intake import commands
from threadwork.workflows.cards import ApprovalCard, QuestionCard, ThreadView
from threadwork.workflows.errors import NotFound, ThreadworkError
from threadwork.workflows.inbound import IncomingMessage, Response, SlashCommand
from threadwork.workflows.manners import Line, Thread, Verdict, judge
from threadwork.workflows.signal_rights import NOT_RUN
from threadwork.workflows.tasks import TaskRecord, WaitingApproval
from threadwork.workflows.values import Status

ENDED = "The task has ended already."
NOT_HEARD = "Replies are off here: the agent is told of none. Its buttons and `stop` work as always."
CHOOSE = "Choose for whose tasks it is allowed, and until when. Nothing is decided yet."
STILL_TALKING = timedelta(hours=1)  # after its end, in which the requester's next line is for the task


@dataclass(frozen=True)
class ThreadLine:
    """A line, the task it is for, and what it does there."""

    message: IncomingMessage
    task: TaskRecord
    view: ThreadView
    line: Line
    verdict: Verdict

    @property
    def text(self) -> str:
        message = self.message
        typed = with_files(unaddressed(message.text) if message.mentioned else message.text, message.files)
        return with_context(typed, (), message.about)


async def route(context: Context, tasks: Sequence[TaskRecord], message: IncomingMessage) -> Routed:
    """Several tasks share a thread: the line is for the first that it does something for."""
    read = [await _read(context, task, message) for task in await _in_turn(context, tasks, message)]
    said = next((one for one in read if one.verdict not in ("unheard", "go_on_with_this")), read[0])
    return await HANDLERS[said.verdict](context, said)


# --- whose line it is ----------------------------------------------------------------------------------


async def _in_turn(context: Context, tasks: Sequence[TaskRecord], message: IncomingMessage) -> list[TaskRecord]:
    """The task whose card is answered; then those that ask something; then whichever spoke last."""
    if len(tasks) == 1:
        return [*tasks]
    answered = {task.task_id for task in tasks if message.answers and await _posted(context, task, message)}

    def rank(task: TaskRecord) -> tuple[bool, bool, bool, datetime]:
        asks = task.status is Status.WAITING_ANSWER
        return (task.task_id in answered, asks, not task.status.ended, task.updated_at)

    return sorted(tasks, key=rank, reverse=True)


async def _posted(context: Context, task: TaskRecord, message: IncomingMessage) -> bool:
    """Whether the message that is answered is one of the task's."""
    deliveries, here = context.ports.deliveries, context.source.sink
    sinks = [sink for sink in await deliveries.sinks(task.task_id) if same_channel(sink, here)]
    rows = [row for sink in sinks for row in await deliveries.rows(task.task_id, sink.key)]
    return any(row.message_id == message.answers for row in rows)


async def _read(context: Context, task: TaskRecord, message: IncomingMessage) -> ThreadLine:
    view = await context.threads.view(task.task_id)
    mine = await Rights(context.source.by, context.ports.directory).is_me(task.by)
    line = line_of(message, by_requester=mine, right_after=await _right_after(context, message, view, mine))
    thread = await _thread(context, task, view)
    return ThreadLine(message=message, task=task, view=view, line=line, verdict=judge(line, thread))


async def _thread(context: Context, task: TaskRecord, view: ThreadView) -> Thread:
    question = next((card for card in view.cards if isinstance(card, QuestionCard) and card.state == "open"), None)
    agent = await agent_of(context.ports, task)
    return Thread(
        ended=task.status.ended,
        joined=await _is_joined(context, task),
        follow_ups=await follow_ups(context, task, agent),
        approvals=len(_pending(view)),
        asks=question is not None,
        options=question.options if question else (),
    )


async def _is_joined(context: Context, task: TaskRecord) -> bool:
    """Whether people talked in the thread before the task came."""
    try:
        return (await context.ports.tasks.order(task.task_id)).joined
    except NotFound:
        return False


async def _right_after(context: Context, message: IncomingMessage, view: ThreadView, mine: bool) -> bool:
    """An approval waits, or the requester's task ended just now, and nobody has said anything since. The platform is
    asked only where it matters."""
    ended = view.status.ended_at
    if ended is not None and mine and datetime.now(UTC) - ended < STILL_TALKING:
        return await _nobody_spoke(message, ended, but=context.source.by.name)
    asked = [card for card in _pending(view) if card.asked_at]
    if asked and line_of(message).loosely:
        return await _nobody_spoke(message, max(card.asked_at for card in asked if card.asked_at))
    return False


async def _nobody_spoke(message: IncomingMessage, since: datetime, but: str = "") -> bool:
    try:
        earlier = await message.thread.earlier()
    except ThreadworkError:
        return False
    return all(one.at is not None and (one.at <= since or one.name == but) for one in earlier)


def _pending(view: ThreadView) -> list[ApprovalCard]:
    return [card for card in view.cards if isinstance(card, ApprovalCard) and card.state == "pending"]


# --- what it does -----------------------------------------------------------------------------------------


async def _nothing(context: Context, said: ThreadLine) -> Routed:
    return None


async def _unheard(context: Context, said: ThreadLine) -> Routed:
    asked = said.message.mentioned and not said.task.status.ended
    return Response(text=NOT_HEARD, tone="warning") if asked else None


async def _control(context: Context, said: ThreadLine) -> Routed:
    """A stop ends what was said before it, not what came after, even where it is delivered late."""
    if mode := MODES.get(said.line.control):
        return await set_follow_ups(context, said.task, mode)
    if said.line.control != "stop":
        return await slash_commands.route(context, _typed(context, f"{said.line.control} {said.task.task_id}"))
    if said.task.status.ended:
        quiet = not said.message.mentioned and await _is_joined(context, said.task)
        return None if quiet else Response(text=ENDED, tone="warning")
    return Order(commands.stop(context.caller, said.task.task_id, moment=context.source.key), quiet=True)


def _typed(context: Context, text: str) -> SlashCommand:
    return SlashCommand(source=context.source, text=text)


async def _decide(context: Context, said: ThreadLine) -> Routed:
    line = said.line
    number = line.number or _pending(said.view)[0].approval_id
    words = f"{line.task or said.task.task_id} {number}" + (f": {line.reason}" if line.reason else "")
    return await decisions.handle(context, line.decision, words)


async def _choose_always(context: Context, said: ThreadLine) -> Routed:
    """What is given for good is chosen in a form, which a button opens."""
    number = said.line.number or _pending(said.view)[0].approval_id
    waiting = [one for one in _waiting(said) if one.card.approval_id == number]
    if not waiting:
        return Response(text=f"No approval {number} waits here.", tone="warning")
    return Response(text=CHOOSE, tone="warning", items=tuple(always_item(one, context.source) for one in waiting))


async def _which_approval(context: Context, said: ThreadLine) -> Routed:
    word = "always allow" if said.line.decision == "always" else said.line.decision
    how = f" Press a button, or write `{word} <number>`."
    return approval_list(_waiting(said), context.source, how=how)


async def _did_you_mean(context: Context, said: ThreadLine) -> Routed:
    """A yes that came after other words may be for those."""
    items = tuple(approval_item(one, context.source) for one in _waiting(said))
    return Response(text="Did you mean this approval? Nothing is decided yet.", tone="warning", items=items)


def _waiting(said: ThreadLine) -> list[WaitingApproval]:
    return [WaitingApproval(task=said.task, card=card) for card in _pending(said.view)]


async def _reply(context: Context, said: ThreadLine) -> Routed:
    return await _for_the_agent(context, said, held=False)


async def _ask(context: Context, said: ThreadLine) -> Routed:
    return await _for_the_agent(context, said, held=True)


async def _for_the_agent(context: Context, said: ThreadLine, held: bool) -> Routed:
    if not said.text:
        return await slash_commands.route(context, _typed(context, "help")) if said.message.mentioned else None
    if not await may_talk_to(context.ports, context.source.by, said.task):
        quiet = held or (not said.message.mentioned and await _is_joined(context, said.task))
        return None if quiet else Response(text=NOT_RUN, tone="warning")
    files = kept(said.message.files, said.message.about)
    command = commands.reply(context.caller, said.task.task_id, said.text, files, addressed=said.message.mentioned)
    if held:
        return Order(command, ask=held_lines.question(context, said.task, said.verdict == "go_on_with_this"))
    return Order(command, quiet=True)


HANDLERS: dict[Verdict, Callable[[Context, ThreadLine], Awaitable[Routed]]] = {
    "control": _control,
    "aside": _nothing,
    "decide": _decide,
    "choose_always": _choose_always,
    "which_approval": _which_approval,
    "did_you_mean": _did_you_mean,
    "unheard": _unheard,
    "answer": _reply,
    "is_it_the_answer": _ask,
    "follow_up": _reply,
    "go_on_with_this": _ask,
}
