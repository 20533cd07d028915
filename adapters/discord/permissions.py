"""What the bot may do on a server: the least that Threadwork needs, and what for."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple


class Permission(NamedTuple):
    """One permission that the bot asks for, and what it is for."""

    name: str  # as Discord shows it
    bit: int  # its place in Discord's number
    purpose: str  # completes "It …"
    needed: bool = True  # False: all else works without it


# Not here, on purpose: Manage Messages and Manage Threads (the bot changes nothing but its own), Mention Everyone.
PERMISSIONS = (
    Permission("View Channel", 10, "sees the channel, and what is said to it"),
    Permission("Send Messages", 11, "posts a task's first card"),
    Permission("Send Messages in Threads", 38, "posts all others"),
    Permission("Embed Links", 14, "shows cards, and recognises its own by them"),
    Permission("Read Message History", 16, "finds its cards after a crash, and replies that came meanwhile"),
    Permission("Create Public Threads", 35, "gives each task a thread; else its cards are replies", needed=False),
    Permission("Attach Files", 15, "gives long answers as files", needed=False),
    Permission("Add Reactions", 6, "shows a task's state as a reaction", needed=False),
)
# Places in Discord's number.
ADMINISTRATOR, VIEW, SPEAK, EMBED, CREATE_THREADS, SPEAK_IN_THREADS = 3, 10, 11, 14, 35, 38


def number(permissions: tuple[Permission, ...] = PERMISSIONS) -> int:
    """All of them, as Discord counts."""
    return sum(1 << permission.bit for permission in permissions)


def may_post(held: int, in_thread: bool) -> bool:
    """Whether a task's cards can be posted with these permissions. Where no thread can be made they are answers in the
    channel itself."""
    if held & 1 << ADMINISTRATOR:
        return True
    threads = {SPEAK_IN_THREADS} if in_thread or held & 1 << CREATE_THREADS else set[int]()
    needed = {VIEW, EMBED, *threads, *(set[int]() if in_thread else {SPEAK})}
    return all(held & 1 << bit for bit in needed)


def missing(granted: int) -> tuple[Permission, ...]:
    if granted & 1 << ADMINISTRATOR:
        return ()
    return tuple(permission for permission in PERMISSIONS if not granted & 1 << permission.bit)


def granted(
    guild: str, user: str, roles: Iterable[str], known: Iterable[dict[str, Any]], channel: dict[str, Any]
) -> int:
    """What a person may do in a channel: what their roles give, then what the channel takes and gives, by Discord's
    order. `user`: empty for nobody in particular. `known`: the roles of the server, @everyone (its own id) among them.

    The server's owner, who may do everything, counts as what their roles make them."""
    given = {str(role["id"]): int(role["permissions"]) for role in known}
    mine = {guild, *roles}
    held = 0
    for role in mine & given.keys():
        held |= given[role]
    if held & 1 << ADMINISTRATOR:
        return held
    overwrites = {str(one["id"]): one for one in channel.get("permission_overwrites") or ()}
    for holders in ({guild}, mine - {guild}, {user}):
        held = _changed(held, [overwrites[one] for one in holders if one in overwrites])
    return held


def _changed(held: int, overwrites: Sequence[dict[str, Any]]) -> int:
    for one in overwrites:
        held &= ~int(one.get("deny") or 0)
    for one in overwrites:
        held |= int(one.get("allow") or 0)
    return held
