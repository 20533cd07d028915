"""Who may read which channels of a workspace, and where the app may post."""

from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from threadwork.adapters.slack.api.clients import Clients
from threadwork.adapters.slack.api.errors import Refused, asking, translated
from threadwork.adapters.slack.cards.text import fallback
from threadwork.workflows.errors import NotFound, Rejected, SinkGone
from threadwork.workflows.sinks import ChannelKind, Sink

# Slack's words for a channel that the app is no member of: a public one, and one that it may not know of.
NO_MEMBER = frozenset({"not_in_channel", "channel_not_found"})
MEMBERS_PER_CALL, MAX_MEMBER_CALLS = 900, 20  # members asked for at once, and how often: so many speak in few channels


class SlackChannels:
    """Satisfies `Channels`."""

    def __init__(self, clients: Clients, alone: bool = True) -> None:
        """`alone`: there is one workspace; else whoever wants may install the app."""
        self._clients = clients
        self._alone = alone

    async def kind(self, sink: Sink) -> ChannelKind:
        """Raises `ChatUnavailable`. What the app may not look at is private: it needs `channels:read`, and is told
        of private channels without `groups:read` only that it lacks it."""
        if sink.channel.startswith("D"):
            return "direct"
        try:
            client = await self._clients.of(sink.workspace)
            with translated(sink.channel):
                answer = await client.conversations_info(channel=sink.channel)
        except (SinkGone, NotFound, Rejected):
            return "private"
        return _kind(answer.get("channel") or {})

    async def speaks(self, user_id: str, sink: Sink) -> bool:
        """Raises `ChatUnavailable`. Members, also those of other organisations in a shared channel."""
        cursor = ""
        for _ in range(MAX_MEMBER_CALLS):
            page = await self._page(sink, cursor)
            if user_id in (page.get("members") or ()):
                return True
            if not (cursor := str((page.get("response_metadata") or {}).get("next_cursor") or "")):
                break
        return False

    async def is_only_home(self, sink: Sink) -> bool:
        return self._alone

    async def takes_posts(self, sink: Sink) -> bool:
        """Raises `ChatUnavailable`. A public channel says whether the app is a member. Of others Slack says nothing
        without a scope that the app does not ask for, but who may read there is a member, and that it asks for."""
        client = await self._clients.of(sink.workspace)
        try:
            with asking():
                answer = await client.conversations_info(channel=sink.channel)
        except Refused:
            return await self._reads(client, sink.channel)
        return (answer.get("channel") or {}).get("is_member") is not False

    async def _reads(self, client: AsyncWebClient, channel: str) -> bool:
        try:
            with asking():
                await client.conversations_history(channel=channel, limit=1)
        except Refused as refused:
            return refused.code not in NO_MEMBER
        return True

    async def direct(self, user_id: str, sink: Sink, greeting: str) -> Sink:
        """A post to a person's id tells which conversation it went to, without the scope to open one."""
        client = await self._clients.of(sink.workspace)
        with translated(user_id):
            posted = await client.chat_postMessage(channel=user_id, text=fallback(greeting))
        return Sink(platform=sink.platform, workspace=sink.workspace, channel=str(posted["channel"]))

    async def _page(self, sink: Sink, cursor: str) -> dict[str, Any]:
        try:
            client = await self._clients.of(sink.workspace)
            with translated(sink.channel):
                answer = await client.conversations_members(
                    channel=sink.channel, limit=MEMBERS_PER_CALL, cursor=cursor or None
                )
        except (SinkGone, NotFound, Rejected):
            return {}
        return dict(answer.data) if isinstance(answer.data, dict) else {}


def _kind(channel: dict[str, Any]) -> ChannelKind:
    """A conversation of several people is private too; a private channel's id begins with C today."""
    if channel.get("is_im"):
        return "direct"
    is_public = channel.get("is_private") is False and not channel.get("is_mpim")
    return "public" if is_public else "private"
