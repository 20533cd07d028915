"""Who is a member. Teams are what a server's people have in common; there are no groups without an own licence."""

from examples.mattermost.posts import PLATFORM
from examples.mattermost.rest import Rest
from threadwork.workflows.errors import NotFound
from threadwork.workflows.values import Principal, Standing


class MattermostDirectory:
    """Satisfies `Groups`."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    async def groups(self, principal: Principal) -> tuple[str, ...]:
        return ()

    async def standing(self, principal: Principal) -> Standing:
        """A member of a team that the bot is in; whoever else writes to it is from outside.

        Raises `ChatUnavailable`, and `SinkGone` where the bot may not ask."""
        if principal.platform != PLATFORM:
            return "unknown"
        try:
            user = await self._rest.call("GET", f"/users/{principal.user_id}")
        except NotFound:
            return "external"
        if user.get("delete_at") or not await self._shares_team(principal.user_id):
            return "external"
        return "guest" if "system_guest" in str(user.get("roles")).split() else "member"

    async def _shares_team(self, user_id: str) -> bool:
        for team in await self._rest.call("GET", "/users/me/teams"):
            try:
                member = await self._rest.call("GET", f"/teams/{team['id']}/members/{user_id}")
            except NotFound:
                continue
            if not member.get("delete_at"):
                return True
        return False
