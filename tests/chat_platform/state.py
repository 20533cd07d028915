"""What the platform holds: every message ever posted, with all its versions."""

import time
from collections.abc import Collection
from typing import Any

from tests.chat_platform.answers import Interrupted, Value, breach, refused
from tests.chat_platform.contract import Content, Delete, Post, Update
from tests.chat_platform.stamps import Stamps


class Version(Value):
    text: str
    blocks: list[dict[str, Any]]
    at: float  # seconds since 1970


class Message(Value):
    id: str
    channel: str
    thread: str  # id of the message the thread hangs on; empty for a root message
    mark: str
    nonce: str
    versions: tuple[Version, ...]  # the first as posted, then one for every edit
    deleted_at: float | None = None

    @property
    def text(self) -> str:
        """As it reads now."""
        return self.versions[-1].text

    @property
    def edits(self) -> tuple[Version, ...]:
        return self.versions[1:]

    @property
    def deleted(self) -> bool:
        return self.deleted_at is not None


class Workspace:
    """Raises `Interrupted` where a call names what is not there (a breach) or no longer there (a refusal)."""

    def __init__(self, channels: Collection[str] | None = None, nonce_seconds: float = 300) -> None:
        """`channels`: all there are; None: a channel is made when it is first used."""
        self.messages: dict[str, Message] = {}  # oldest first
        self._channels = channels
        self._nonce_seconds = nonce_seconds
        self._stamps = Stamps()

    def post(self, body: Post) -> Message:
        """Add a message, or find the one that was posted with the same nonce a short while ago."""
        self.enter(body.channel)
        if body.thread:
            self.root(body.channel, body.thread)
        return self._repeated(body) or self._keep(
            Message(
                id=self._stamps.next(),
                channel=body.channel,
                thread=body.thread,
                mark=body.mark,
                nonce=body.nonce,
                versions=(_version(body),),
            )
        )

    def update(self, body: Update) -> Message:
        message = self._living(body.channel, body.id)
        return self._keep(message.model_copy(update={"versions": (*message.versions, _version(body))}))

    def delete(self, body: Delete) -> Message:
        return self._keep(self._living(body.channel, body.id).model_copy(update={"deleted_at": time.time()}))

    def enter(self, channel: str) -> None:
        if self._channels is not None and channel not in self._channels:
            raise Interrupted(refused("channel_not_found"))

    def root(self, channel: str, thread: str) -> Message:
        """The living message a thread hangs on."""
        message = self._known(channel, thread)
        if message.thread:
            raise Interrupted(breach("thread_not_found", f"The message {thread} is a reply, no thread hangs on it."))
        if message.deleted:
            raise Interrupted(refused("thread_not_found"))
        return message

    def _living(self, channel: str, message_id: str) -> Message:
        self.enter(channel)
        message = self._known(channel, message_id)
        if message.deleted:
            raise Interrupted(refused("message_not_found"))
        return message

    def _known(self, channel: str, message_id: str) -> Message:
        message = self.messages.get(message_id)
        if message is None or message.channel != channel:
            raise Interrupted(breach("message_not_found", f"{channel} never had a message {message_id}."))
        return message

    def _repeated(self, body: Post) -> Message | None:
        since = time.time() - self._nonce_seconds
        same = (m for m in self.messages.values() if body.nonce and m.nonce == body.nonce)
        return next((m for m in same if m.versions[0].at >= since), None)

    def _keep(self, message: Message) -> Message:
        self.messages[message.id] = message
        return message


def _version(body: Content) -> Version:
    return Version(text=body.text, blocks=body.blocks, at=time.time())
