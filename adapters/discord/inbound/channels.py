"""Which channels are threads, and of which channel."""

from collections.abc import Callable

from threadwork.adapters.discord.api.errors import Refused, translated
from threadwork.adapters.discord.api.rest import Rest
from threadwork.adapters.discord.inbound.payload import Json, Place, place_of

MAX_CHANNELS = 10_000  # channels that were asked for

Cached = Callable[[str], Json | None]  # what the gateway told of a channel


def nothing_cached(channel: str) -> Json | None:
    """Discord is asked."""
    return None


class Channels:
    """The gateway tells of most; what it has not told of, such as an archived thread, is asked for once."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._known: dict[str, Json] = {}
        self.cached: Cached = nothing_cached

    async def place(self, channel: str, guild: str) -> Place:
        """Raises `ChatUnavailable`. What Discord refuses to show counts as a channel of its own."""
        if not guild:
            return Place(channel=channel)
        known = self.cached(channel) or self._known.get(channel)
        return place_of(known or await self._ask(channel), guild)

    def name(self, channel: str) -> str:
        """Empty where it is not known."""
        return str((self.cached(channel) or self._known.get(channel) or {}).get("name") or "")

    async def _ask(self, channel: str) -> Json:
        try:
            found: Json = await self._rest.call("GET", f"/channels/{channel}")
        except Refused as error:
            if error.status in (429, 500, 502, 503, 504):
                with translated(channel):
                    raise
            found = {"id": channel}
        for oldest in list(self._known)[: len(self._known) - MAX_CHANNELS + 1]:
            del self._known[oldest]
        self._known[channel] = found
        return found
