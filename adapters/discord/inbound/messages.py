"""What people say: mentions, direct messages, replies in threads, and what becomes of them later."""

from datetime import UTC, datetime

from threadwork.adapters.chat.message_parsing import ParsedMessage
from threadwork.adapters.discord.inbound.attachments import attachments
from threadwork.adapters.discord.inbound.context import Context, Reach
from threadwork.adapters.discord.inbound.message_parsing import parse_message
from threadwork.adapters.discord.inbound.payload import Json, Payload, Place
from threadwork.adapters.discord.inbound.people import calls, is_person, names_in
from threadwork.adapters.discord.inbound.threads import DiscordThread
from threadwork.workflows.inbound import IncomingMessage, MessageEdit, MessageSource

SAID = frozenset({0, 19})  # types of messages that people write: plain ones, and answers to another


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
    mentioned = calls(body, payload.bot_user) or not place.guild
    if not mentioned and not place.thread:
        return None
    words = _words(context, payload)
    files = await attachments(context.rest, body.get("attachments") or ())
    text = "" if place.thread else _answered(context, payload)
    return IncomingMessage(
        source=_source(payload, place, f"{place.channel}:{body['id']}", words),
        text=words.text + text,
        message_id=str(body["id"]),
        files=files,
        mentioned=mentioned,
        thread=DiscordThread(context, payload, place),
    )


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


def _answered(context: Context, payload: Payload) -> str:
    """What somebody else's message said to which this one is an answer: it is what a goal is about."""
    before = payload.body.get("referenced_message") or {}
    text = parse_message(before.get("content") or "", names_in(before), payload.bot_user, context.channels.name).text
    return "\n\n" + "\n".join(f"> {line}" for line in text.splitlines()) if text else ""


def _is_ours(message: Json, payload: Payload) -> bool:
    return str((message.get("author") or {}).get("id")) == payload.bot_user


# --- what becomes of a message -------------------------------------------------------------------------


async def edited(context: Context, payload: Payload) -> None:
    """Discord also tells of previews it added, where nobody changed a word."""
    body = payload.body
    if not (_is_theirs(body) and body.get("edited_timestamp")):
        return
    words, at = _words(context, payload), datetime.fromisoformat(body["edited_timestamp"])

    async def edit() -> MessageEdit:
        place = await whereabouts(context, payload)
        source = _source(payload, place, f"edit:{body['id']}:{int(at.timestamp())}", words)
        return MessageEdit(source=source, message_id=str(body["id"]), text=words.text, at=at)

    await context.handle(edit, Reach(payload.channel, str(body["id"])))


async def deleted(context: Context, payload: Payload) -> None:
    """Discord does not say who wrote it, nor who took it away."""
    at = datetime.now(UTC)
    for message_id in payload.body.get("ids") or [payload.body["id"]]:
        await context.handle(lambda one=str(message_id): _deleted(context, payload, one, at), Reach(payload.channel))  # type: ignore[misc]


async def _deleted(context: Context, payload: Payload, message_id: str, at: datetime) -> MessageEdit:
    place = await context.channels.place(payload.channel, payload.guild)
    source = payload.source(payload.person({}), f"delete:{message_id}", place)
    return MessageEdit(source=source, message_id=message_id, text=None, at=at)


def _words(context: Context, payload: Payload) -> ParsedMessage:
    body = payload.body
    return parse_message(body.get("content") or "", names_in(body), payload.bot_user, context.channels.name)


def _source(payload: Payload, place: Place, key: str, words: ParsedMessage) -> MessageSource:
    by = payload.person(payload.body["author"], payload.body.get("member"))
    return payload.source(by, key, place).model_copy(update={"channels": words.channels, "people": words.people})
