"""Messages that their author changed or took back."""

from collections.abc import Awaitable, Callable
from typing import Any

from threadwork.bot.chat.context import Context
from threadwork.bot.chat.messages import unaddressed, with_edit
from threadwork.bot.dependencies import BotDependencies
from threadwork.bot.threads import Threads
from threadwork.workflows.cards import QuestionCard
from threadwork.workflows.errors import NotFound
from threadwork.workflows.inbound import MessageEdit, MessageSource, Response
from threadwork.workflows.messages import FollowUp
from threadwork.workflows.tasks import Intake, Reply, RunOrder
from threadwork.workflows.texts import clean
from threadwork.workflows.values import Value, preview

READ = "The agent has read this message already. Write a new reply to change course."
GOAL = "The task goes on with the goal as it was. Reply in its thread to change course."


async def route(context: Context, edit: MessageEdit) -> Response | None:
    """None: there is nothing to say, because it took effect, or was none of ours."""
    source = context.source
    intake = await context.ports.intake.get(source.by.platform, message_key(source, edit.message_id))
    change = CHANGES.get(type(intake.command.action)) if intake else None
    return await change(context, intake, edit) if intake and change else None


def message_key(source: MessageSource, message_id: str) -> str:
    """The key under which a message of the channel came in: `{channel}:{message}`."""
    return f"{source.sink.channel}:{message_id}"


async def _reply(context: Context, intake: Intake, edit: MessageEdit) -> Response | None:
    action = intake.command.action
    assert isinstance(action, Reply)  # by the table
    message = action.message
    text = None if edit.text is None else with_edit(action.text, clean(edit.text))
    stored = await _stored(context.ports, intake.task_id, message.ref)
    if text == stored:  # a preview of a link was added, say
        return None
    if await _was_an_answer(context.threads, intake, message):
        return Response(text=READ, tone="warning")
    changed = await context.ports.transcript.amend(intake.task_id, message.ref, text, edit.at)
    return None if changed else Response(text=READ, tone="warning")


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


async def _goal(context: Context, intake: Intake, edit: MessageEdit) -> Response | None:
    action = intake.command.action
    assert isinstance(action, RunOrder)  # by the table
    if edit.text is not None and action.order.goal.startswith(unaddressed(clean(edit.text))):
        return None
    ended = (await context.ports.tasks.get(intake.task_id)).status.ended
    return None if ended else Response(text=GOAL, tone="warning")


Change = Callable[[Context, Intake, MessageEdit], Awaitable[Response | None]]
CHANGES: dict[type[Value], Change] = {Reply: _reply, RunOrder: _goal}
