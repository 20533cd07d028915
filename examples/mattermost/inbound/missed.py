"""What was said while nobody listened: it is read in the history."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import structlog

from examples.mattermost.history import changed_since, thread
from examples.mattermost.inbound.context import Context
from examples.mattermost.inbound.messages import deleted, edited, said
from examples.mattermost.me import Me
from examples.mattermost.posts import Post, is_theirs, moment
from threadwork.workflows.errors import NotFound, SinkGone
from threadwork.workflows.sinks import Sink

RECENT = 600_000  # milliseconds: so old what called the bot before it was started may be; later it would surprise
REPLY_TIME = 86_400_000  # milliseconds: so old a reply in a task's thread may be
OVERLAP = 10_000  # milliseconds read once more: what is told last may have been written first
MAX_REMEMBERED = 10_000  # posts that were handed on, so that they are not handed on again
RETRY_DELAYS = (1, 5, 25)  # seconds after a history that could not be read

T = TypeVar("T")
Threads = Callable[[], Awaitable[Sequence[Sink]]]  # where tasks are at work
Known = Callable[[str], Awaitable[bool]]  # whether a message was stored, by its key

log = structlog.get_logger(__name__)


class Missed:
    """A message counts once in any case, by its key; so it does no harm to look too often, or at too many."""

    def __init__(self, context: Context, threads: Threads, known: Known) -> None:
        self._context, self._threads, self._known = context, threads, known
        self._heard: dict[tuple[str, int, bool], None] = {}  # post, edited when, taken back
        self._since = 0  # of the server's clock: everything before was told; 0: nothing yet
        self._owed = 0  # since when nothing was read, where it could not be; 0: nothing is owed

    def is_new(self, post: Post) -> bool:
        """Whether this state of the post was not handed on by this process; from now on it was."""
        key = (post["id"], post.get("edit_at") or 0, bool(post.get("delete_at")))
        self._since = max(self._since, post["update_at"])
        if key in self._heard:
            return False
        self._heard[key] = None
        if len(self._heard) > MAX_REMEMBERED:
            del self._heard[next(iter(self._heard))]
        return True

    def fetch(self, bot: Me) -> None:
        """To be called as a session begins, before anything of it is heard. Goes on by itself."""
        since = self._owed or (self._since or _now() - RECENT) - OVERLAP
        started, self._owed = not self._since, since
        self._context.work.go_on(self._fetch(bot, since, started))

    async def _fetch(self, bot: Me, since: int, started: bool) -> None:
        channels = await self._persistently(lambda: self._lively(since))
        for channel in channels or ():
            await self._persistently(lambda at=channel: self._channel(bot, at, since))  # type: ignore[misc]
        for sink in await self._threads() if started else ():
            await self._persistently(lambda at=sink.thread: self._thread(bot, at))  # type: ignore[misc]
        if channels is not None:
            self._owed = 0

    async def _lively(self, since: int) -> list[str]:
        channels = await self._context.rest.call("GET", "/users/me/channels")
        return [str(one["id"]) for one in channels if one["last_post_at"] > since]

    async def _channel(self, bot: Me, channel: str, since: int) -> None:
        """An edit leaves its old text behind, as a deleted post that names the edited one."""
        for post in await changed_since(self._context.rest, channel, since):
            said_before = (post["id"], 0, False) in self._heard
            if not post.get("original_id") and self.is_new(post):
                await self._hand_on(bot, post, said_before)

    async def _hand_on(self, bot: Me, post: Post, said_before: bool) -> None:
        if post["delete_at"]:
            await deleted(self._context, bot, post)
        elif said_before or await self._known(moment(post)):
            await edited(self._context, bot, post)
        else:
            await said(self._context, bot, post)

    async def _thread(self, bot: Me, root: str) -> None:
        """Replies behind the newest one that was stored: what is older was heard."""
        missed: list[Post] = []
        for post in reversed(await thread(self._context.rest, root)):
            if not is_theirs(post, bot.user_id):
                continue
            if post["create_at"] < _now() - REPLY_TIME or await self._known(moment(post)):
                break
            missed.append(post)
        for post in reversed(missed):
            if not post["delete_at"] and self.is_new(post):
                await said(self._context, bot, post)

    async def _persistently(self, attempt: Callable[[], Awaitable[T]]) -> T | None:
        """None: it could not be read."""
        for delay in RETRY_DELAYS:
            try:
                return await attempt()
            except (NotFound, SinkGone):
                return None
            except Exception as error:
                log.info("mattermost_history_not_read", why=type(error).__name__, again_in=delay)
            await asyncio.sleep(delay)
        return None


def _now() -> int:
    return int(time.time() * 1_000)
