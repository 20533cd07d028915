"""What the bot may do on a server: the least that Threadwork needs, and what for."""

from typing import NamedTuple


class Permission(NamedTuple):
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
ADMINISTRATOR = 3


def number(permissions: tuple[Permission, ...] = PERMISSIONS) -> int:
    """All of them, as Discord counts."""
    return sum(1 << permission.bit for permission in permissions)


def missing(granted: int) -> tuple[Permission, ...]:
    if granted & 1 << ADMINISTRATOR:
        return ()
    return tuple(permission for permission in PERMISSIONS if not granted & 1 << permission.bit)
