"""What people say: mentions, direct messages, replies in threads, and what becomes of them later."""

from datetime import UTC, datetime

from adapters.chat.message_parsing import Spoken
from adapters.discord.inbound.attachments import attachments
from adapters.discord.inbound.context import Desk, Reach, unasked
from adapters.discord.inbound.message_parsing import spoken
from adapters.discord.inbound.payload import Json, Payload, Place
from adapters.discord.inbound.people import calls, is_person, names_in
from adapters.discord.inbound.threads import DiscordThread
from workflows.inbound import Origin, Response, Said

SAID = frozenset({0, 19})  # types of messages that people write: plain ones, and answers to another


async def message(desk: Desk, payload: Payload) -> None:
    body = payload.body
    if _is_theirs(body) and body.get("type", 0) in SAID:
        await desk.attend(lambda: _said(desk, payload), Reach(payload.channel, str(body["id"]), str(body["id"])))


def _is_theirs(body: Json) -> bool:
    """A person wrote it: no bot, no webhook, and not Discord itself."""
    return is_person(body) and not (body.get("author") or {}).get("system")


async def _said(desk: Desk, payload: Payload) -> Response | None:
    """In a channel only what calls the bot is handed on; in threads and direct messages everything."""
    body, place = payload.body, await whereabouts(desk, payload)
    mentioned = calls(body, payload.bot_user) or not place.guild
    if not mentioned and not place.thread:
        return None
    words = _words(desk, payload)
    files = await attachments(desk.rest, body.get("attachments") or ())
    text = "" if place.thread else _answered(desk, payload)
    said = Said(text=words.text + text, message_id=str(body["id"]), files=files, mentioned=mentioned)
    origin = _origin(payload, place, f"{place.channel}:{body['id']}", words)
    return await desk.listener.said(origin, said, DiscordThread(desk, payload, place), unasked)


async def whereabouts(desk: Desk, payload: Payload) -> Place:
    """Where there are no threads, an answer to one of our messages belongs to the chain that this one hangs on.

    Raises `ChatUnavailable`."""
    place = await desk.channels.place(payload.channel, payload.guild)
    return place if place.thread else place.model_copy(update={"thread": _chain(payload, place)})


def _chain(payload: Payload, place: Place) -> str:
    """The message that began it; empty where none of ours is answered."""
    before = payload.body.get("referenced_message") or {}
    if not before or (place.guild and not _is_ours(before, payload)):
        return ""
    further = (before.get("message_reference") or {}).get("message_id") if _is_ours(before, payload) else ""
    return str(further or before["id"])


def _answered(desk: Desk, payload: Payload) -> str:
    """What somebody else's message said to which this one is an answer: it is what a goal is about."""
    before = payload.body.get("referenced_message") or {}
    text = spoken(before.get("content") or "", names_in(before), payload.bot_user, desk.channels.name).text
    return "\n\n" + "\n".join(f"> {line}" for line in text.splitlines()) if text else ""


def _is_ours(message: Json, payload: Payload) -> bool:
    return str((message.get("author") or {}).get("id")) == payload.bot_user


# --- what becomes of a message -------------------------------------------------------------------------


async def edited(desk: Desk, payload: Payload) -> None:
    """Discord also tells of previews it added, where nobody changed a word."""
    body = payload.body
    if not (_is_theirs(body) and body.get("edited_timestamp")):
        return
    words, at = _words(desk, payload), datetime.fromisoformat(body["edited_timestamp"])

    async def attempt() -> Response | None:
        place = await whereabouts(desk, payload)
        origin = _origin(payload, place, f"edit:{body['id']}:{int(at.timestamp())}", words)
        return await desk.listener.amended(origin, str(body["id"]), words.text, at)

    await desk.attend(attempt, Reach(payload.channel, str(body["id"])))


async def deleted(desk: Desk, payload: Payload) -> None:
    """Discord does not say who wrote it, nor who took it away."""
    at = datetime.now(UTC)
    for message_id in payload.body.get("ids") or [payload.body["id"]]:
        await desk.attend(lambda one=str(message_id): _deleted(desk, payload, one, at), Reach(payload.channel))  # type: ignore[misc]


async def _deleted(desk: Desk, payload: Payload, message_id: str, at: datetime) -> Response | None:
    place = await desk.channels.place(payload.channel, payload.guild)
    origin = payload.origin(payload.person({}), f"delete:{message_id}", place)
    return await desk.listener.amended(origin, message_id, None, at)


def _words(desk: Desk, payload: Payload) -> Spoken:
    body = payload.body
    return spoken(body.get("content") or "", names_in(body), payload.bot_user, desk.channels.name)


def _origin(payload: Payload, place: Place, key: str, words: Spoken) -> Origin:
    by = payload.person(payload.body["author"], payload.body.get("member"))
    return payload.origin(by, key, place).model_copy(update={"channels": words.channels, "people": words.people})
