"""What a chat platform does for us."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Protocol

from threadwork.workflows.cards import Card
from threadwork.workflows.sinks import Bucket, ChannelKind, Found, Part, Sink


class Channels(Protocol):
    """Who may read and post what, as the platforms tell it now. Raises `ChatUnavailable` while they do not tell."""

    async def kind(self, sink: Sink) -> ChannelKind:
        """Of the channel, or of the thread in it. What the bot may not look at is `private`."""

    async def speaks(self, user_id: str, sink: Sink) -> bool:
        """Whether the person, by their id on the sink's platform, belongs to the channel and may speak in it."""

    async def is_only_home(self, sink: Sink) -> bool:
        """Whether the sink's workspace or server is the only one on its platform that has the bot."""

    async def takes_posts(self, sink: Sink) -> bool:
        """Whether the bot may post in the channel. True where only a post would tell."""

    async def direct(self, user_id: str, sink: Sink, greeting: str) -> Sink:
        """The conversation of the bot with that person alone, in the sink's workspace, where `greeting` was said.

        Raises `ThreadworkError` where it takes no messages."""


class ChatAdapter(Protocol):
    """A chat platform. It translates and posts; it decides nothing and retries nothing.

    Every call may raise `SinkGone` or `ChatUnavailable`; `edit` raises `NotFound` for a message that is gone."""

    def buckets(self, sink: Sink, method: Literal["post", "edit", "delete", "find"]) -> Sequence[Bucket]:
        """The rate limits that a call counts against, the narrowest first."""

    def render(self, task_id: str, card: Card) -> list[Part]:
        """A card as one message or more, split at the platform's limits."""

    async def post(self, sink: Sink, part: Part, mark: str) -> str:
        """Post a message that carries the mark, and return its id."""

    async def edit(self, sink: Sink, message_id: str, part: Part, mark: str) -> None: ...

    async def delete(self, sink: Sink, message_id: str) -> None: ...

    async def find(self, sink: Sink, since: datetime) -> list[Found]:
        """Our messages in the sink since then, oldest first."""
