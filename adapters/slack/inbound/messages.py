"""What people say: mentions, direct messages, replies in threads, and what becomes of them later."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from adapters.slack.inbound.attachments import attachments
from adapters.slack.inbound.context import Desk, Show
from adapters.slack.inbound.message_parsing import people_in, spoken
from adapters.slack.inbound.payload import Payload, Reach, moment
from adapters.slack.inbound.people import Known
from adapters.slack.inbound.threads import SlackThread
from workflows.inbound import Origin, Response, Said, Written

Json = dict[str, Any]
TOMBSTONE = "tombstone"  # what is left of a message that was deleted and has replies
SLACKBOT = "USLACKBOT"  # Slack itself, which speaks as a user and carries no mark of a robot
ROBOTS = ("bot_id", "bot_profile", "app_id")  # fields of what an app, a workflow or an integration wrote


async def mention(desk: Desk, payload: Payload) -> None:
    """In a channel. Robots that call each other would never end."""
    if _is_theirs(payload, payload.event):
        await _said(desk, payload, mentioned=True)


async def message(desk: Desk, payload: Payload) -> None:
    handle = SUBTYPES.get(payload.event.get("subtype") or "")
    if handle:
        await handle(desk, payload)


async def _message(desk: Desk, payload: Payload) -> None:
    """A mention in a channel comes as `app_mention` too, and is left to that: twice it might be answered twice."""
    event = payload.event
    direct = event.get("channel_type") == "im"
    called = not direct and any(f"<@{bot}" in (event.get("text") or "") for bot in payload.ours)
    if _is_theirs(payload, event) and not called and (direct or event.get("thread_ts")):
        await _said(desk, payload, mentioned=direct)


async def _said(desk: Desk, payload: Payload, mentioned: bool) -> None:
    event = payload.event
    names, files = await asyncio.gather(
        desk.people.names(payload.token, (event["user"], *people_in(event.get("text") or ""))),
        attachments(desk.web, payload.token, event.get("files") or ()),
    )
    text = spoken(event.get("text") or "", names, payload.bot_user)
    said = Said(text=text.text, message_id=event["ts"], files=files, mentioned=mentioned)
    author = await desk.people.who(payload.token, event["user"])
    origin = _origin(payload, event, f"{event['channel']}:{event['ts']}", author)
    origin = origin.model_copy(update={"channels": text.channels, "people": text.people})

    async def call(written: Written) -> Response | None:
        return await desk.listener.said(origin, said, SlackThread(desk, payload), written)

    await desk.attend(origin.key, call, _shown(desk, payload, origin))


# --- what becomes of a message -------------------------------------------------------------------------


async def _changed(desk: Desk, payload: Payload) -> None:
    """Slack also tells of links it unfurled, where nobody changed a word."""
    now, before = payload.event["message"], payload.event.get("previous_message") or {}
    if now.get("subtype") == TOMBSTONE:
        await _amended(desk, payload, {**before, "ts": now["ts"]}, None)
    elif now.get("text") != before.get("text"):
        names = await desk.people.names(payload.token, people_in(now.get("text") or ""))
        await _amended(desk, payload, now, spoken(now.get("text") or "", names, payload.bot_user).text)


async def _deleted(desk: Desk, payload: Payload) -> None:
    event = payload.event
    before = event.get("previous_message") or {}
    await _amended(desk, payload, {**before, "ts": event["deleted_ts"]}, None)


async def _amended(desk: Desk, payload: Payload, about: Json, text: str | None) -> None:
    event = payload.event
    if not _is_theirs(payload, about) or not (about.get("thread_ts") or event.get("channel_type") == "im"):
        return
    at = moment(event.get("event_ts") or event.get("ts") or about["ts"])
    author = await desk.people.who(payload.token, about["user"])
    origin = _origin(payload, {**about, "channel": event["channel"]}, f"event:{payload.body['event_id']}", author)
    answer = await desk.listener.amended(origin, about["ts"], text, at)
    if answer is not None:
        desk.work.go_on(_shown(desk, payload, origin)(answer))


def _origin(payload: Payload, said: Json, key: str, author: Known) -> Origin:
    by = payload.person(said["user"], author.name, author.facts)
    return payload.origin(by, key, said["channel"], said.get("thread_ts") or "")


def _is_theirs(payload: Payload, said: Json) -> bool:
    """A person wrote it: not we, not Slack itself, no other app and no workflow."""
    robot = said.get("subtype") == "bot_message" or any(said.get(mark) for mark in ROBOTS)
    return not robot and is_somebody(payload, said.get("user"))


def is_somebody(payload: Payload, user: str | None) -> bool:
    return bool(user) and user not in (*payload.ours, SLACKBOT)


def _shown(desk: Desk, payload: Payload, origin: Origin) -> Show:
    reach = Reach(user=origin.by.user_id, channel=origin.sink.channel, thread=origin.sink.thread)

    async def show(said: Response) -> None:
        await desk.tell(payload, reach, said)

    return show


Handle = Callable[[Desk, Payload], Awaitable[None]]
SUBTYPES: dict[str, Handle] = {
    "": _message,
    "file_share": _message,
    "thread_broadcast": _message,
    "message_changed": _changed,
    "message_deleted": _deleted,
}
