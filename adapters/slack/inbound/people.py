"""Who people are. Payloads carry ids, and teams that mislead, so Slack is asked, and the answer kept for a while."""

import asyncio
from collections.abc import Iterable
from typing import Any, NamedTuple

from threadwork.adapters.chat.ttl_cache import TtlCache
from threadwork.adapters.slack.api.errors import Refused
from threadwork.adapters.slack.api.membership_kind import UNKNOWN, Facts, facts
from threadwork.adapters.slack.api.web import Web
from threadwork.workflows.errors import ChatUnavailable, ThreadworkError

NAME_TTL = 600.0  # seconds for which a name is kept
UNKNOWN_NAME_TTL = 30.0  # seconds after which a name that was not told is asked for again
NAME_TIMEOUT = 1.0  # seconds: somebody waits to be answered


class Known(NamedTuple):
    """What Slack said of a user."""

    name: str  # where Slack does not tell, the id
    facts: Facts = UNKNOWN
    robot: bool = False  # it is an app's user
    told: bool = True  # Slack has answered, if only that it knows nobody by that id


class People:
    """Names by token and user id. Where Slack does not tell, a person goes by the id."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._known: TtlCache[tuple[str, str], Known] = TtlCache()

    def known(self, token: str, user_id: str) -> Known | None:
        """What is known without asking."""
        return self._known.get((token, user_id))

    async def who(self, token: str, user_id: str) -> Known:
        return self._known.get((token, user_id)) or await self._ask(token, user_id)

    async def sure(self, token: str, user_id: str) -> Known:
        """`who`, asked once more where Slack had not told. Raises `ChatUnavailable` where it does not tell either."""
        known = await self.who(token, user_id)
        known = known if known.told else await self._ask(token, user_id)
        if not known.told:
            raise ChatUnavailable("Slack does not tell who that is.")
        return known

    async def name(self, token: str, user_id: str) -> str:
        return (await self.who(token, user_id)).name

    async def names(self, token: str, user_ids: Iterable[str]) -> dict[str, str]:
        wanted = list(dict.fromkeys(user_ids))
        return dict(zip(wanted, await asyncio.gather(*(self.name(token, one) for one in wanted)), strict=True))

    async def _ask(self, token: str, user_id: str) -> Known:
        try:
            async with asyncio.timeout(NAME_TIMEOUT):
                user = (await self._web.read(token, "users.info", user=user_id)).get("user") or {}
        except Refused:
            return self._known.keep((token, user_id), Known(user_id), UNKNOWN_NAME_TTL)
        except (ThreadworkError, TimeoutError):
            return self._known.keep((token, user_id), Known(user_id, told=False), UNKNOWN_NAME_TTL)
        told = Known(shown(user) or user_id, facts(user), bool(user.get("is_bot")))
        return self._known.keep((token, user_id), told, NAME_TTL)


def shown(user: dict[str, Any]) -> str:
    """The name that Slack shows of a user: the display name, else the full one, else the handle."""
    profile = user.get("profile") or {}
    found = profile.get("display_name") or profile.get("real_name") or user.get("real_name") or user.get("name")
    return str(found or "")
