"""Who may read which channels of a server."""

from typing import Any

from threadwork.adapters.discord.api.errors import NO_ACCESS, Refused, translated
from threadwork.adapters.discord.api.rest import Rest
from threadwork.adapters.discord.cards.embeds import NOBODY, embed
from threadwork.adapters.discord.cards.text import escaped
from threadwork.adapters.discord.inbound.payload import Json, place_of
from threadwork.adapters.discord.permissions import ADMINISTRATOR, SPEAK, SPEAK_IN_THREADS, VIEW, granted
from threadwork.workflows.errors import NotFound, Rejected, SinkGone
from threadwork.workflows.sinks import ChannelKind, Sink

PRIVATE_THREAD = 12
DIRECT = (1, 3)  # types of conversations outside of servers
NOTHING: Json = {}
UNSEEN_THREAD: Json = {"type": PRIVATE_THREAD}


class DiscordChannels:
    """Satisfies `Channels`."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    async def kind(self, sink: Sink) -> ChannelKind:
        """Raises `ChatUnavailable`. Public is what @everyone of the server may view."""
        thread = await self._thread(sink)
        if thread.get("type") == PRIVATE_THREAD:
            return "thread"
        channel = await self._get(f"/channels/{_home(thread, sink)}")
        if channel.get("type") in DIRECT:
            return "direct" if channel["type"] == DIRECT[0] else "private"
        guild = str(channel.get("guild_id") or "")
        if not guild or guild != sink.workspace:
            return "private"
        everyone = granted(guild, "", (), await self._roles(guild), channel)
        return "public" if everyone & 1 << VIEW else "private"

    async def speaks(self, user_id: str, sink: Sink) -> bool:
        """Raises `ChatUnavailable`. A private thread takes its members, whoever may view its channel."""
        guild = sink.workspace
        if not user_id.isdigit() or not guild.isdigit():
            return False
        member = await self._get(f"/guilds/{guild}/members/{user_id}")
        channel = await self._get(f"/channels/{sink.channel}")
        if not member or str(channel.get("guild_id") or "") != guild:
            return False
        thread = await self._thread(sink)
        private = thread.get("type") == PRIVATE_THREAD
        if private and not await self._get(f"/channels/{sink.thread}/thread-members/{user_id}"):
            return False
        held = granted(guild, user_id, map(str, member.get("roles") or ()), await self._roles(guild), channel)
        speak = SPEAK_IN_THREADS if thread else SPEAK
        return bool(held & 1 << ADMINISTRATOR) or bool(held & 1 << VIEW and held & 1 << speak)

    async def is_only_home(self, sink: Sink) -> bool:
        """Raises `ChatUnavailable`. Whoever invites the bot to a second server ends it."""
        found: Any = await self._get("/users/@me/guilds")
        return [str(guild["id"]) for guild in found] == [sink.workspace]

    async def takes_posts(self, sink: Sink) -> bool:
        """What people do there tells it: see `MessageSource.posts`."""
        return True

    async def direct(self, user_id: str, sink: Sink, greeting: str) -> Sink:
        body = {"embeds": [embed([escaped(greeting)])], "allowed_mentions": NOBODY}
        with translated(user_id):
            conversation = await self._rest.call("POST", "/users/@me/channels", {"recipient_id": user_id})
            await self._rest.call("POST", f"/channels/{conversation['id']}/messages", body)
        return Sink(platform=sink.platform, channel=str(conversation["id"]))

    async def _roles(self, guild: str) -> list[Json]:
        found: Any = await self._get(f"/guilds/{guild}/roles")
        return found if isinstance(found, list) else []

    async def _thread(self, sink: Sink) -> Json:
        """Empty where there is none. One that the bot may not look at is closed: it was taken out of it."""
        found: Json = await self._get(f"/channels/{sink.thread}", UNSEEN_THREAD) if sink.thread else NOTHING
        return found

    async def _get(self, path: str, unseen: Json = NOTHING) -> Any:
        """Empty where there is no such thing: a message's id is no channel's. `unseen`: the bot may not look at it."""
        try:
            with translated(path):
                try:
                    return await self._rest.call("GET", path)
                except Refused as error:
                    if error.code == NO_ACCESS:
                        return unseen
                    raise
        except (SinkGone, NotFound, Rejected):
            return NOTHING


def _home(thread: Json, sink: Sink) -> str:
    return place_of(thread, sink.workspace).channel if thread else sink.channel
