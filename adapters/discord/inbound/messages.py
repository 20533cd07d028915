"""What people say: mentions, direct messages, replies in threads, and what becomes of them later."""

import asyncio
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta

from threadwork.adapters.chat.message_parsing import ParsedMessage
from threadwork.adapters.discord.inbound.addressing import (
    REPLY,
    answered,
    author_of,
    is_to_others,
    mentions,
    names_a_role,
)
from threadwork.adapters.discord.inbound.attachments import attachments
from threadwork.adapters.discord.inbound.context import Context, Reach
from threadwork.adapters.discord.inbound.message_parsing import parse_message
from threadwork.adapters.discord.inbound.messages_of_others import (
    Found,
    forwarded_in,
    found_in,
    names_of_all,
    thread_messages,
)
from threadwork.adapters.discord.inbound.payload import Json, Payload, Place
from threadwork.adapters.discord.inbound.people import is_person
from threadwork.adapters.discord.inbound.threads import DiscordThread
from threadwork.workflows.inbound import Inbound, IncomingMessage, MessageEdit, MessageSource

SAID = frozenset({0, REPLY})  # types of messages that people write: plain ones, and answers to another
RECENT_EDIT = timedelta(minutes=5)  # so old an edit may be that calls the bot


async def message(context: Context, payload: Payload) -> None:
    body = payload.body
    if _is_theirs(body) and body.get("type", 0) in SAID:
        await context.handle(lambda: _said(context, payload), Reach(payload.channel, str(body["id"]), str(body["id"])))


def _is_theirs(body: Json) -> bool:
    """A person wrote it: no bot, no webhook, and not Discord itself."""
    return is_person(body) and not (body.get("author") or {}).get("system")


async def _said(context: Context, payload: Payload) -> IncomingMessage | None:
    """In a channel only what calls the bot is handed on; in threads and direct messages everything."""
    body, place = payload.body, await whereabouts(context, payload)
    roles = await _own_roles(context, payload)
    mentioned = mentions(body, payload.bot_user, roles) or not place.guild
    if not mentioned and not place.thread:
        return None
    words = await _words(context, payload, roles)
    files, about = await asyncio.gather(
        attachments(context.rest, body.get("attachments") or ()),
        thread_messages(context, payload, [*forwarded_in(body), *_answered(payload)]),
    )
    return IncomingMessage(
        source=_source(payload, place, key_of(payload, place), words),
        text=words.text,
        unnamed=words.unnamed,
        message_id=str(body["id"]),
        files=files,
        mentioned=mentioned,
        to_others=not mentioned and is_to_others(body, await _own_name(context, payload), payload.bot_user),
        answers=answered(body, payload.bot_user),
        replies=body.get("type") == REPLY,
        about=about,
        thread=DiscordThread(context, payload, place),
    )


def key_of(payload: Payload, place: Place) -> str:
    """Under which a message comes in, whether it calls the bot from the beginning or since an edit."""
    return f"{place.channel}:{payload.body['id']}"


async def _own_roles(context: Context, payload: Payload) -> frozenset[str]:
    named = payload.guild and names_a_role(payload.body)
    return (await context.servers.roles(payload.guild, payload.bot_user)).own if named else frozenset()


async def _own_name(context: Context, payload: Payload) -> str:
    """Asked for where a plain name is in question."""
    plain = "@" in (payload.body.get("content") or "")
    return await context.servers.name(payload.bot_user) if plain else ""


async def whereabouts(context: Context, payload: Payload) -> Place:
    """Where there are no threads, an answer to one of our messages belongs to the chain that this one hangs on.

    Raises `ChatUnavailable`."""
    place = await context.channels.place(payload.channel, payload.guild)
    return place if place.thread else place.model_copy(update={"thread": _chain(payload, place)})


def _chain(payload: Payload, place: Place) -> str:
    """The message that began it; empty where none of ours is answered."""
    before = payload.body.get("referenced_message") or {}
    if not before or (place.guild and not _is_ours(before, payload)):
        return ""
    further = (before.get("message_reference") or {}).get("message_id") if _is_ours(before, payload) else ""
    return str(further or before["id"])


def _answered(payload: Payload) -> Iterable[Found]:
    """Somebody else's message to which this one is an answer: it is what a goal is about."""
    before = payload.body.get("referenced_message") or {}
    return found_in(before) if before and not _is_ours(before, payload) else ()


def _is_ours(message: Json, payload: Payload) -> bool:
    return author_of(message) == payload.bot_user


# --- what becomes of a message -------------------------------------------------------------------------


async def edited(context: Context, payload: Payload) -> None:
    """Discord also tells of previews it added, where nobody changed a word, and of parts of a message alone."""
    body = payload.body
    if not (_is_theirs(body) and body.get("edited_timestamp") and "content" in body):
        return
    at = datetime.fromisoformat(body["edited_timestamp"])
    await context.handle(lambda: _edited(context, payload, at), Reach(payload.channel, str(body["id"])))


async def _edited(context: Context, payload: Payload, at: datetime) -> Inbound | None:
    """An edit that calls the bot is the message itself, unless that was taken already. Discord tells of edits of long
    ago too, when a message is pinned, say."""
    roles = await _own_roles(context, payload)
    place = await whereabouts(context, payload)
    called = bool(place.guild) and mentions(payload.body, payload.bot_user, roles)
    if called and datetime.now(UTC) - at < RECENT_EDIT and not await context.known(key_of(payload, place)):
        return await _said(context, payload)
    words = await _words(context, payload, roles)
    source = _source(payload, place, f"edit:{payload.body['id']}:{int(at.timestamp())}", words)
    return MessageEdit(source=source, message_id=str(payload.body["id"]), text=words.text, at=at)


async def deleted(context: Context, payload: Payload) -> None:
    """Discord does not say who wrote it, nor who took it away."""
    at = datetime.now(UTC)
    for message_id in payload.body.get("ids") or [payload.body["id"]]:
        await context.handle(lambda one=str(message_id): _deleted(context, payload, one, at), Reach(payload.channel))  # type: ignore[misc]


async def _deleted(context: Context, payload: Payload, message_id: str, at: datetime) -> MessageEdit:
    place = await context.channels.place(payload.channel, payload.guild)
    source = payload.source(payload.person({}), f"delete:{message_id}", place)
    return MessageEdit(source=source, message_id=message_id, text=None, at=at)


async def _words(context: Context, payload: Payload, roles: Collection[str]) -> ParsedMessage:
    text, names = payload.body.get("content") or "", await names_of_all(context, payload, payload.body)
    return parse_message(text, names, payload.bot_user, context.channels.name, roles)


def _source(payload: Payload, place: Place, key: str, words: ParsedMessage) -> MessageSource:
    by = payload.person(payload.body["author"], payload.body.get("member"))
    return payload.source(by, key, place).model_copy(update={"channels": words.channels, "people": words.people})
