"""Who may do what where: discord.com/developers/docs/topics/permissions, with the names discord.py gives them."""

from collections.abc import Iterable
from typing import Any

from tests.fake_discord.seed_data import BOT, Channel
from tests.fake_discord.state import State

Json = dict[str, Any]
BITS = {
    "add_reactions": 1 << 6,
    "view_channel": 1 << 10,
    "send_messages": 1 << 11,
    "manage_messages": 1 << 13,
    "embed_links": 1 << 14,
    "attach_files": 1 << 15,
    "read_message_history": 1 << 16,
    "mention_everyone": 1 << 17,
    "administrator": 1 << 3,
    "use_application_commands": 1 << 31,
    "manage_threads": 1 << 34,
    "create_public_threads": 1 << 35,
    "create_private_threads": 1 << 36,
    "send_messages_in_threads": 1 << 38,
}
EVERYTHING = (1 << 53) - 1
DIRECTLY = ("view_channel", "send_messages", "embed_links", "attach_files", "read_message_history", "add_reactions")
ROLE, PERSON = 0, 1  # kinds of an overwrite


def bits(names: Iterable[str]) -> int:
    return sum(BITS[name] for name in set(names))


def granted(state: State, guild: str, user: str) -> int:
    """On the whole server."""
    if state.guilds[guild].owner == user:
        return EVERYTHING
    member = state.members[guild, user]
    names = {name for role in (guild, *member.roles) for name in state.roles[role].permissions}
    return EVERYTHING if "administrator" in names else bits(names)


def allowed(state: State, channel: Channel, user: str) -> int:
    """In a channel; a thread has its parent's rules."""
    if channel.direct:
        return bits(DIRECTLY) if user in (BOT, channel.user) else 0
    if (channel.guild, user) not in state.members:
        return 0
    place = state.channels[channel.parent] if channel.is_thread else channel
    held = granted(state, channel.guild, user)
    if held == EVERYTHING:
        return held
    if user == BOT:
        held &= ~bits(place.denied)
    elif place.members is not None and user not in place.members:
        held &= ~BITS["view_channel"]
    if channel.type == 12 and user not in channel.joined and not held & BITS["manage_threads"]:
        return 0
    return held if held & BITS["view_channel"] else 0


def may(state: State, channel: Channel, user: str, name: str) -> bool:
    return bool(allowed(state, channel, user) & BITS[name])


def overwrites(channel: Channel) -> list[Json]:
    """The same rules as Discord writes them, so that a client comes to the same result."""
    view = BITS["view_channel"]
    made = [_overwrite(BOT, PERSON, deny=bits(channel.denied))] if channel.denied else []
    if channel.members is None:
        return made
    seen = () if "view_channel" in channel.denied else (BOT,)
    people = [_overwrite(user, PERSON, allow=view) for user in channel.members]
    return [_overwrite(channel.guild, ROLE, deny=view), *people, *(_bot(channel, view) for _ in seen)] + (
        made if not seen else []
    )


def _bot(channel: Channel, view: int) -> Json:
    return _overwrite(BOT, PERSON, allow=view, deny=bits(channel.denied))


def _overwrite(id_: str, kind: int, allow: int = 0, deny: int = 0) -> Json:
    return {"id": id_, "type": kind, "allow": str(allow), "deny": str(deny)}
