"""The events that Slack tells of, each with what is done about it. What is not here is acknowledged and left alone."""

from collections.abc import Awaitable, Callable
from typing import Any

from adapters.slack.inbound.context import Desk
from adapters.slack.inbound.messages import is_somebody, mention, message
from adapters.slack.inbound.pages import publish
from adapters.slack.inbound.payload import Payload, Reach
from adapters.slack.inbound.people import Known
from workflows.inbound import Response, Written

STOPS = frozenset({"octagonal_sign", "x"})  # 🛑 and ❌


async def _reacted(desk: Desk, payload: Payload) -> None:
    event, item = payload.event, payload.event.get("item") or {}
    if event.get("reaction") in STOPS and item.get("type") == "message":
        if not is_somebody(payload, str(event.get("user") or "")):
            return
        known = await desk.people.sure(
            payload.token, event["user"]
        )  # nothing else tells a robot's sign from a person's
        await _stopped(desk, payload, item["channel"], item["ts"], known, heads=True)


async def _session_stopped(desk: Desk, payload: Payload) -> None:
    """Slack's own stop button, in an agent's thread."""
    event = payload.event
    if event.get("thread_ts") and is_somebody(payload, str(event.get("user") or "")):
        known = await desk.people.who(payload.token, event["user"])
        await _stopped(desk, payload, event["channel"], event["thread_ts"], known)


async def _stopped(
    desk: Desk, payload: Payload, channel: str, message_id: str, known: Known, heads: bool = False
) -> None:
    user = str(payload.event["user"])
    if known.robot:  # another app's tick or cross says nothing about our task
        return
    by = payload.person(user, known.name, known.facts)
    at = payload.event.get("event_ts")
    key = f"sign:{channel}:{at}:{user}" if at else f"event:{payload.body['event_id']}"  # told of twice, it is one
    origin = payload.origin(by, key, channel, message_id)
    if at:
        origin = origin.model_copy(update={"moment": f"{channel}:{at}"})
    reach = Reach(user=user, channel=channel, thread=message_id, heads=heads)

    async def call(written: Written) -> Response | None:
        return await desk.listener.stopped(origin, message_id, written)

    async def show(said: Response) -> None:
        await desk.tell(payload, reach, said)

    await desk.attend(origin.key, call, show)


async def _home_opened(desk: Desk, payload: Payload) -> None:
    """The tab with messages needs nothing from us."""
    event = payload.event
    if event.get("tab") == "home":
        desk.work.go_on(_show_home(desk, payload))


async def _show_home(desk: Desk, payload: Payload) -> None:
    event = payload.event
    known = await desk.people.who(payload.token, event["user"])
    by = payload.person(event["user"], known.name, known.facts)
    await publish(desk, payload, by, Reach(user=event["user"], channel=event.get("channel") or ""))


async def _withdrawn(desk: Desk, payload: Payload) -> None:
    await desk.withdrawn(payload.team)


Handle = Callable[[Desk, Payload], Awaitable[Any]]
EVENTS: dict[str, Handle] = {
    "app_mention": mention,
    "message": message,
    "reaction_added": _reacted,
    "agent_session_stopped": _session_stopped,
    "app_home_opened": _home_opened,
    "app_uninstalled": _withdrawn,
    "tokens_revoked": _withdrawn,
}
