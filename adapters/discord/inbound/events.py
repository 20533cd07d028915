"""What the gateway tells of, each with what is done about it. What is not here is left alone."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from threadwork.adapters.chat.background import ODD
from threadwork.adapters.discord.inbound import button_clicks, commands, suggestions
from threadwork.adapters.discord.inbound.context import LOST, Context, Reach
from threadwork.adapters.discord.inbound.interaction import Interaction
from threadwork.adapters.discord.inbound.messages import deleted, edited, message
from threadwork.adapters.discord.inbound.payload import Json, Payload, shown
from threadwork.workflows.inbound import StopReaction
from threadwork.workflows.values import Principal

STOPS = frozenset({"🛑", "❌"})
SPAN = 10  # seconds in which the same sign of the same person counts once: Discord numbers no reactions

log = structlog.get_logger(__name__)


async def deliver(context: Context, kind: str, payload: Payload) -> None:
    handle = EVENTS.get(kind)
    if handle is None:
        return
    try:
        await handle(context, payload)
    except ODD as error:  # of a shape that Discord does not describe
        log.warning("discord_payload_odd", what=kind, why=type(error).__name__)


async def _reacted(context: Context, payload: Payload) -> None:
    body, by = payload.body, payload.by
    sign = (body.get("emoji") or {}).get("name")
    if sign not in STOPS or by.user_id == payload.bot_user or _is_robot((body.get("member") or {}).get("user")):
        return
    message_id = str(body["message_id"])
    key = f"reaction:{message_id}:{by.user_id}:{int(time.time()) // SPAN}"

    async def stop() -> StopReaction | None:
        place = await context.channels.place(payload.channel, payload.guild)
        known = by if by.name else await _asked(context, by)
        if known is None:
            return None
        return StopReaction(source=payload.source(known, key, place), message_id=message_id)

    await context.handle(stop, Reach(payload.channel, message_id, key), quiet=True)


async def _asked(context: Context, by: Principal) -> Principal | None:
    """Of a sign in direct messages Discord tells the person's id alone. None: it is no person."""
    try:
        user = await context.rest.call("GET", f"/users/{by.user_id}")
    except LOST as error:
        log.info("discord_person_not_named", why=type(error).__name__)
        return by
    return None if _is_robot(user) else by.model_copy(update={"name": shown(user)})


def _is_robot(user: Json | None) -> bool:
    """Another bot's tick or cross says nothing about our task; many put both under every message of a channel."""
    return bool(user and (user.get("bot") or user.get("system")))


async def _interaction(context: Context, payload: Payload) -> None:
    handle = INTERACTIONS.get(int(payload.body["type"]))
    if handle:
        await handle(Interaction(context, payload))


Handle = Callable[[Context, Payload], Awaitable[Any]]
EVENTS: dict[str, Handle] = {
    "MESSAGE_CREATE": message,
    "MESSAGE_UPDATE": edited,
    "MESSAGE_DELETE": deleted,
    "MESSAGE_DELETE_BULK": deleted,
    "MESSAGE_REACTION_ADD": _reacted,
    "INTERACTION_CREATE": _interaction,
}
INTERACTIONS: dict[int, Callable[[Interaction], Awaitable[None]]] = {
    2: commands.command,
    3: button_clicks.press,
    4: suggestions.suggest,
    5: button_clicks.submitted,
}
