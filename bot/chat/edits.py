"""Messages that their author changed or took back."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from bot.chat.messages import unaddressed, with_edit
from bot.dependencies import BotDependencies
from bot.threads import Threads
from workflows.cards import QuestionCard
from workflows.errors import NotFound
from workflows.inbound import Origin, Response
from workflows.messages import FollowUp
from workflows.tasks import Intake, Reply, RunOrder
from workflows.values import Value, preview

READ = "The agent has read this message already. Write a new reply to change course."
GOAL = "The task goes on with the goal as it was. Reply in its thread to change course."


class Amendment(Value):
    text: str | None  # None: taken back
    at: datetime


async def amend(
    ports: BotDependencies, threads: Threads, origin: Origin, message_id: str, amendment: Amendment
) -> Response | None:
    """None: there is nothing to say, because it took effect, or was none of ours."""
    intake = await ports.inbox.get(origin.by.platform, message_key(origin, message_id))
    change = AMENDED.get(intake.command.action.kind) if intake else None
    return await change(ports, threads, intake, amendment) if intake and change else None


def message_key(origin: Origin, message_id: str) -> str:
    """The key under which a message of the channel came in: `{channel}:{message}`."""
    return f"{origin.sink.channel}:{message_id}"


async def _reply(ports: BotDependencies, threads: Threads, intake: Intake, amendment: Amendment) -> Response | None:
    action = intake.command.action
    assert isinstance(action, Reply)  # by the table
    message = action.message
    text = None if amendment.text is None else with_edit(action.text, amendment.text)
    stored = await _stored(ports, intake.task_id, message.ref)
    if text == stored:  # a preview of a link was added, say
        return None
    if await _was_an_answer(threads, intake, message):
        return Response(text=READ, tone="warning")
    changed = await ports.transcript.amend(intake.task_id, message.ref, text, amendment.at)
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


async def _goal(ports: BotDependencies, threads: Threads, intake: Intake, amendment: Amendment) -> Response | None:
    action = intake.command.action
    assert isinstance(action, RunOrder)  # by the table
    if amendment.text is not None and action.order.goal.startswith(unaddressed(amendment.text)):
        return None
    ended = (await ports.tasks.get(intake.task_id)).status.ended
    return None if ended else Response(text=GOAL, tone="warning")


Change = Callable[[BotDependencies, Threads, Intake, Amendment], Awaitable[Response | None]]
AMENDED: dict[str, Change] = {"follow_up": _reply, "run": _goal}
