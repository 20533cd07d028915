"""Who may read which channels."""

from examples.mattermost.rest import Rest
from threadwork.workflows.errors import NotFound, SinkGone
from threadwork.workflows.sinks import ChannelKind, Sink

KINDS: dict[str, ChannelKind] = {"O": "public", "D": "direct"}


class MattermostChannels:
    """Satisfies `Channels`."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    async def kind(self, sink: Sink) -> ChannelKind:
        """An open channel is its team's: where the bot is in several teams, not all whom it knows may read it."""
        try:
            found = await self._rest.call("GET", f"/channels/{sink.channel}")
        except (NotFound, SinkGone):
            return "private"
        kind = KINDS.get(found["type"], "private")
        return "private" if kind == "public" and not await self._has_one_team() else kind

    async def speaks(self, user_id: str, sink: Sink) -> bool:
        try:
            await self._rest.call("GET", f"/channels/{sink.channel}/members/{user_id}")
        except (NotFound, SinkGone):
            return False
        return True

    async def is_only_home(self, sink: Sink) -> bool:
        """One server is all there is; with several teams in it nobody knows whose they are."""
        return await self._has_one_team()

    async def takes_posts(self, sink: Sink) -> bool:
        """Only a post tells."""
        return True

    async def direct(self, user_id: str, sink: Sink, greeting: str) -> Sink:
        """Never asked for, as no channel is known to take no posts."""
        raise SinkGone("No conversation is opened here.")

    async def _has_one_team(self) -> bool:
        return len(await self._rest.call("GET", "/users/me/teams")) == 1
