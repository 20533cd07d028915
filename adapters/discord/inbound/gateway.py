"""The gateway's connections: discord.py identifies, beats, resumes and reconnects; what it hears is handed on as it is.

Nothing of its objects, caches, views or command trees is used, so that a click on a message of last month's is like
any other. Calls are `Rest`'s, but for the two with which it logs in."""

import json
import logging
import threading
from collections.abc import Callable
from typing import Any

import discord
from discord.gateway import KeepAliveHandler

from threadwork.adapters.discord.inbound.payload import Json

Deliver = Callable[[str, Json], None]  # the event's name, and its data
WARNINGS_ONLY = ("discord.client", "discord.gateway", "discord.http", "discord.shard", "discord.state")


def intents() -> discord.Intents:
    """Of those only the content of messages must be switched on for the app."""
    wanted = discord.Intents.none()
    wanted.guilds = wanted.guild_messages = wanted.dm_messages = True
    wanted.guild_reactions = wanted.dm_reactions = wanted.message_content = True
    return wanted


class GatewayClient(discord.AutoShardedClient):
    """One session at the gateway, of as many shards as wanted."""

    def __init__(self, deliver: Deliver, shards: int | None, api_url: str | None, gateway_url: str | None) -> None:
        """`shards`: None: as many as Discord advises."""
        for name in WARNINGS_ONLY:  # at lower levels what people wrote is logged
            logging.getLogger(name).setLevel(logging.CRITICAL)
        super().__init__(
            intents=intents(),
            shard_count=shards,
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            enable_debug_events=True,
        )
        self._hand_on = deliver
        _lead(self.http, api_url, gateway_url)

    async def on_socket_raw_receive(self, text: str) -> None:
        frame = json.loads(text)
        if frame.get("op") == 0:
            self._hand_on(str(frame["t"]), frame.get("d") or {})

    async def close(self) -> None:
        """A shard that was still identifying is not known yet, but beats already: nothing else closes it."""
        await super().close()
        for thread in threading.enumerate():
            if isinstance(thread, KeepAliveHandler) and thread.ws._connection is self._connection:
                await thread.ws.close(code=1000)

    @property
    def is_open(self) -> bool:
        """Whether every shard is connected."""
        return bool(self.shards) and not any(shard.is_closed() for shard in self.shards.values())

    def known(self, channel: str) -> Json | None:
        """What the gateway told of a channel or a thread."""
        found = self.get_channel(int(channel))
        if found is None:
            return None
        return {
            "id": channel,
            "name": getattr(found, "name", ""),
            "type": getattr(getattr(found, "type", None), "value", None),
            "parent_id": getattr(found, "parent_id", None),
        }


def _lead(http: Any, api_url: str | None, gateway_url: str | None) -> None:
    """Elsewhere than to Discord: this client alone, for discord.py's own addresses are the whole process's. What the
    server says of its gateway, at first and to resume, does not count then."""
    request, ws_connect = http.request, http.ws_connect

    async def requested(route: discord.http.Route, **how: Any) -> Any:
        route.url = f"{(api_url or route.BASE).rstrip('/')}{route.url.removeprefix(route.BASE)}"
        return await request(route, **how)

    async def connected(url: str, **how: Any) -> Any:
        query = url.partition("?")[2]
        return await ws_connect(f"{gateway_url}?{query}" if gateway_url else url, **how)

    http.request, http.ws_connect = requested, connected
