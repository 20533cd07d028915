"""Windows that were filled in: the form to start a task, and the forms behind buttons."""

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck

from adapters.chat.background import refusal
from adapters.slack.inbound.attachments import attachments
from adapters.slack.inbound.button_clicks import DECIDED
from adapters.slack.inbound.commands import author
from adapters.slack.inbound.context import Call, Desk
from adapters.slack.inbound.payload import Payload, Reach
from adapters.slack.modals.forms import errors, given, started, told, uploaded
from adapters.slack.modals.views import BadForm, State, unpacked
from workflows.buttons import Press
from workflows.errors import Rejected
from workflows.inbound import Origin, Response, Written

log = structlog.get_logger(__name__)


async def start(desk: Desk, payload: Payload, ack: AsyncAck) -> None:
    state = _state(payload)
    origin, reach = await _where(desk, payload)

    async def call(written: Written) -> Response:
        files = await attachments(desk.web, payload.token, uploaded(state))
        return await desk.listener.start(origin, started(state, files), written)

    await _submitted(desk, payload, ack, call, (origin, reach))


async def form(desk: Desk, payload: Payload, ack: AsyncAck) -> None:
    origin, reach = await _where(desk, payload)

    async def call(written: Written) -> Response:
        button = _button(payload)
        card = await desk.listener.card(origin, button) if button.verb == "edit" else None
        if button.verb == "edit" and card is None:
            raise Rejected(DECIDED)
        return await desk.listener.pressed(origin, button, written, given(button, _state(payload), card))

    await _submitted(desk, payload, ack, call, (origin, reach))


async def _submitted(desk: Desk, payload: Payload, ack: AsyncAck, call: Call, where: tuple[Origin, Reach]) -> None:
    """The window closes once what it held is written down; else it stays, and says why."""
    origin, reach = where

    async def show(said: Response) -> None:
        await desk.tell(payload, reach, said)

    try:
        await desk.attend(origin.key, call, show)
    except BadForm as error:
        await ack(response_action="errors", errors=error.errors)
    except Exception as error:
        log.info("slack_form_not_written", why=type(error).__name__)
        await _refuse(ack, _state(payload), refusal(error))
    else:
        await ack()


async def _refuse(ack: AsyncAck, state: State, sentence: str) -> None:
    """At the first input; where there is none, the window says nothing else."""
    at = errors(state, sentence)
    if at:
        await ack(response_action="errors", errors=at)
    else:
        await ack(response_action="update", view=told(sentence))


def _state(payload: Payload) -> State:
    values: State = payload.body["view"]["state"]["values"]
    return values


def _button(payload: Payload) -> Press:
    """Raises `Rejected` for a window that is not ours."""
    button = unpacked(payload.body["view"].get("private_metadata") or "")[1]
    if button is None:
        raise Rejected("This window belongs to another version of Threadwork.", "Close it and try again.")
    return button


async def _where(desk: Desk, payload: Payload) -> tuple[Origin, Reach]:
    """One window counts once, however often it is sent: its id is the key."""
    body, user = payload.body, payload.body["user"]
    try:
        packed = unpacked(body["view"].get("private_metadata") or "")[0]
    except Rejected:
        packed = ""
    reach = Reach.unpacked(user["id"], packed)
    return payload.origin(await author(desk, payload), f"view:{body['view']['id']}", reach.channel, reach.thread), reach
