"""What Mattermost can tell of a thread in which something was said."""

from collections.abc import Sequence
from datetime import UTC, datetime

from examples.mattermost.history import thread
from examples.mattermost.inbound.context import Context
from examples.mattermost.me import Me
from examples.mattermost.posts import MARK, Post, called_off, is_theirs
from threadwork.workflows.errors import NotFound, SinkGone
from threadwork.workflows.inbound import ThreadMessage

MAX_EARLIER = 50  # earlier messages taken along, the newest of them and the first


class MattermostThread:
    """Asked only where it matters. Both may raise `ChatUnavailable`; what is refused is as good as not there."""

    def __init__(self, context: Context, bot: Me, post: Post) -> None:
        self._context, self._bot, self._post = context, bot, post

    async def root_mark(self) -> str:
        """Anybody may write such a mark into a post of their own."""
        root = next((one for one in await self._read() if not one["root_id"]), None)
        ours = root is not None and root["user_id"] == self._bot.user_id
        return str((root["props"] or {}).get(MARK, "")) if root and ours else ""

    async def earlier(self) -> Sequence[ThreadMessage]:
        now = self._post["create_at"]
        said = [one for one in await self._read() if is_theirs(one, self._bot.user_id) and one["create_at"] < now]
        kept = said if len(said) <= MAX_EARLIER else [said[0], *said[1 - MAX_EARLIER :]]
        return [await self._line(one) for one in kept]

    async def _read(self) -> list[Post]:
        try:
            return await thread(self._context.rest, self._post["root_id"]) if self._post["root_id"] else []
        except (NotFound, SinkGone):
            return []

    async def _line(self, post: Post) -> ThreadMessage:
        author = await self._context.people.who(post["user_id"])
        at = datetime.fromtimestamp(post["create_at"] / 1_000, UTC)
        return ThreadMessage(name=author.name, text=called_off(post["message"], self._bot.username), at=at)
