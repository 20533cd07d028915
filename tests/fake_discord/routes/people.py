"""Who the bot is, where it is, and who else is there."""

from typing import Any

from tests.fake_discord import seed_data, servers, shapes
from tests.fake_discord.answers import refused
from tests.fake_discord.call import Call
from tests.fake_discord.gateway import gateway_url

Json = dict[str, Any]


def get_my_user(call: Call) -> Json:
    return shapes.me(call.world.state)


def get_user(call: Call) -> Json:
    if call.path["user_id"] not in call.world.state.users:
        raise refused(10_013)
    return shapes.user(call.world.state, call.path["user_id"])


def get_my_application(call: Call) -> Json:
    public = call.world.settings.bot_public
    return {**servers.application(call.world.state, public), "flags": _flags(call), "flags_new": str(_flags(call))}


def get_gateway(call: Call) -> Json:
    return {"url": gateway_url()}


def get_bot_gateway(call: Call) -> Json:
    limit = {"total": 1_000, "remaining": 999, "reset_after": 86_400_000, "max_concurrency": 1}
    return {"url": gateway_url(), "shards": call.world.settings.shards, "session_start_limit": limit}


def list_my_guilds(call: Call) -> list[Json]:
    state = call.world.state
    return [servers.own_guild(state, guild) for guild in state.guilds if (guild, seed_data.BOT) in state.members]


def get_guild(call: Call) -> Json:
    return servers.guild(call.world.state, call.guild())


def list_guild_channels(call: Call) -> list[Json]:
    guild, state = call.guild(), call.world.state
    rooms = (one for one in state.channels.values() if one.guild == guild and not one.is_thread and not one.gone)
    return [shapes.channel(state, one) for one in rooms]


def list_guild_roles(call: Call) -> list[Json]:
    guild, state = call.guild(), call.world.state
    return [shapes.role(state, one.id) for one in state.roles.values() if one.guild == guild]


def list_guild_members(call: Call) -> list[Json]:
    guild, state = call.guild(), call.world.state
    if not call.world.settings.privileged & 1 << 1:
        raise refused(50_001)
    people = [user for server, user in state.members if server == guild]
    after = call.number_of("after", 0)
    later = [user for user in sorted(people, key=int) if int(user) > after]
    return [shapes.member(state, guild, user) for user in later[: call.number_of("limit", 1)]]


def get_guild_member(call: Call) -> Json:
    guild, state = call.guild(), call.world.state
    if call.path["user_id"] not in state.users:
        raise refused(10_013)
    if (guild, call.path["user_id"]) not in state.members:
        raise refused(10_007)
    return shapes.member(state, guild, call.path["user_id"])


def _flags(call: Call) -> int:
    """Which privileged intents are switched on: presences, members, message content."""
    held = call.world.settings.privileged
    return sum(1 << flag for intent, flag in ((8, 13), (1, 15), (15, 19)) if held & 1 << intent)


TABLE = {
    "get_my_user": get_my_user,
    "get_user": get_user,
    "get_my_application": get_my_application,
    "get_my_oauth2_application": get_my_application,
    "get_gateway": get_gateway,
    "get_bot_gateway": get_bot_gateway,
    "list_my_guilds": list_my_guilds,
    "get_guild": get_guild,
    "list_guild_channels": list_guild_channels,
    "list_guild_roles": list_guild_roles,
    "list_guild_members": list_guild_members,
    "get_guild_member": get_guild_member,
}
