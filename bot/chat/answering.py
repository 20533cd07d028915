"""How everything is answered: a redelivery like the first time, a mistake by a sentence, a failure by the platform."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog

from bot.chat import answers
from bot.chat.clicks import outcome, refusal, shown_by_thread
from bot.chat.request import Request
from bot.intake.outcomes import RECORDED
from workflows.errors import NotFound, Rejected
from workflows.inbound import Response
from workflows.tasks import Intake, RunOrder

Answering = Callable[[Request], Coroutine[Any, Any, Response | None]]

_log = structlog.get_logger(__name__)


async def answered(request: Request, answering: Answering, form: bool = False, quiet: bool = False) -> Response | None:
    """What the person is told. Errors of the storage pass as long as nothing was written down.

    `form`: it shows what cannot be used, so `Rejected` passes as well until then. `quiet`: a redelivery is not
    answered with what the thread shows."""
    try:
        known = await request.known()
        response = await _again(request, known, quiet) if known else await answering(request)
    except (Rejected, NotFound) as error:
        if form and isinstance(error, Rejected) and not request.written.told:
            raise
        response = refusal(error)
    except Exception as error:
        if not request.written.told:
            raise
        _log.warning("answer_lost", error=type(error).__name__, platform=request.origin.by.platform)
        response = Response(text=RECORDED)
    await request.written()
    return response


async def _again(request: Request, known: Intake, quiet: bool) -> Response | None:
    """The platform delivers again what was written down: it is answered as it stands, whatever it says now."""
    await request.written()
    request.ports.poke()
    again = AGAIN.get(known.command.action.kind)
    response = await again(known) if again else await outcome(request, known.command)
    return shown_by_thread(response) if quiet else response


async def _started(known: Intake) -> Response:
    action = known.command.action
    return answers.started(action.order.goal if isinstance(action, RunOrder) else "", known.task_id)


async def _said(known: Intake) -> None:
    """The thread shows a follow-up."""


async def _thanked(known: Intake) -> Response:
    return answers.THANKS


AGAIN: dict[str, Callable[[Intake], Awaitable[Response | None]]] = {
    "run": _started,
    "follow_up": _said,
    "feedback": _thanked,
}
