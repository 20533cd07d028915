"""Finding what we posted, by the mark in a message's embed."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from discord.utils import snowflake_time, time_snowflake

from threadwork.adapters.chat.paging import Message, Messages, Paging
from threadwork.adapters.discord.api.errors import UNKNOWN_CHANNEL, Refused
from threadwork.adapters.discord.api.rest import Rest
from threadwork.workflows.sinks import Found

# Kept by Discord for every embed and shown for none without a title. The domain is reserved: nobody can be led there.
ADDRESS = "https://example.com/threadwork"
MESSAGES_PER_CALL = 100  # messages a call: the most there is

Absent = Callable[[str], None]


def marked(content: dict[str, Any], mark: str) -> dict[str, Any]:
    """A message with its mark. Whoever reads the API may read it: an id, nothing else."""
    first, *others = content["embeds"]
    return {**content, "embeds": [{**first, "url": f"{ADDRESS}?{urlencode({'mark': mark})}"}, *others]}


def mark_of(message: Message, me: str) -> str:
    """Empty for what others wrote: it may carry our mark, and is not ours to keep or delete."""
    if str((message.get("author") or {}).get("id")) != me:
        return ""
    addresses = (urlsplit(str(embed.get("url") or "")) for embed in message.get("embeds") or ())
    ours = (parse_qs(address.query) for address in addresses if address.geturl().startswith(f"{ADDRESS}?"))
    return next((given["mark"][0] for given in ours if "mark" in given), "")


class LookUps:
    """Reads page by page, oldest first."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._pages = Paging(self._page)

    async def find(self, channels: Sequence[str], since: datetime, root: str, absent: Absent) -> list[Found]:
        """Our messages since then, oldest first, but for the root, in the first of these channels that is there.

        `absent` is told of those that are not. Raises `Refused` where none is there."""
        me, messages = await self._rest.me(), await self._first(channels, time_snowflake(since) - 1, absent)
        marks = {message["id"]: mark for message in messages if (mark := mark_of(message, me))}
        found = (Found(mark=mark, message_id=known, at=moment(known)) for known, mark in marks.items() if known != root)
        return sorted(found, key=lambda one: int(one.message_id))

    async def _first(self, channels: Sequence[str], after: int, absent: Absent) -> Messages:
        *first, last = channels
        for channel in first:
            try:
                return await self._read(channel, after)
            except Refused as error:
                if error.code != UNKNOWN_CHANNEL:
                    raise
                absent(channel)
        return await self._read(last, after)

    async def _read(self, channel: str, after: int) -> Messages:
        return await self._pages.read((channel, after), after)

    async def _page(self, place: tuple[str, int], after: int) -> tuple[Messages, int | None]:
        """What is asked for with `after` is what is next to it, though the newest of that comes first."""
        channel, _ = place
        page: Messages = await self._rest.call(
            "GET", f"/channels/{channel}/messages", after=after, limit=MESSAGES_PER_CALL
        )
        return page, max(int(message["id"]) for message in page) if len(page) == MESSAGES_PER_CALL else None


def moment(message_id: str) -> datetime:
    return snowflake_time(int(message_id))
