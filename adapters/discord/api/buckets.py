"""How fast Discord may be called."""

from collections.abc import Sequence
from typing import Literal

from threadwork.workflows.sinks import Bucket

Method = Literal["post", "edit", "delete", "find"]

# Of 50 calls a second for the whole bot half may go at once, the others flow in during that second.
GLOBAL = Bucket(key="discord:all", per_minute=1_500, burst=25)
# Calls a minute, and at once, in one channel. Discord tells a route's limit only in its answers; about five in five
# seconds is what it has been for messages. A burst and what flows in during five seconds are together five.
CHANNEL: dict[Method, tuple[float, int]] = {
    "post": (24, 3),  # cards come in bursts
    "edit": (36, 2),  # a status card's edits come one by one
    "delete": (36, 2),
    "find": (36, 2),
}


def buckets(channel: str, method: Method) -> Sequence[Bucket]:
    """The limits of a call, by discord.com/developers/docs/topics/rate-limits. A thread is a channel of its own."""
    per_minute, burst = CHANNEL[method]
    return Bucket(key=f"discord:{channel}:{method}", per_minute=per_minute, burst=burst), GLOBAL
