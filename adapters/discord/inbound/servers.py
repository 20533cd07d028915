"""What is known of servers: their roles, which of them is the bot's own, and what the bot is called."""

from typing import Any, NamedTuple

import aiohttp
import structlog

from threadwork.adapters.chat.ttl_cache import TtlCache
from threadwork.adapters.discord.api.errors import Refused
from threadwork.adapters.discord.api.rest import Rest
from threadwork.adapters.discord.inbound.payload import shown

ROLES_TTL, NAME_TTL = 600.0, 3_600.0  # seconds for which an answer is kept
UNKNOWN_TTL = 30.0  # seconds after which what was not told is asked for again

log = structlog.get_logger(__name__)


class Roles(NamedTuple):
    """Of one server."""

    names: dict[str, str]  # by id
    own: frozenset[str]  # roles that stand for the bot: people pick them instead of it


UNTOLD = Roles({}, frozenset())


class Servers:
    """Discord is asked where it matters, once for a while. What it does not tell is as good as not there."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._roles: TtlCache[tuple[str, str], Roles] = TtlCache()
        self._names: TtlCache[str, str] = TtlCache()

    async def roles(self, guild: str, bot_user: str) -> Roles:
        """An app that is invited with permissions gets a role of its own name, which only it can have."""
        known = self._roles.get((guild, bot_user))
        if known is not None:
            return known
        told = await self._told(f"/guilds/{guild}/roles")
        if told is None:
            return self._roles.keep((guild, bot_user), UNTOLD, UNKNOWN_TTL)
        own = frozenset(str(one["id"]) for one in told if str((one.get("tags") or {}).get("bot_id")) == bot_user)
        names = {str(one["id"]): str(one.get("name") or one["id"]) for one in told}
        return self._roles.keep((guild, bot_user), Roles(names, own), ROLES_TTL)

    async def name(self, user: str) -> str:
        """The account's name that Discord shows; empty where it does not tell."""
        known = self._names.get(user)
        if known is not None:
            return known
        told = await self._told(f"/users/{user}")
        return self._names.keep(user, shown(told or {}), NAME_TTL if told else UNKNOWN_TTL)

    async def _told(self, path: str) -> Any:
        try:
            return await self._rest.call("GET", path)
        except (Refused, aiohttp.ClientError, TimeoutError, OSError) as error:
            log.info("discord_server_not_known", why=type(error).__name__)
            return None
