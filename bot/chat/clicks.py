"""A command whose outcome the person waits for."""

from bot.chat.request import Request
from bot.intake.outcomes import RECORDED, Refused, settle
from workflows.errors import NotFound, Rejected
from workflows.inbound import Response
from workflows.tasks import Command, Decide


def refusal(error: Rejected | NotFound) -> Response:
    return Response(text=str(error), tone="warning")


def shown_by_thread(response: Response | None) -> Response | None:
    """None for what the thread shows anyway; refusals and what has not happened yet must be said."""
    is_news = response is not None and (response.tone == "warning" or response.text == RECORDED)
    return response if is_news else None


async def outcome(request: Request, command: Command) -> Response:
    """Written down, and then what the run says of it; after two seconds that it is recorded."""
    try:
        settled = await settle(request.ports, command, store=request.store)
    except Refused as refused:
        return Response(text=await _told(request, command) or refusal(refused).text, tone="warning")
    return Response(text=settled.detail)


async def _told(request: Request, command: Command) -> str:
    """Who decided it before: a run that has ended says only that it has."""
    if not isinstance(command.action, Decide):
        return ""
    view = await request.threads.view(command.action.task_id)
    key = f"approval:{command.action.click.approval_id}"
    card = next((card for card in view.cards if card.key == key and card.kind == "approval"), None)
    if card is None or card.state not in ("approved", "denied") or not (card.by and card.decided_at):
        return ""
    return f"{card.state.capitalize()} already by {card.by.shown} at {card.decided_at:%H:%M} UTC."
