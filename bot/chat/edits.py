"""Messages that their author changed, emptied or took back: what no model has read is replaced; else they are told."""

from collections.abc import Awaitable, Callable
from typing import Any

from threadwork.bot.chat.context import Context, Order, Routed
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


def _now(before: str, edit: MessageEdit) -> str | None:
    """What the message says now. None: it is gone, or nothing is left of it."""
    return None if edit.text is None else with_edit(before, clean(edit.text)) or None


# --- replies -------------------------------------------------------------------------------------------


async def _reply(context: Context, intake: Intake, edit: MessageEdit) -> Routed:
    action, ports = intake.command.action, context.ports
    assert isinstance(action, Reply)  # by the table
    message, text = action.message, _now(action.text, edit)
    if (text or TAKEN_BACK) == await _stored(ports, intake.task_id, message.ref):  # a preview of a link was added, say
        return None
    answered = await _was_an_answer(context.threads, intake, message)
    changed = await ports.transcript.amend(intake.task_id, message.ref, text, edit.at)
    if answered or not changed:
        return _too_late()
    await _change_command(ports, intake, text)
    return None


async def _change_command(ports: BotDependencies, intake: Intake, text: str | None) -> None:
    """Nobody may have been told of the line yet: Temporal is away, say, or its author is asked what it is for."""
    command, action = intake.command, intake.command.action
    assert isinstance(action, Reply)  # by the table
    if text is None:
        await ports.intake.finish(intake.intake_id, refused=WITHDRAWN)
        return
    message = action.message.model_copy(update={"preview": preview(text)})
    said = action.model_copy(update={"message": message, "text": text})
    await ports.intake.amend(command.model_copy(update={"action": said}))


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
    text, stored = _now(action.order.goal, edit), await _stored(ports, intake.task_id, GOAL_REF)
    if text == stored:
        return None
    if not await ports.transcript.amend(intake.task_id, GOAL_REF, text, edit.at):
        return _too_late()
    return Order(_stop(context, intake), quiet=True) if text is None else None


def _stop(context: Context, intake: Intake) -> Command:
    """By whoever wrote the goal: platforms do not say who took a message away."""
    author = context.caller.model_copy(update={"by": intake.command.by})
    return commands.stop(author, intake.task_id, reason=WITHDRAWN)


Change = Callable[[Context, Intake, MessageEdit], Awaitable[Routed]]
CHANGES: dict[type[Value], Change] = {Reply: _reply, RunOrder: _goal}
