"""What Discord can tell of a thread in which something was said."""

from collections.abc import Sequence
from typing import Any

from adapters.discord.errors import Refused, translated
from adapters.discord.lookups import mark_of
from adapters.discord.origin import Json, Payload, Place, shown
from adapters.discord.people import names_in
from adapters.discord.rest import Rest
from adapters.discord.spoken import spoken
from workflows.talk import Line

MOST = 50  # earlier messages taken along, the newest of them and the first
PAGE = 100  # messages a call: the most there is
GONE = (400, 403, 404)


class DiscordThread:
    """Asked only where it matters. Both may raise `ChatUnavailable`; what Discord refuses is as good as not there."""

    def __init__(self, rest: Rest, payload: Payload, place: Place) -> None:
        self._rest, self._payload, self._place = rest, payload, place

    async def root_mark(self) -> str:
        """A thread that hangs on a message has the message's id."""
        if not self._place.thread:
            return ""
        root = await self._root()
        return mark_of(root, self._payload.bot_user) if root else ""

    async def earlier(self) -> Sequence[Line]:
        if not self._place.thread:
            return ()
        before = self._payload.body["id"]
        page = await self._read(f"/channels/{self._payload.channel}/messages", before=before, limit=PAGE) or []
        root = await self._root()
        said = [one for one in (root, *reversed(page)) if one and self._is_theirs(one)]
        kept = said if len(said) <= MOST else [said[0], *said[1 - MOST :]]
        return tuple(self._line(one) for one in kept)

    async def _root(self) -> Json | None:
        found: Json | None = await self._read(f"/channels/{self._place.channel}/messages/{self._place.thread}")
        return found

    async def _read(self, path: str, **query: Any) -> Any:
        """None for what is not there, or not for us to see."""
        with translated(self._place.channel):
            try:
                return await self._rest.call("GET", path, **query)
            except Refused as error:
                if error.status in GONE:
                    return None
                raise

    def _is_theirs(self, message: Json) -> bool:
        """Said before, and not by us: our own cards are no context."""
        ours = str((message.get("author") or {}).get("id")) == self._payload.bot_user
        return bool(message.get("content")) and not ours and message["id"] != self._payload.body["id"]

    def _line(self, message: Json) -> Line:
        text = spoken(message["content"], names_in(message), self._payload.bot_user).text
        return Line(name=shown(message.get("author") or {}) or "somebody", text=text)
