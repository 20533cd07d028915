"""Stands in for a chat platform that this process has no credentials for, and for a Temporal that is not asked."""

from datetime import datetime
from typing import NoReturn

from threadwork.workflows.cards import Card
from threadwork.workflows.errors import ChatUnavailable, SinkGone
from threadwork.workflows.sinks import Bucket, ChannelKind, Found, Part, Sink


class NullChat:
    """Satisfies `ChatAdapter` and refuses for good."""

    def __init__(self, platform: str) -> None:
        self._platform = platform

    def render(self, task_id: str, card: Card) -> list[Part]:
        return [Part(content={})]

    def buckets(self, sink: Sink, method: str) -> tuple[Bucket, ...]:
        return ()

    async def post(self, sink: Sink, part: Part, mark: str) -> str:
        self._refuse()

    async def edit(self, sink: Sink, message_id: str, part: Part, mark: str) -> None:
        self._refuse()

    async def delete(self, sink: Sink, message_id: str) -> None:
        self._refuse()

    async def find(self, sink: Sink, since: datetime) -> list[Found]:
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise SinkGone(f"{self._platform} is not connected.", "Set its token and restart the worker.")


class NullAttempts:
    """Satisfies `Attempts`."""

    async def waiting(self, task_id: str) -> str | None:
        return None


class NullChannels:
    """Satisfies `Channels`: nobody can say who may read a channel, so it is taken for nobody's."""

    async def kind(self, sink: Sink) -> ChannelKind:
        """Always raises `ChatUnavailable`."""
        raise ChatUnavailable(f"{sink.platform} is not connected to this process.")

    async def is_only_home(self, sink: Sink) -> bool:
        return False

    async def speaks(self, user_id: str, sink: Sink) -> bool:
        """Always raises `ChatUnavailable`."""
        raise ChatUnavailable(f"{sink.platform} is not connected to this process.")

    async def takes_posts(self, sink: Sink) -> bool:
        return True

    async def direct(self, user_id: str, sink: Sink, greeting: str) -> Sink:
        """Always raises `ChatUnavailable`."""
        raise ChatUnavailable(f"{sink.platform} is not connected to this process.")
