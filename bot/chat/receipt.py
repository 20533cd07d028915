"""What a person is told of a command, once it is stored: it follows from the stored row, so that a redelivery is
answered like the first delivery."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from threadwork.adapters.wording.decision_words import DECIDED
from threadwork.bot.chat import answers, direct
from threadwork.bot.chat.context import Context
from threadwork.bot.chat.messages import typed_part
from threadwork.bot.chat.names import channel_name
from threadwork.bot.intake.outcomes import RECORDED, Refused, await_outcome
from threadwork.workflows.errors import NotFound, Rejected
from threadwork.workflows.inbound import Response
from threadwork.workflows.tasks import AddBudget, Answer, Decide, Feedback, Intake, Pause, Reply, Resume, RunOrder, Stop
from threadwork.workflows.values import Value

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Told:
    """Nothing was to be stored."""

    response: Response | None

    async def answer(self) -> Response | None:
        return self.response


@dataclass(frozen=True)
class Stored:
    """A command that is safe. `quiet`: what the thread shows anyway is not told."""

    context: Context
    intake: Intake
    quiet: bool = False

    async def answer(self) -> Response | None:
        try:
            response = await ANSWERS[type(self.intake.command.action)](self.context, self.intake)
        except (Rejected, NotFound) as error:
            response = refusal(error)
        except Exception as error:
            _log.warning("answer_lost", error=type(error).__name__, platform=self.context.source.by.platform)
            response = Response(text=RECORDED)
        return shown_by_thread(response) if self.quiet else response


def refusal(error: Rejected | NotFound) -> Response:
    return Response(text=str(error), tone="warning")


def shown_by_thread(response: Response | None) -> Response | None:
    """None for what the thread shows anyway; refusals and what has not happened yet must be said."""
    is_news = response is not None and (response.tone == "warning" or response.text == RECORDED)
    return response if is_news else None


# --- by what was wanted ----------------------------------------------------------------------------------


async def _started(context: Context, intake: Intake) -> Response:
    action = intake.command.action
    assert isinstance(action, RunOrder)  # by the table
    if intake.state == "held":
        return direct.offer(intake.command)
    where = action.order.sink
    elsewhere = where is not None and where.channel != context.source.sink.channel
    named = channel_name(context.source, where.channel) if where and elsewhere else ""
    place = "your direct messages" if elsewhere and action.order.private else named
    return answers.started(typed_part(action.order.goal), intake.task_id, place)


async def _shown(context: Context, intake: Intake) -> Response | None:
    """The thread shows a follow-up; whoever was asked what a line is for sees that the click counted."""
    action = intake.command.action
    asked = isinstance(action, Reply) and action.message.confirmed
    return Response(text="Got it: the agent reads it next.") if asked else None


async def _thanked(context: Context, intake: Intake) -> Response:
    return answers.THANKS


async def _outcome(context: Context, intake: Intake) -> Response:
    """What the run says of it; after two seconds that it is recorded."""
    try:
        outcome = await await_outcome(context.ports, intake)
    except Refused as refused:
        return Response(text=await _decided_before(context, intake) or str(refused), tone="warning")
    return Response(text=outcome.detail)


async def _decided_before(context: Context, intake: Intake) -> str:
    """Who decided it before: a run that has ended says only that it has."""
    action = intake.command.action
    if not isinstance(action, Decide):
        return ""
    key = f"approval:{action.click.approval_id}"
    cards = (await context.threads.view(action.task_id)).cards
    card = next((card for card in cards if card.key == key and card.kind == "approval"), None)
    if card is None or card.state not in DECIDED or not (card.by and card.decided_at):
        return ""
    return f"{DECIDED[card.state]} already by {card.by.shown} at {card.decided_at:%H:%M} UTC."


ANSWERS: dict[type[Value], Callable[[Context, Intake], Awaitable[Response | None]]] = {
    RunOrder: _started,
    Reply: _shown,
    Feedback: _thanked,
    **dict.fromkeys((Pause, Resume, Stop, Decide, Answer, AddBudget), _outcome),
}
