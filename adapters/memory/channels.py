"""Who may read which channels, without a platform."""

from collections.abc import Mapping

from threadwork.workflows.errors import ChatUnavailable
from threadwork.workflows.sinks import ChannelKind, Sink


class MemoryChannels:
    """Public, unless `kinds` says otherwise by a channel's or thread's id; `away`: the platform tells nothing."""

    def __init__(self, kinds: Mapping[str, ChannelKind] | None = None) -> None:
        self.kinds: dict[str, ChannelKind] = dict(kinds or {})
        self.members: dict[str, set[str]] = {}  # user ids, by channel
        self.alone = True  # of every platform: the bot has one home there
        self.away = False
        self.closed: set[str] = set()  # channels in which the bot may not post
        self.greetings: list[tuple[str, str]] = []  # user id, and what was said to that person alone

    async def kind(self, sink: Sink) -> ChannelKind:
        self._check()
        return self.kinds.get(sink.thread) or self.kinds.get(sink.channel, "public")

    async def speaks(self, user_id: str, sink: Sink) -> bool:
        self._check()
        return user_id in self.members.get(sink.channel, ())

    async def is_only_home(self, sink: Sink) -> bool:
        self._check()
        return self.alone

    async def takes_posts(self, sink: Sink) -> bool:
        self._check()
        return sink.channel not in self.closed

    async def direct(self, user_id: str, sink: Sink, greeting: str) -> Sink:
        self._check()
        self.greetings.append((user_id, greeting))
        return Sink(platform=sink.platform, workspace=sink.workspace, channel=f"D-{user_id}")

    def _check(self) -> None:
        if self.away:
            raise ChatUnavailable("The platform does not answer.")
