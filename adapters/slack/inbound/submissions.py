"""Windows that were filled in: the form to start a task, and the forms behind buttons."""

from collections.abc import Awaitable, Callable

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck

from threadwork.adapters.chat.background import refusal
from threadwork.adapters.slack.inbound.attachments import attachments
from threadwork.adapters.slack.inbound.button_clicks import DECIDED
from threadwork.adapters.slack.inbound.commands import author
from threadwork.adapters.slack.inbound.context import Context
from threadwork.adapters.slack.inbound.pages import publish
from threadwork.adapters.slack.inbound.payload import Payload, Reach
from threadwork.adapters.slack.modals.forms import errors, given, started, told, uploaded
from threadwork.adapters.slack.modals.views import BadForm, State, unpacked
from threadwork.workflows.buttons import Click
from threadwork.workflows.errors import Rejected
from threadwork.workflows.inbound import ButtonClick, Inbound, MessageSource, Receipt, StartSubmitted

log = structlog.get_logger(__name__)


Make = Callable[[Context, Payload, MessageSource], Awaitable[Inbound]]


async def start(context: Context, payload: Payload, ack: AsyncAck) -> None:
    await _submitted(context, payload, ack, _start)


async def form(context: Context, payload: Payload, ack: AsyncAck) -> None:
    await _submitted(context, payload, ack, _click)


async def _start(context: Context, payload: Payload, source: MessageSource) -> StartSubmitted:
    state = _state(payload)
    files = await attachments(context.web, payload.token, uploaded(state))
    return StartSubmitted(source=source, form=started(state, files))


async def _click(context: Context, payload: Payload, source: MessageSource) -> ButtonClick:
    """Raises `Rejected`, and `BadForm`."""
    button = _button(payload)
    card = await context.views.card(source, button) if button.verb == "edit" else None
    if button.verb == "edit" and card is None:
        raise Rejected(DECIDED)
    return ButtonClick(source=source, press=button, given=given(button, _state(payload), card))


async def _submitted(context: Context, payload: Payload, ack: AsyncAck, make: Make) -> None:
    """The window closes once what it held is stored; else it stays, and says why."""
    source, reach = await _where(context, payload)
    try:
        receipt = await context.receiver.receive(await make(context, payload, source))
    except BadForm as error:
        await ack(response_action="errors", errors=error.errors)
    except Exception as error:
        log.info("slack_form_not_written", why=type(error).__name__)
        await _refuse(ack, _state(payload), refusal(error))
    else:
        context.work.go_on(_reply(context, payload, reach, source, receipt))
        await ack()


async def _reply(context: Context, payload: Payload, reach: Reach, source: MessageSource, receipt: Receipt) -> None:
    await context.reply(payload, reach, source.key, receipt)
    if reach.home:
        await publish(context, payload, source.by, reach)


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


def _button(payload: Payload) -> Click:
    """Raises `Rejected` for a window that is not ours."""
    button = unpacked(payload.body["view"].get("private_metadata") or "")[1]
    if button is None:
        raise Rejected("This window belongs to another version of Threadwork.", "Close it and try again.")
    return button


async def _where(context: Context, payload: Payload) -> tuple[MessageSource, Reach]:
    """One window counts once, however often it is sent: its id is the key."""
    body, user = payload.body, payload.body["user"]
    try:
        packed = unpacked(body["view"].get("private_metadata") or "")[0]
    except Rejected:
        packed = ""
    reach = Reach.unpacked(user["id"], packed)
    return payload.source(
        await author(context, payload), f"view:{body['view']['id']}", reach.channel, reach.thread
    ), reach
