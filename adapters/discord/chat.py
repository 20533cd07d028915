"""Discord behind the port `ChatAdapter`."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from threadwork.adapters.discord.api import buckets
from threadwork.adapters.discord.api.errors import UNKNOWN_MESSAGE, Refused, translated
from threadwork.adapters.discord.api.rest import Rest
from threadwork.adapters.discord.cards import card_renderers
from threadwork.adapters.discord.outbound.files import Body, with_file
from threadwork.adapters.discord.outbound.places import Places
from threadwork.adapters.discord.outbound.posted_messages import LookUps, moment
from threadwork.adapters.discord.outbound.presence import Presence, Root
from threadwork.workflows.cards import Card
from threadwork.workflows.errors import NotFound
from threadwork.workflows.sinks import Bucket, File, Found, Part, Sink

EARLIER = timedelta(seconds=2)  # a message so much older than its own post is one that was posted before


def no_link(task_id: str) -> str:
    """There is no page to link to."""
    return ""


class DiscordChat:
    """Cards as messages, each with its mark in the embed, in a thread under the task's status card.

    A sink is a channel, and the id of a thread in it or of the message a thread is to hang on, which are the same.
    Raises `SinkGone` where Discord refuses for good, `NotFound` for an edit of a message that is gone, `Rejected` for
    what Discord will never take, `ChatUnavailable` otherwise: with seconds where the call certainly had no effect,
    without them where nobody knows."""

    def __init__(self, rest: Rest, link: Callable[[str], str] = no_link, presence: Presence | None = None) -> None:
        """`link`: a task's page for people."""
        self._link = link
        self._places = Places(rest)
        self._finder = LookUps(rest)
        self._presence = presence or Presence(rest)

    def buckets(self, sink: Sink, method: buckets.Method) -> Sequence[Bucket]:
        return buckets.buckets(self._places.counted(sink), method)

    def render(self, task_id: str, card: Card) -> list[Part]:
        return card_renderers.render(task_id, card, self._link(task_id))

    async def post(self, sink: Sink, part: Part, mark: str) -> str:
        """Within some minutes Discord recognises a repeated post by its nonce, and answers with the first one's id."""
        began = datetime.now(UTC)
        with translated(sink.channel):
            message_id = await self._post(sink, part, mark, _nonce(sink, mark))
            if moment(message_id) < began - EARLIER:
                message_id = await self._brought_up(sink, message_id, part, mark)
        self._mirror(sink, message_id, part, fresh=True)
        return message_id

    async def edit(self, sink: Sink, message_id: str, part: Part, mark: str) -> None:
        with translated(sink.channel):
            await self._edit(sink, message_id, part, mark)
        self._mirror(sink, message_id, part)

    async def delete(self, sink: Sink, message_id: str) -> None:
        """What is gone, or not ours to delete, is left alone."""
        try:
            with translated(sink.channel):
                await self._places.delete(sink, message_id)
        except NotFound:
            return

    async def find(self, sink: Sink, since: datetime) -> list[Found]:
        """Messages of the channel where the sink names no thread, or where there is none; else those of the thread."""
        with translated(sink.channel):
            return await self._finder.find(self._places.of(sink), since, sink.thread, self._places.absent)

    async def close(self) -> None:
        """Ends what follows behind the cards. `Rest` is closed by whoever opened it."""
        await self._presence.close()

    async def _post(self, sink: Sink, part: Part, mark: str, nonce: str) -> str:
        async def send(body: Body, file: File | None) -> str:
            return await self._places.post(sink, {**body, "nonce": nonce, "enforce_nonce": True}, file)

        return await with_file(part, mark, send)

    async def _edit(self, sink: Sink, message_id: str, part: Part, mark: str) -> None:
        async def send(body: Body, file: File | None) -> None:
            await self._places.edit(sink, message_id, body, file)

        await with_file(part, mark, send)

    async def _brought_up(self, sink: Sink, message_id: str, part: Part, mark: str) -> str:
        """The nonce led to an earlier post: it may say something else, or have been deleted since."""
        try:
            await self._edit(sink, message_id, part, mark)
        except Refused as error:
            if error.code != UNKNOWN_MESSAGE:
                raise
            return await self._post(sink, part, mark, _nonce(sink, f"{mark} after {message_id}"))
        return message_id

    def _mirror(self, sink: Sink, message_id: str, part: Part, fresh: bool = False) -> None:
        """Only the status card has a state; its message is the root, unless the thread was there before."""
        if part.state is not None:
            self._presence.show(Root(sink.channel, sink.thread or message_id), part.state, fresh)


def _nonce(sink: Sink, mark: str) -> str:
    """At most 25 characters, the same for the same message. It counts for the bot in all channels together."""
    return hashlib.sha256(f"{sink.key} {mark}".encode()).hexdigest()[:24]
