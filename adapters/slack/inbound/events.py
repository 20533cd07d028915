"""The events that Slack tells of, each with what is done about it. What is not here is acknowledged and left alone."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from threadwork.adapters.slack.inbound.context import Context
from threadwork.adapters.slack.inbound.messages import is_somebody, mention, message
from threadwork.adapters.slack.inbound.pages import publish
from threadwork.adapters.slack.inbound.payload import Payload, Reach
from threadwork.adapters.slack.inbound.people import Known
from threadwork.workflows.inbound import StopReaction

STOPS = frozenset({"octagonal_sign", "x"})  # 🛑 and ❌


async def _reacted(context: Context, payload: Payload) -> None:
    event, item = payload.event, payload.event.get("item") or {}
    if event.get("reaction") in STOPS and item.get("type") == "message":
        if not is_somebody(payload, str(event.get("user") or "")):
            return
        known = await context.people.sure(
            payload.token, event["user"]
        )  # nothing else tells a robot's sign from a person's
        await _stopped(context, payload, item["channel"], item["ts"], known, heads=True)


async def _session_stopped(context: Context, payload: Payload) -> None:
    """Slack's own stop button, in an agent's thread."""
    event = payload.event
    if event.get("thread_ts") and is_somebody(payload, str(event.get("user") or "")):
        known = await context.people.who(payload.token, event["user"])
        await _stopped(context, payload, event["channel"], event["thread_ts"], known)


async def _stopped(
    context: Context, payload: Payload, channel: str, message_id: str, known: Known, heads: bool = False
) -> None:
    user = str(payload.event["user"])
    if known.robot:  # another app's tick or cross says nothing about our task
        return
    by = payload.person(user, known.name, known.facts)
    at = payload.event.get("event_ts")
    key = f"sign:{channel}:{at}:{user}" if at else f"event:{payload.body['event_id']}"  # told of twice, it is one
    source = payload.source(by, key, channel, message_id)
    if at:
        source = source.model_copy(update={"moment": f"{channel}:{at}"})
    reach = Reach(user=user, channel=channel, thread=message_id, heads=heads)

    receipt = await context.receive(StopReaction(source=source, message_id=message_id))
    context.reply(source.key, receipt, partial(context.tell, payload, reach))


async def _home_opened(context: Context, payload: Payload) -> None:
    """The tab with messages needs nothing from us."""
    event = payload.event
    if event.get("tab") == "home":
        context.work.go_on(_show_home(context, payload))


async def _show_home(context: Context, payload: Payload) -> None:
    event = payload.event
    known = await context.people.who(payload.token, event["user"])
    by = payload.person(event["user"], known.name, known.facts)
    await publish(context, payload, by, Reach(user=event["user"], channel=event.get("channel") or ""))


async def _withdrawn(context: Context, payload: Payload) -> None:
    await context.withdrawn(payload.team)


Handle = Callable[[Context, Payload], Awaitable[Any]]
EVENTS: dict[str, Handle] = {
    "app_mention": mention,
    "message": message,
    "reaction_added": _reacted,
    "agent_session_stopped": _session_stopped,
    "app_home_opened": _home_opened,
    "app_uninstalled": _withdrawn,
    "tokens_revoked": _withdrawn,
}
