"""A chat platform in memory."""

from datetime import UTC, datetime
from itertools import count

from pydantic import BaseModel

from threadwork.workflows.cards import Card, FileCard
from threadwork.workflows.errors import NotFound, SinkGone
from threadwork.workflows.sinks import Bucket, File, Found, Part, Sink


class Posted(BaseModel):
    """A message as the platform keeps it."""

    message_id: str
    channel: str
    thread: str
    mark: str
    content: dict[str, object]
    at: datetime
    edits: int = 0
    file: File | None = None


class MemoryChat:
    """Keeps what was posted in `messages`; a channel in `gone` refuses for good."""

    def __init__(self) -> None:
        self.messages: dict[str, Posted] = {}
        self.gone: set[str] = set()
        self._ids = count(1)

    def render(self, task_id: str, card: Card) -> list[Part]:
        file = None
        if isinstance(card, FileCard) and card.file.ref:
            file = File(name=card.file.name, media_type=card.file.media_type, ref=card.file.ref)
        return [Part(content=card.model_dump(mode="json"), text=card.kind, file=file)]

    def buckets(self, sink: Sink, method: str) -> tuple[Bucket, ...]:
        return ()

    async def post(self, sink: Sink, part: Part, mark: str) -> str:
        self._check(sink)
        message_id = f"m{next(self._ids)}"
        self.messages[message_id] = Posted(
            message_id=message_id,
            channel=sink.channel,
            thread=sink.thread,
            mark=mark,
            content=part.content,
            at=datetime.now(UTC),
            file=part.file,
        )
        return message_id

    async def edit(self, sink: Sink, message_id: str, part: Part, mark: str) -> None:
        """Raises `NotFound` for a message that is gone."""
        self._check(sink)
        posted = self.messages.get(message_id)
        if posted is None:
            raise NotFound("The message is gone.")
        posted.content, posted.edits = part.content, posted.edits + 1

    async def delete(self, sink: Sink, message_id: str) -> None:
        self._check(sink)
        self.messages.pop(message_id, None)

    async def find(self, sink: Sink, since: datetime) -> list[Found]:
        self._check(sink)
        return [
            Found(mark=m.mark, message_id=m.message_id, at=m.at)
            for m in self.messages.values()
            if (m.channel, m.thread) == (sink.channel, sink.thread) and m.at >= since
        ]

    def _check(self, sink: Sink) -> None:
        if sink.channel in self.gone:
            raise SinkGone(f"The channel {sink.channel} is gone.")
