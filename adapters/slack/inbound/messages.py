"""What people say: mentions, direct messages, replies in threads, and what becomes of them later."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from threadwork.adapters.slack.inbound.addressing import addressed, calls
from threadwork.adapters.slack.inbound.attachments import attachments
from threadwork.adapters.slack.inbound.context import Context
from threadwork.adapters.slack.inbound.message_parsing import parse_message, people_in
from threadwork.adapters.slack.inbound.messages_of_others import shares_in, thread_messages
from threadwork.adapters.slack.inbound.payload import Payload, Reach, moment
from threadwork.adapters.slack.inbound.people import Known
from threadwork.adapters.slack.inbound.threads import SlackThread
from threadwork.workflows.inbound import IncomingMessage, MessageEdit, MessageSource

Json = dict[str, Any]
TOMBSTONE = "tombstone"  # what is left of a message that was deleted and has replies
SLACKBOT = "USLACKBOT"  # Slack itself, which speaks as a user and carries no mark of a robot
ROBOTS = ("bot_id", "bot_profile", "app_id")  # fields of what an app, a workflow or an integration wrote


async def mention(context: Context, payload: Payload) -> None:
    """In a channel. Robots that call each other would never end. Where the bot is only quoted, or stands in code, the
    message is a line of its thread, and nothing outside of one."""
    event = payload.event
    called = calls(event, payload.ours)
    if _is_theirs(payload, event) and (called or event.get("thread_ts")):
        await _said(context, payload, mentioned=called)


async def message(context: Context, payload: Payload) -> None:
    handle = SUBTYPES.get(payload.event.get("subtype") or "")
    if handle:
        await handle(context, payload)


async def _message(context: Context, payload: Payload) -> None:
    """A mention in a channel comes as `app_mention` too, and is left to that: twice it might be answered twice."""
    event = payload.event
    direct = event.get("channel_type") == "im" or str(event.get("channel")).startswith("D")
    called = not direct and calls(event, payload.ours)
    if _is_theirs(payload, event) and not called and (direct or event.get("thread_ts")):
        await _said(context, payload, mentioned=direct)


async def _said(context: Context, payload: Payload, mentioned: bool) -> None:
    event = payload.event
    names, files, about = await asyncio.gather(
        context.people.names(payload.token, (event["user"], *people_in(event.get("text") or ""))),
        attachments(context.web, payload.token, event.get("files") or ()),
        thread_messages(context, payload, list(shares_in(event, ""))),
    )
    text = parse_message(event.get("text") or "", names, payload.bot_user)
    author = await context.people.who(payload.token, event["user"])
    source = _source(payload, event, f"{event['channel']}:{event['ts']}", author)
    source = source.model_copy(update={"channels": text.channels, "people": text.people})
    said = IncomingMessage(
        source=source,
        text=text.text,
        unnamed=text.unnamed,
        message_id=event["ts"],
        files=files,
        mentioned=mentioned,
        to_others=not mentioned and await _is_to_others(context, payload),
        about=about,
        thread=SlackThread(context, payload),
    )
    await context.receive(payload, _reach(source), said)


async def _is_to_others(context: Context, payload: Payload) -> bool:
    """The bot's name typed plainly, and not picked from Slack's list, means the bot as well."""
    found = addressed(payload.event.get("text") or "")
    if found is None or not found["plain"]:
        return found is not None
    own = await context.people.name(payload.token, payload.bot_user)
    return found["plain"].rstrip(".-").lower() != own.lower()


# --- what becomes of a message -------------------------------------------------------------------------


async def _changed(context: Context, payload: Payload) -> None:
    """Slack also tells of links it unfurled, where nobody changed a word."""
    now, before = payload.event["message"], payload.event.get("previous_message") or {}
    if now.get("subtype") == TOMBSTONE:
        await _amended(context, payload, {**before, "ts": now["ts"]}, None)
    elif now.get("text") != before.get("text") and "text" in now and await _may_be_ours(context, payload, now):
        names = await context.people.names(payload.token, people_in(now.get("text") or ""))
        await _amended(context, payload, now, parse_message(now.get("text") or "", names, payload.bot_user).text)


async def _deleted(context: Context, payload: Payload) -> None:
    event = payload.event
    before = event.get("previous_message") or {}
    await _amended(context, payload, {**before, "ts": event["deleted_ts"]}, None)


async def _amended(context: Context, payload: Payload, about: Json, text: str | None) -> None:
    event = payload.event
    if not await _may_be_ours(context, payload, about):
        return
    at = moment(event.get("event_ts") or event.get("ts") or about["ts"])
    author = await context.people.who(payload.token, about["user"])
    source = _source(payload, {**about, "channel": event["channel"]}, f"event:{payload.body['event_id']}", author)
    edit = MessageEdit(source=source, message_id=about["ts"], text=text, at=at)
    await context.receive(payload, _reach(source), edit)


async def _may_be_ours(context: Context, payload: Payload, about: Json) -> bool:
    """A person wrote it to us, perhaps. A message that began no thread yet is one of ours if it was written down."""
    event = payload.event
    if not _is_theirs(payload, about):
        return False
    spoken_to = about.get("thread_ts") or event.get("channel_type") == "im"
    return bool(spoken_to) or await context.known(f"{event['channel']}:{about['ts']}")


def _source(payload: Payload, said: Json, key: str, author: Known) -> MessageSource:
    by = payload.person(said["user"], author.name, author.facts)
    return payload.source(by, key, said["channel"], said.get("thread_ts") or "")


def _is_theirs(payload: Payload, said: Json) -> bool:
    """A person wrote it: not we, not Slack itself, no other app and no workflow."""
    robot = said.get("subtype") == "bot_message" or any(said.get(mark) for mark in ROBOTS)
    return not robot and is_somebody(payload, said.get("user"))


def is_somebody(payload: Payload, user: str | None) -> bool:
    """Whether a person's id stands there. Raises `TypeError` for what is no id: Slack sent none of that."""
    if user is not None and not isinstance(user, str):
        raise TypeError(type(user).__name__)
    return bool(user) and user not in (*payload.ours, SLACKBOT)


def _reach(source: MessageSource) -> Reach:
    return Reach(user=source.by.user_id, channel=source.sink.channel, thread=source.sink.thread)


Handle = Callable[[Context, Payload], Awaitable[None]]
SUBTYPES: dict[str, Handle] = {
    "": _message,
    "file_share": _message,
    "me_message": _message,
    "thread_broadcast": _message,
    "message_changed": _changed,
    "message_deleted": _deleted,
}
