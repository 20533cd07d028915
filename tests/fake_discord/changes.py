"""What a test changes behind everybody's back."""

from typing import Any

from pydantic import TypeAdapter

from tests.fake_discord import seed_data
from tests.fake_discord.faults import Fault, Faults
from tests.fake_discord.settings import Settings
from tests.fake_discord.world import World

Json = dict[str, Any]
FAULTS = TypeAdapter(list[Fault])


class Changes:
    def __init__(self, world: World) -> None:
        self._world = world
        self._state = world.state

    def faults(self, faults: list[Json]) -> None:
        self._world.faults = Faults(FAULTS.validate_python(faults))

    def settings(self, **changes: Any) -> None:
        """Without forgetting anything; rates stay what they were."""
        self._world.settings = Settings.model_validate({**self._world.settings.model_dump(), **changes})

    def channel(self, id: str, **changes: Any) -> None:
        """Any field of `Channel`; unknown ids make a new one. The app is told, as far as it may know."""
        old = self._state.channels.get(id)
        made = seed_data.Channel.model_validate({**(old.model_dump() if old else {"id": id}), **changes})
        self._state.channels[id] = made
        happened = "CREATE" if old is None else "DELETE" if made.gone else "UPDATE"
        if made.is_thread:
            self._world.events.thread(f"THREAD_{happened}", made)
        else:
            self._world.events.channel(f"CHANNEL_{happened}", made)

    def member(self, guild: str, user: str, roles: list[str]) -> None:
        """Somebody's roles on a server; who was not there comes."""
        if unknown := [role for role in roles if role not in self._state.roles]:
            raise ValueError(f"There are no roles {', '.join(unknown)}.")
        self._state.members[guild, user] = seed_data.Member(guild=guild, user=user, roles=tuple(roles))

    def leave(self, guild: str, user: str) -> None:
        """Somebody leaves; the bot is thrown out."""
        del self._state.members[guild, user]
        if user == seed_data.BOT:
            self._world.gateway.dispatch("GUILD_DELETE", guild, 1, {"id": guild})

    def user(self, id: str, **changes: Any) -> None:
        """Any field of `User`; unknown ids make a new one."""
        old = self._state.users.get(id)
        made = seed_data.User.model_validate({**(old.model_dump() if old else {"id": id}), **changes})
        self._state.users[id] = made

    def revoke(self) -> None:
        """The bot's token is dead, and its connections with it."""
        self._world.revoked = True
        self._world.gateway.sessions.clear()
        self._world.gateway.cut()

    def cut(self, politely: bool = False) -> None:
        if politely:
            self._world.gateway.dismiss()
        else:
            self._world.gateway.cut()

    def invalidate(self, resumable: bool = False) -> None:
        self._world.gateway.invalidate(resumable)
