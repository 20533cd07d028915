"""Messages of others that are context: earlier ones, forwarded ones, the one that is answered or asked about."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from threadwork.adapters.chat.attached import shares_of
from threadwork.adapters.discord.inbound.addressing import names_a_role
from threadwork.adapters.discord.inbound.attachments import attachments
from threadwork.adapters.discord.inbound.context import Context
from threadwork.adapters.discord.inbound.message_content import content, snapshots
from threadwork.adapters.discord.inbound.message_parsing import parse_message
from threadwork.adapters.discord.inbound.payload import Json, Payload, shown
from threadwork.adapters.discord.inbound.people import names_in
from threadwork.workflows.files import MAX_FILES
from threadwork.workflows.inbound import Attachment, ThreadMessage


class Found(NamedTuple):
    """One of them, as Discord tells it."""

    name: str
    message: Json


def found_in(message: Json) -> Iterator[Found]:
    """The message itself, where it says anything, and what is forwarded with it."""
    name = shown(message.get("author") or {}, message.get("member")) or "somebody"
    if content(message).strip() or message.get("attachments"):
        yield Found(name, message)
    yield from forwarded_in(message, f" (forwarded by {name})")


def forwarded_in(message: Json, by: str = "") -> Iterator[Found]:
    return (Found(f"somebody{by}", one) for one in snapshots(message))


async def thread_messages(
    context: Context, payload: Payload, found: Sequence[Found], most: int = MAX_FILES
) -> tuple[ThreadMessage, ...]:
    """In plain words. `most`: files that are read, the newest; the others are named."""
    files = [one.message.get("attachments") or () for one in found]
    reading = (
        attachments(context.rest, some, share)
        for some, share in zip(files, shares_of(most, [len(some) for some in files]), strict=True)
    )
    read = await asyncio.gather(*reading)
    return tuple([await _message(context, payload, one, some) for one, some in zip(found, read, strict=True)])


async def _message(context: Context, payload: Payload, one: Found, files: tuple[Attachment, ...]) -> ThreadMessage:
    names = await names_of_all(context, payload, one.message)
    text = parse_message(content(one.message), names, payload.bot_user, context.channels.name).text
    return ThreadMessage(name=one.name, text=text, at=_at(one.message), files=files)


async def names_of_all(context: Context, payload: Payload, message: Json) -> dict[str, str]:
    """Of the people and the roles that it calls, by id."""
    named = payload.guild and names_a_role(message)
    roles = (await context.servers.roles(payload.guild, payload.bot_user)).names if named else {}
    return roles | names_in(message)


def _at(message: Json) -> datetime | None:
    said = message.get("timestamp")
    at = datetime.fromisoformat(said) if said else None
    return at.astimezone(UTC) if at else None
