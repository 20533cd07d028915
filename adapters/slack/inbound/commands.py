"""`/agent …`, and the form to start a task: by the bare command, by a shortcut on a message, from the app's page."""

import asyncio

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck

from threadwork.adapters.chat.background import refusal
from threadwork.adapters.chat.message_parsing import quotation
from threadwork.adapters.slack.inbound.context import Context
from threadwork.adapters.slack.inbound.message_parsing import parse_message
from threadwork.adapters.slack.inbound.messages_of_others import found_in, thread_messages
from threadwork.adapters.slack.inbound.pages import has_home, show_home
from threadwork.adapters.slack.inbound.payload import Payload, Reach
from threadwork.adapters.slack.modals.forms import start_modal
from threadwork.workflows.errors import ThreadworkError
from threadwork.workflows.inbound import Choices, MessageSource, Receipt, Response, SlashCommand
from threadwork.workflows.slash_name import SLASH
from threadwork.workflows.values import Principal

NAME_TIMEOUT = 0.3  # seconds in which Slack usually says who somebody is: the acknowledgement waits for it
CHOICES_TIMEOUT = 1.5  # seconds for the lists of a form: what opens it lives for three
UNOPENED = "The form could not be opened in time. Try again, or type `{slash} run` and what the agent should do."

log = structlog.get_logger(__name__)


async def command(context: Context, payload: Payload, ack: AsyncAck) -> None:
    body = payload.body
    reach = Reach(user=body["user_id"], channel=body["channel_id"], response_url=body.get("response_url") or "")
    by = await author(context, payload)
    if not (body.get("text") or "").strip():
        context.work.go_on(_bare(context, payload, by, reach))
        await ack()
        return
    typed = _slash_command(payload, by)
    try:
        receipt = await context.receiver.receive(typed)
    except Exception as error:  # Slack delivers a command once: the person is told
        log.warning("slack_command_not_written", why=type(error).__name__)
        await ack(f"⚠️ {refusal(error)}")
        return
    context.work.go_on(_reply(context, payload, reach, typed.source, receipt))
    await ack()


async def _bare(context: Context, payload: Payload, by: Principal, reach: Reach) -> None:
    """The form to start a task; all that is the person's own where the app has no Home that would show it."""
    if await has_home(context, payload, reach.user):
        await open_start(context, payload, by, reach)
    else:
        await show_home(context, payload, payload.source(by, _key(payload), reach.channel), reach)


def _key(payload: Payload) -> str:
    return f"command:{payload.body['trigger_id']}"


def _slash_command(payload: Payload, by: Principal) -> SlashCommand:
    body = payload.body
    said = parse_message(body["text"])
    source = payload.source(by, _key(payload), body["channel_id"])
    named = source.model_copy(update={"channels": said.channels, "people": said.people})
    return SlashCommand(source=named, text=said.text)


async def _reply(context: Context, payload: Payload, reach: Reach, source: MessageSource, receipt: Receipt) -> None:
    said = await context.answer(source.key, receipt)
    if said and said.asks == "start":
        await open_start(context, payload, source.by, reach)
    elif said:
        await context.tell(payload, reach, said)


async def shortcut(context: Context, payload: Payload, ack: AsyncAck) -> None:
    """“Ask an agent about this”: the message is the goal's beginning, its thread where the task reports."""
    body, message = payload.body, payload.body["message"]
    user, channel = body["user"], body["channel"]["id"]
    thread = message.get("thread_ts") or message["ts"]
    reach = Reach(user=user["id"], channel=channel, thread=thread, response_url=body.get("response_url") or "")
    by = await author(context, payload)
    context.work.go_on(_ask_about(context, payload, by, reach))
    await ack()


async def _ask_about(context: Context, payload: Payload, by: Principal, reach: Reach) -> None:
    """What the message holds is quoted below the empty beginning of a goal; its files are named with their links."""
    found = list(found_in(payload.body["message"]))
    quoted = "\n".join(map(quotation, await thread_messages(context, payload, found, most=0)))
    await open_start(context, payload, by, reach, f"\n\n{quoted}")


async def open_start(
    context: Context, payload: Payload, by: Principal, reach: Reach, goal: str = "", agent: str = ""
) -> None:
    """Opens the form, within the three seconds that Slack gives; else the person is told. `agent`: chosen already."""
    offered = await _choices(context, by)
    if agent in dict(offered.agents):
        offered = offered.model_copy(update={"agent": agent})
    view = start_modal(offered, reach.packed(), goal)
    try:
        await context.web.call(payload.token, "views.open", trigger_id=payload.body["trigger_id"], view=view)
    except ThreadworkError as error:
        log.info("slack_form_not_opened", why=str(error))
        if getattr(error, "code", "") != "exchanged_trigger_id":  # delivered twice: it is open
            await context.tell(payload, reach, Response(text=UNOPENED.format(slash=SLASH), tone="warning"))


async def _choices(context: Context, by: Principal) -> Choices:
    """Without its lists the form does its work too."""
    try:
        async with asyncio.timeout(CHOICES_TIMEOUT):
            return await context.views.choices(by)
    except Exception as error:
        log.warning("slack_choices_failed", why=type(error).__name__)
        return Choices()


async def author(context: Context, payload: Payload) -> Principal:
    """Who typed or pressed. Slack is waited for a moment only, as commands and clicks are answered at once; who is not
    known by then is known the next time, and asked about by the run where it matters."""
    body = payload.body
    user = body.get("user") or {"id": body.get("user_id"), "name": body.get("user_name")}
    user_id, written = str(user["id"]), str(user.get("name") or user.get("username") or "")
    known = context.people.known(payload.token, user_id)
    if known is None:
        asking = context.work.go_on(context.people.who(payload.token, user_id))
        await asyncio.wait({asking}, timeout=NAME_TIMEOUT)
        known = context.people.known(payload.token, user_id)
    if known is None:
        return payload.person(user_id, written)
    return payload.person(user_id, known.name if known.name != user_id else written, known.facts)
