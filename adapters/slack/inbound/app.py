"""What Slack delivers and who listens to it, in one table each; Bolt checks, decodes and matches.

Bolt acknowledges an event before its listener runs, unless `process_before_response` is set: then nothing is
acknowledged before the listener has returned, and not at all where it raised (HTTP 500, no envelope acknowledged),
so that Slack delivers again."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, cast

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from threadwork.adapters.chat.background import NOT_WRITTEN, ODD
from threadwork.adapters.chat.tally import Tally
from threadwork.adapters.slack.api.installations import Authorize
from threadwork.adapters.slack.inbound import button_clicks, commands, submissions
from threadwork.adapters.slack.inbound.context import Context
from threadwork.adapters.slack.inbound.events import EVENTS
from threadwork.adapters.slack.inbound.events import Handle as HandleEvent
from threadwork.adapters.slack.inbound.payload import Payload, payload
from threadwork.adapters.slack.manifest import SHORTCUT
from threadwork.adapters.slack.modals.home import START
from threadwork.workflows.slash_name import called

NOT_INSTALLED = "Threadwork is no longer installed in this workspace. Ask whoever manages its apps to install it again."

COMMAND = ("command", "user_id", "channel_id", "trigger_id")  # without one of them it is none; the rest may be missing
BESIDE = ("text", "team_id", "user_name", "response_url")

Handle = Callable[[Context, Payload, AsyncAck], Coroutine[Any, Any, None]]
Listener = Callable[..., Awaitable[None]]
COMMANDS_BY_NAME: Mapping[Any, Handle] = {re.compile(".+"): commands.command}  # by whatever name it was installed
SHORTCUTS: Mapping[Any, Handle] = {SHORTCUT: commands.shortcut}
ACTIONS: Mapping[Any, Handle] = {
    re.compile("^press:"): button_clicks.click,
    re.compile(f"^{START}"): button_clicks.start,
}
VIEWS: Mapping[Any, Handle] = {"start": submissions.start, re.compile("^form:"): submissions.form}

log = structlog.get_logger(__name__)


def slack_app(ours: Context, authorize: Authorize, signing_secret: str, refused: Tally) -> AsyncApp:
    """Every payload is signed for with `signing_secret`, those of a socket aside. `refused`: counts what is none."""
    app = AsyncApp(
        name="threadwork",
        logger=quiet_log("slack.bolt", logging.WARNING),
        client=AsyncWebClient(base_url=ours.web.url, retry_handlers=[]),
        authorize=cast(Callable[..., Awaitable[AuthorizeResult]], authorize),  # Bolt takes None as well
        signing_secret=signing_secret,
        process_before_response=True,
        raise_error_for_unhandled_request=True,
        user_facing_authorize_error_message=NOT_INSTALLED,
    )
    app.error(_failing(refused))
    tables = (
        (app.command, COMMANDS_BY_NAME),
        (app.message_shortcut, SHORTCUTS),
        (app.action, ACTIONS),
        (app.view, VIEWS),
    )
    for register, table in tables:
        for wanted, handle in table.items():
            register(wanted)(_listener(ours, handle))
    for name, handle_event in EVENTS.items():
        app.event(name)(_event_listener(ours, handle_event))
    return app


def quiet_log(name: str, level: int) -> logging.Logger:
    """The SDKs log bodies and addresses at lower levels: what people wrote, and tickets."""
    logger = logging.getLogger(f"threadwork.{name}")
    logger.setLevel(level)
    return logger


def _listener(ours: Context, handle: Handle) -> Listener:
    """What is handled goes on by itself if Slack hangs up meanwhile."""

    async def listen(body: dict[str, Any], context: AsyncBoltContext, ack: AsyncAck) -> None:
        found = await ours.homes.of(payload(body, context), ours.views)
        with called(ours.command):
            await asyncio.shield(ours.work.go_on(handle(ours, found, ack)))

    return listen


def _event_listener(ours: Context, handle: HandleEvent) -> Listener:
    async def listen(body: dict[str, Any], context: AsyncBoltContext) -> None:
        found = await ours.homes.of(payload(body, context), ours.views)
        with called(ours.command):
            await asyncio.shield(ours.work.go_on(handle(ours, found)))

    return listen


def _failing(refused: Tally) -> Callable[..., Awaitable[BoltResponse]]:
    async def failed(error: Exception, body: dict[str, Any]) -> BoltResponse:
        """What is not for us is acknowledged. A command is delivered once, so its person is told; the rest fails."""
        if isinstance(error, BoltUnhandledRequestError):
            return BoltResponse(status=200)
        whole = _is_command(body)
        if isinstance(error, ODD) and not whole:
            refused.add("not understood")
            return BoltResponse(status=400)
        log.warning("slack_payload_failed", what=_kind(body), why=type(error).__name__)
        return BoltResponse(status=200, body=f"⚠️ {NOT_WRITTEN}") if whole else BoltResponse(status=500)

    return failed


def _is_command(body: dict[str, Any]) -> bool:
    said = [body.get(field) or None for field in COMMAND] + [body.get(field, "") for field in BESIDE]
    return all(isinstance(value, str) for value in said)


def _kind(body: dict[str, Any]) -> str:
    event = body.get("event")
    return str((event.get("type") if isinstance(event, dict) else "") or body.get("type") or "command")[:100]
