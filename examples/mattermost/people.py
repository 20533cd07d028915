"""Who people are; asked once in a while."""

from typing import Any, NamedTuple

from examples.mattermost.posts import PLATFORM
from examples.mattermost.rest import Rest
from threadwork.adapters.chat.ttl_cache import TtlCache
from threadwork.workflows.errors import NotFound, SinkGone
from threadwork.workflows.values import Principal

USER_TTL = 600.0  # seconds for which a name is kept


class Known(NamedTuple):
    """What Mattermost said of a user."""

    name: str
    robot: bool = False


class People:
    """Names by user id, and kinds of channels by id. Raises `ChatUnavailable` where they are not known by then."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._users: TtlCache[str, Known] = TtlCache()
        self._directs: TtlCache[str, bool] = TtlCache()

    async def who(self, user_id: str) -> Known:
        return self._users.get(user_id) or self._users.keep(user_id, await self._ask(user_id), USER_TTL)

    async def is_direct(self, channel: str) -> bool:
        """Whether it is a conversation of two. The bot is one of them, as it hears of it."""
        known = self._directs.get(channel)
        if known is None:
            found = await self._rest.call("GET", f"/channels/{channel}")
            known = self._directs.keep(channel, found["type"] == "D", USER_TTL)
        return known

    async def _ask(self, user_id: str) -> Known:
        try:
            user = await self._rest.call("GET", f"/users/{user_id}")
        except (NotFound, SinkGone):
            return Known(user_id)
        return Known(shown(user) or user_id, bool(user.get("is_bot")))


def shown(user: dict[str, Any]) -> str:
    full = f"{user.get('first_name') or ''} {user.get('last_name') or ''}".strip()
    return str(user.get("nickname") or full or user.get("username") or "")


def person(user_id: str, name: str = "") -> Principal:
    """What they are there is asked where it matters."""
    return Principal(platform=PLATFORM, standing="unknown", user_id=user_id, name=name)
