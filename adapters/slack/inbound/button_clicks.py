"""Buttons: what was pressed is handed on, or the form behind it is opened. Every click is answered."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from slack_bolt.context.ack.async_ack import AsyncAck

from threadwork.adapters.chat.background import refusal
from threadwork.adapters.slack.api.errors import Refused
from threadwork.adapters.slack.inbound.commands import author, open_start
from threadwork.adapters.slack.inbound.context import Context
from threadwork.adapters.slack.inbound.pages import publish, redraw
from threadwork.adapters.slack.inbound.payload import Payload, Reach
from threadwork.adapters.slack.modals.forms import ASKED_FIRST, details_modal, form
from threadwork.adapters.slack.modals.home import is_of_home
from threadwork.workflows.buttons import OPENING, Click, Verb
from threadwork.workflows.errors import ChatUnavailable, Rejected, ThreadworkError
from threadwork.workflows.inbound import ButtonClick, MessageSource, Receipt, Response
from threadwork.workflows.values import Principal

DECIDED = "Nothing is left to decide here: somebody was faster, it was withdrawn, or its time ran out."
UNOPENED = "The window could not be opened in time. Press the button again."
FAILED = "That did not work, and nothing was changed. Press the button again in a minute."
Window = dict[str, Any]

log = structlog.get_logger(__name__)


async def click(context: Context, payload: Payload, ack: AsyncAck) -> None:
    """Slack tells of a click once only: what goes wrong is told to the person."""
    click = _Click(context, payload, await author(context, payload))
    try:
        chosen, from_menu = _pressed(payload.body["actions"][0])
        clicked = Click.decode(chosen)
        if clicked.verb in OPENING or (from_menu and clicked.verb in ASKED_FIRST):
            context.work.go_on(_open(click, clicked))
        else:
            receipt = await context.receiver.receive(ButtonClick(source=click.source, press=clicked))
            context.work.go_on(click.reply(receipt))
    except Exception as error:
        log.info("slack_click_not_written", why=type(error).__name__)
        text = refusal(error)
        context.work.go_on(click.tell(Response(text=text, tone="warning")))
    await ack()


def _pressed(action: dict[str, Any]) -> tuple[str, bool]:
    """What a button or an option stands for, and whether it was an option of a menu, which Slack asks nothing of."""
    option = action.get("selected_option")
    return str((option or action).get("value") or ""), bool(option)


async def start(context: Context, payload: Payload, ack: AsyncAck) -> None:
    """A button of what is the person's own. Its value names an agent, where it is one agent's."""
    click = _Click(context, payload, await author(context, payload))
    agent = str(payload.body["actions"][0].get("value") or "")
    context.work.go_on(open_start(context, payload, click.by, click.reach, agent=agent))
    await ack()


class _Click:
    """Who pressed where, and how they are told what came of it."""

    def __init__(self, context: Context, payload: Payload, by: Principal) -> None:
        body = payload.body
        self.context, self.payload = context, payload
        self.by = by
        self.at_home = (body.get("view") or {}).get("type") == "home"
        self.reach = _reach(body)
        action: dict[str, Any] = next(iter(body.get("actions") or ()), {})
        self.on_home = not self.at_home and is_of_home(str(action.get("action_id") or ""))  # the same as a message
        key = f"click:{body['trigger_id']}"
        self.source: MessageSource = payload.source(self.by, key, self.reach.channel, self.reach.thread)

    async def reply(self, receipt: Receipt) -> None:
        if said := await self.context.answer(self.source.key, receipt):
            await self.tell(said)

    async def tell(self, said: Response) -> None:
        if self.on_home and self.reach.response_url and await redraw(self.context, self.source, self.reach, said):
            return
        if not self.at_home:
            await self.context.tell(self.payload, self.reach, said)
            return
        trigger = self.payload.body["trigger_id"]
        await self.context.show_window(self.payload, trigger, self.reach, said)
        await publish(self.context, self.payload, self.by, self.reach)


def _reach(body: dict[str, Any]) -> Reach:
    """A message of a task stands in its thread, or is its root."""
    user, container = body["user"]["id"], body.get("container") or {}
    if body.get("view"):
        return Reach.unpacked(user, body["view"].get("private_metadata") or "")
    message = body.get("message") or {}
    thread = message.get("thread_ts") or container.get("thread_ts") or message.get("ts") or ""
    return Reach(
        user=user,
        channel=(body.get("channel") or {}).get("id") or container.get("channel_id") or "",
        thread=thread,
        heads=thread == message.get("ts"),
        response_url=body.get("response_url") or "",
    )


# --- windows -------------------------------------------------------------------------------------------


async def _open(click: _Click, clicked: Click) -> None:
    """Within the three seconds that Slack gives; else the person is told."""
    try:
        view = await OPENERS.get(clicked.verb, _form)(click, clicked)
        await click.context.web.call(
            click.payload.token, "views.open", trigger_id=click.payload.body["trigger_id"], view=view
        )
    except Exception as error:
        if getattr(error, "code", "") != "exchanged_trigger_id":  # delivered twice: it is open
            log.info("slack_window_not_opened", why=type(error).__name__)
            await click.tell(Response(text=_why(error), tone="warning"))


async def _form(click: _Click, clicked: Click) -> Window:
    card = await click.context.views.card(click.source, clicked)
    if card is None:
        raise Rejected(DECIDED)
    return form(clicked, click.reach.packed(), card)


async def _unneeded(click: _Click, clicked: Click) -> Window:
    """The card may say more, and need not be there any more."""
    return form(clicked, click.reach.packed(), await click.context.views.card(click.source, clicked))


async def _bad(click: _Click, clicked: Click) -> Window:
    """What was pressed counts at once; the window asks why."""
    await click.context.receiver.receive(ButtonClick(source=click.source, press=clicked))
    return form(clicked, click.reach.packed())


async def _details(click: _Click, clicked: Click) -> Window:
    return details_modal(await click.context.views.details(click.source, clicked.task_id))


def _why(error: Exception) -> str:
    """Sentences of ours as they stand; Slack's own words say nothing to a person."""
    if isinstance(error, Refused | ChatUnavailable):
        return UNOPENED
    return str(error) if isinstance(error, ThreadworkError) else FAILED


OPENERS: dict[Verb, Callable[[_Click, Click], Awaitable[Window]]] = {
    "details": _details,
    "add_amount": _unneeded,
    "bad": _bad,
}
