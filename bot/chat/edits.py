"""Messages that their author changed, emptied or took back: what no model has read is replaced; else they are told."""

from collections.abc import Awaitable, Callable
from typing import Any

from threadwork.bot.chat.context import Context, Order, Routed
from threadwork.bot.chat.lines import control_word
from threadwork.bot.chat.messages import with_edit
from threadwork.bot.dependencies import BotDependencies
from threadwork.bot.intake import commands
from threadwork.bot.threads import Threads
from threadwork.workflows.cards import QuestionCard
from threadwork.workflows.domain.texts import GOAL_REF, TAKEN_BACK
from threadwork.workflows.errors import NotFound
from threadwork.workflows.inbound import MessageEdit, MessageSource, Response
from threadwork.workflows.messages import FollowUp
from threadwork.workflows.tasks import Command, Intake, Reply, RunOrder
from threadwork.workflows.texts import clean
from threadwork.workflows.values import Value, preview

READ = "The agent has already read the first version; write what should change."
WITHDRAWN = "Its author took this message back."  # why a line is not told, or a task stopped


async def route(context: Context, edit: MessageEdit) -> Routed:
    """None: there is nothing to say, because it took effect, or was none of ours."""
    source = context.source
    intake = await context.ports.intake.get(source.by.platform, message_key(source, edit.message_id))
    change = CHANGES.get(type(intake.command.action)) if intake else None
    return await change(context, intake, edit) if intake and change else None


def message_key(source: MessageSource, message_id: str) -> str:
    """The key under which a message of the channel came in: `{channel}:{message}`."""
    return f"{source.sink.channel}:{message_id}"


def _too_late() -> Response:
    return Response(text=READ, tone="warning")


def _now(before: str, edit: MessageEdit) -> tuple[str | None, bool]:
    """What the message says now; None: it is gone, or nothing is left of it. And whether that is to stop: such a line
    is for no agent."""
    text = None if edit.text is None else with_edit(before, clean(edit.text)) or None
    stops = text is not None and control_word(text) == "stop"
    return None if stops else text, stops


# --- replies -------------------------------------------------------------------------------------------


async def _reply(context: Context, intake: Intake, edit: MessageEdit) -> Routed:
    action, ports = intake.command.action, context.ports
    assert isinstance(action, Reply)  # by the table
    message, (text, stops) = action.message, _now(action.text, edit)
    if (text or TAKEN_BACK) == await _stored(ports, intake.task_id, message.ref):  # a preview of a link was added, say
        return None
    answered = await _was_an_answer(context.threads, intake, message)
    changed = await ports.transcript.amend(intake.task_id, message.ref, text, edit.at)
    if answered or not changed:
        return _too_late()
    await _change_command(ports, intake, message)
    return Order(commands.stop(context.caller, intake.task_id), quiet=True) if stops else None


async def _change_command(ports: BotDependencies, intake: Intake, message: FollowUp) -> None:
    """Nobody may have been told of the line yet: Temporal is away, say, or its author is asked what it is for.

    Edits come at once, and in any order: what is stored is the newest, until nothing newer came meanwhile."""
    known = None
    while (now := await _stored(ports, intake.task_id, message.ref)) != known:
        known = now
        if now == TAKEN_BACK:
            await ports.intake.finish(intake.intake_id, refused=WITHDRAWN)
        else:
            await ports.intake.amend(_saying(intake.command, str(now)))


def _saying(command: Command, text: str) -> Command:
    action = command.action
    assert isinstance(action, Reply)  # by the table
    message = action.message.model_copy(update={"preview": preview(text)})
    return command.model_copy(update={"action": action.model_copy(update={"message": message, "text": text})})


async def _stored(ports: BotDependencies, task_id: str, ref: str) -> Any:
    try:
        return (await ports.transcript.get(task_id, ref)).body.get("content")
    except NotFound:
        return None


async def _was_an_answer(threads: Threads, intake: Intake, message: FollowUp) -> bool:
    """A reply that answered a question was handed over with it."""
    view = await threads.view(intake.task_id)
    return any(
        isinstance(card, QuestionCard)
        and card.by is not None
        and (card.by.key, card.answer) == (message.by.key, preview(message.preview))
        for card in view.cards
    )


# --- goals ---------------------------------------------------------------------------------------------


async def _goal(context: Context, intake: Intake, edit: MessageEdit) -> Routed:
    """Without a goal there is nothing to do: the task is stopped, before its agent has read a word."""
    action, ports = intake.command.action, context.ports
    assert isinstance(action, RunOrder)  # by the table
    if (await ports.tasks.get(intake.task_id)).status.ended:
        return None
    (text, stops), stored = _now(action.order.goal, edit), await _stored(ports, intake.task_id, GOAL_REF)
    if text == stored:
        return None
    if not await ports.transcript.amend(intake.task_id, GOAL_REF, text, edit.at):
        return _too_late()
    return Order(_stop(context, intake, "" if stops else WITHDRAWN), quiet=True) if text is None else None


def _stop(context: Context, intake: Intake, reason: str) -> Command:
    """By whoever wrote the goal: platforms do not say who took a message away."""
    author = context.caller.model_copy(update={"by": intake.command.by})
    return commands.stop(author, intake.task_id, reason=reason)


Change = Callable[[Context, Intake, MessageEdit], Awaitable[Routed]]
CHANGES: dict[type[Value], Change] = {Reply: _reply, RunOrder: _goal}
