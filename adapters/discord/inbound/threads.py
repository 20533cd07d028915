"""What Discord can tell of a thread in which something was said."""

from collections.abc import Awaitable, Sequence
from typing import TypeVar

from threadwork.adapters.discord.api.errors import Refused, translated
from threadwork.adapters.discord.inbound.context import Context
from threadwork.adapters.discord.inbound.message_content import says_something
from threadwork.adapters.discord.inbound.messages_of_others import found_in, thread_messages
from threadwork.adapters.discord.inbound.payload import Json, Payload, Place
from threadwork.adapters.discord.outbound.posted_messages import mark_of
from threadwork.workflows.inbound import ThreadMessage

MAX_EARLIER = 50  # earlier messages taken along, the newest of them and the first
GONE_STATUSES = (400, 403, 404)

T = TypeVar("T")


class DiscordThread:
    """Asked only where it matters. Both may raise `ChatUnavailable`; what Discord refuses is as good as not there."""

    def __init__(self, context: Context, payload: Payload, place: Place) -> None:
        self._context, self._payload, self._place = context, payload, place

    async def root_mark(self) -> str:
        """A thread that hangs on a message has the message's id."""
        if not self._place.thread:
            return ""
        root = await self._root()
        return mark_of(root, self._payload.bot_user) if root else ""

    async def earlier(self) -> Sequence[ThreadMessage]:
        if not self._place.thread:
            return ()
        before = self._payload.body["id"]
        page = await self._read(self._context.history.page(self._payload.channel, before)) or []
        root = await self._root()
        said = [one for one in (root, *reversed(page)) if one and self._is_theirs(one)]
        kept = said if len(said) <= MAX_EARLIER else [said[0], *said[1 - MAX_EARLIER :]]
        return await thread_messages(
            self._context, self._payload, [one for message in kept for one in found_in(message)]
        )

    async def _root(self) -> Json | None:
        path = f"/channels/{self._place.channel}/messages/{self._place.thread}"
        found: Json | None = await self._read(self._context.rest.call("GET", path))
        return found

    async def _read(self, call: Awaitable[T]) -> T | None:
        """None for what is not there, or not for us to see."""
        with translated(self._place.channel):
            try:
                return await call
            except Refused as error:
                if error.status in GONE_STATUSES:
                    return None
                raise

    def _is_theirs(self, message: Json) -> bool:
        """Said before, and not by us: our own cards are no context."""
        ours = str((message.get("author") or {}).get("id")) == self._payload.bot_user
        return says_something(message) and not ours and message["id"] != self._payload.body["id"]
