"""Messages of others that are context: earlier ones, forwarded ones, the one that a form is about."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from threadwork.adapters.chat.attached import shares_of
from threadwork.adapters.slack.inbound.attachments import File, attachments
from threadwork.adapters.slack.inbound.context import Context
from threadwork.adapters.slack.inbound.message_content import content, forwarded, forwarded_content
from threadwork.adapters.slack.inbound.message_parsing import parse_message, people_in
from threadwork.adapters.slack.inbound.payload import Payload, moment
from threadwork.workflows.files import MAX_FILES
from threadwork.workflows.inbound import Attachment, ThreadMessage

Json = dict[str, Any]
MAX_NESTED = 3  # forwards of forwards that are looked into


class Found(NamedTuple):
    """One of them, as Slack tells it."""

    user: str  # whose name is asked for where Slack does not tell it
    name: str  # as Slack tells it
    text: str  # in Slack's markup
    ts: str
    files: tuple[File, ...]
    by: str = ""  # id of who forwarded it


def found_in(message: Json) -> Iterator[Found]:
    """The message itself, where it says anything, and what is forwarded with it."""
    text, files = content(message), tuple(message.get("files") or ())
    user = "" if message.get("bot_id") else str(message.get("user") or "")
    if text.strip() or files:
        yield Found(user, _writer(message), text, str(message.get("ts") or ""), files)
    yield from shares_in(message, user)


def shares_in(message: Json, by: str, nested: int = MAX_NESTED) -> Iterator[Found]:
    """What is forwarded with a message."""
    for one in forwarded(message) if nested else ():
        name = str(one.get("author_name") or one.get("author_subname") or "")
        text, files = forwarded_content(one), tuple(one.get("files") or ())
        if text.strip() or files:
            yield Found(str(one.get("author_id") or ""), name, text, str(one.get("ts") or ""), files, by)
        yield from shares_in(one, by, nested - 1)


async def thread_messages(
    context: Context, payload: Payload, found: Sequence[Found], most: int = MAX_FILES
) -> tuple[ThreadMessage, ...]:
    """In plain words. `most`: files that are read, the newest; the others are named."""
    wanted = {one.user for one in found if not one.name} | {one.by for one in found}
    wanted |= {user for one in found for user in people_in(one.text)}
    reading = (
        attachments(context.web, payload.token, one.files, share)
        for one, share in zip(found, shares_of(most, [len(one.files) for one in found]), strict=True)
    )
    names, files = await asyncio.gather(
        context.people.names(payload.token, filter(None, sorted(wanted))), asyncio.gather(*reading)
    )
    return tuple(_message(one, names, some) for one, some in zip(found, files, strict=True))


def _message(one: Found, names: dict[str, str], files: tuple[Attachment, ...]) -> ThreadMessage:
    name = one.name or names.get(one.user) or one.user or "somebody"
    by = f" (forwarded by {names.get(one.by, one.by)})" if one.by else ""
    return ThreadMessage(name=f"{name}{by}", text=parse_message(one.text, names).text, at=_at(one.ts), files=files)


def _at(ts: str) -> datetime | None:
    """None where it is no time; apps write what they like into their attachments."""
    whole, _, micros = ts.partition(".")
    readable = whole.isascii() and whole.isdecimal() and len(whole) < 11 and (micros or "0").isdecimal()
    return moment(ts) if readable else None


def _writer(message: Json) -> str:
    """As far as the message tells it."""
    profile = message.get("bot_profile") or {}
    bot = message.get("username") or profile.get("name")
    app = "an app" if message.get("bot_id") or not message.get("user") else ""
    return str(bot or app)
