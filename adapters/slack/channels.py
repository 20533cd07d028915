"""Who may read which channels of a workspace."""

from typing import Any

from threadwork.adapters.slack.api.clients import Clients
from threadwork.adapters.slack.api.errors import translated
from threadwork.workflows.errors import NotFound, Rejected, SinkGone
from threadwork.workflows.sinks import ChannelKind, Sink

PAGE_SIZE, PAGES = 900, 20  # members asked for at once, and how often: so many speak in few channels


class SlackChannels:
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
        for _ in range(PAGES):
            page = await self._page(sink, cursor)
            if user_id in (page.get("members") or ()):
                return True
            if not (cursor := str((page.get("response_metadata") or {}).get("next_cursor") or "")):
                break
        return False

    async def is_only_home(self, sink: Sink) -> bool:
        return self._alone

    async def _page(self, sink: Sink, cursor: str) -> dict[str, Any]:
        try:
            client = await self._clients.of(sink.workspace)
            with translated(sink.channel):
                answer = await client.conversations_members(
                    channel=sink.channel, limit=PAGE_SIZE, cursor=cursor or None
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
