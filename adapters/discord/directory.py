"""Who has which roles on a server, and who is a member of it."""

import asyncio
from typing import Any

from threadwork.adapters.chat.ttl_cache import TtlCache
from threadwork.adapters.discord.api.errors import NO_ACCESS, UNKNOWN_GUILD, UNKNOWN_MEMBER, Refused, translated
from threadwork.adapters.discord.api.rest import Rest
from threadwork.workflows.errors import NotFound, Rejected, SinkGone
from threadwork.workflows.values import Principal, Standing

KEEP = 60.0  # seconds: a person who lost a role decides for so long at most
MAX_SERVERS = 20  # servers that are asked whether somebody in direct messages is a member
STRANGERS = frozenset({NO_ACCESS, UNKNOWN_GUILD, UNKNOWN_MEMBER})  # the bot is not there, or the person is not


class DiscordDirectory:
    def __init__(self, rest: Rest, keep: float = KEEP) -> None:
        """`keep`: seconds for which the same is not asked again."""
        self._rest = rest
        self._keep = keep
        self._known: TtlCache[str, Any] = TtlCache()
        self._asking = asyncio.Lock()

    async def groups(self, principal: Principal) -> tuple[str, ...]:
        """`role:id` of each, and `role:name` as long as the bot is on one server alone: whoever invites it to another
        may call roles there as they like. None for people of other platforms, in direct messages, and on servers that
        are not ours.

        Raises `ChatUnavailable`, and `SinkGone` where the bot may not ask: what depends on it stays pending."""
        if principal.platform != "discord" or not principal.workspace.isdigit() or not principal.user_id.isdigit():
            return ()
        guild = f"/guilds/{principal.workspace}"
        async with self._asking:
            member = await self._of(f"{guild}/members/{principal.user_id}", {})
            if not (mine := frozenset(map(str, member.get("roles") or ()))):
                return ()
            roles = await self._of(f"{guild}/roles", [])
            alone = len(await self._of("/users/@me/guilds", [])) == 1
        held = [role for role in roles if role["id"] in mine]
        return tuple(
            f"role:{name}" for role in held for name in ((role["id"], role["name"]) if alone else (role["id"],))
        )

    async def standing(self, principal: Principal) -> Standing:
        """A member of the server; in direct messages, of any server the bot is on. Raises as `groups` does, also where
        the bot is on none of them any more: then nobody can tell."""
        if principal.platform != "discord" or not principal.user_id.isdigit():
            return "unknown"
        async with self._asking:
            ours = await self._servers()
            asked = [server for server in ours if principal.workspace in ("", server)]
            if not asked:
                raise SinkGone("Discord does not tell the bot who is a member there.", "Invite the bot anew.")
            for server in asked:
                if await self._of(f"/guilds/{server}/members/{principal.user_id}", {}):
                    return "member"
        return "external"

    async def _servers(self) -> list[str]:
        return [str(guild["id"]) for guild in (await self._of("/users/@me/guilds", []))[:MAX_SERVERS]]

    async def _of(self, path: str, nothing: Any) -> Any:
        known = self._known.get(path)
        return self._known.keep(path, await self._ask(path, nothing), self._keep) if known is None else known

    async def _ask(self, path: str, nothing: Any) -> Any:
        try:
            with translated(path):
                try:
                    return await self._rest.call("GET", path)
                except Refused as error:
                    if error.code not in STRANGERS:
                        raise
                    return nothing
        except (NotFound, Rejected, SinkGone) as error:
            raise SinkGone("Discord does not tell the bot who has which roles.", "Invite the bot anew.") from error
