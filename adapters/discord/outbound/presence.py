"""The state of a task as a reaction on its root message. It follows behind the cards, which it neither delays nor
fails."""

import asyncio
import time
from typing import Any, NamedTuple

import aiohttp
import structlog

from threadwork.adapters.chat.one_try import DEFAULT_RETRY_AFTER
from threadwork.adapters.chat.status_mirror import PACE, StatusMirror
from threadwork.adapters.discord.api.errors import Refused
from threadwork.adapters.discord.api.rest import Rest
from threadwork.workflows.values import Status

REST = 0.3  # seconds between two calls: Discord takes a change of reactions every quarter of one
REFUSED = 600.0  # seconds in which a channel that refused is left alone

RUNNING, ASKING, HELD, DONE, FAILED, STOPPED, NONE = "⏳", "✋", "⏸️", "✅", "⚠️", "⏹️", ""
EMOJI = {
    Status.QUEUED: NONE,
    Status.RUNNING: RUNNING,
    Status.PAUSED: HELD,
    Status.WAITING_APPROVAL: ASKING,
    Status.WAITING_ANSWER: ASKING,
    Status.WAITING_BUDGET: ASKING,
    Status.COMPLETED: DONE,
    Status.FAILED: FAILED,
    Status.CANCELLED: STOPPED,
}
OURS = frozenset(filter(None, EMOJI.values()))

log = structlog.get_logger(__name__)


class Root(NamedTuple):
    """The message a thread hangs on."""

    channel: str
    message: str


class Presence:
    def __init__(self, rest: Rest, pace: float = PACE) -> None:
        reactions = Reactions(rest)
        self._states = StatusMirror[Root](lambda root, fresh: Mirror(reactions, root, NONE if fresh else None), pace)

    def show(self, root: Root, state: Status, fresh: bool = False) -> None:
        """Returns at once. `fresh`: the task is new there, and nothing of ours on the message."""
        self._states.show(root, state, fresh)

    async def close(self) -> None:
        await self._states.close()


class Mirror:
    """One root message. `reaction`: ours on it; None: not known, as after a restart."""

    def __init__(self, reactions: "Reactions", root: Root, reaction: str | None) -> None:
        self._reactions = reactions
        self._root = root
        self._reaction = reaction

    async def show(self, state: Status) -> None:
        """The new one first, so that there is always one; then the old one goes."""
        new = EMOJI[state]
        if new == self._reaction:
            return
        there = {self._reaction} if self._reaction is not None else await self._reactions.on(self._root)
        if new and new not in there and not await self._reactions.change("PUT", self._root, new):
            return
        for old in there - {new, NONE}:
            await self._reactions.change("DELETE", self._root, old)
        self._reaction = new


class Reactions:
    """Calls that are mere courtesy: they fail in silence, one at a time, and a 429 is obeyed by silence for so long."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._turn = asyncio.Lock()
        self._off: dict[str, float] = {}  # channels where the bot may not, until when they are left alone

    async def on(self, root: Root) -> set[str]:
        """Those of ours on the message."""
        message = await self._call(root, "GET", "") or {}
        named = {str(one["emoji"]["name"]) for one in message.get("reactions") or () if one.get("me")}
        return {emoji for emoji in OURS if _bare(emoji) in map(_bare, named)}

    async def change(self, method: str, root: Root, emoji: str) -> bool:
        return await self._call(root, method, f"/reactions/{emoji}/@me") is not None

    async def _call(self, root: Root, method: str, rest: str) -> Any:
        """Discord's answer, or None where there is none of use."""
        while time.monotonic() >= self._off.get(root.channel, 0):
            async with self._turn:
                try:
                    path = f"/channels/{root.channel}/messages/{root.message}{rest}"
                    return await self._rest.call(method, path) or {}
                except Refused as error:
                    if error.status != 429:
                        return self._refused(root, error)
                    await asyncio.sleep(error.retry_after or DEFAULT_RETRY_AFTER)
                except (TimeoutError, aiohttp.ClientError, OSError):
                    return None
                finally:
                    await asyncio.sleep(REST)
        return None

    def _refused(self, root: Root, error: Refused) -> None:
        if error.status in (401, 403):  # such refusals count: too many, and Discord blocks the address
            self._off[root.channel] = time.monotonic() + REFUSED
            log.warning("reactions_off", channel=root.channel, code=error.code, hint="Cards are shown all the same.")


def _bare(emoji: str) -> str:
    """Without the sign that asks for colour, which Discord may leave out."""
    return emoji.replace("\ufe0f", "")
