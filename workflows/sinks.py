"""What is exchanged with a chat platform."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from threadwork.workflows.values import Status, Value

SUBSCRIBED = "subscribed"  # how the keys of subscribed channels end
NOTHING_NEW = ("nothing",)  # kinds of a channel that is subscribed no longer: what it was told is kept true
NARROWED = "narrowed"  # a kind: the channel learns, once, that it is told of less than before

ChannelKind = Literal[
    "public",  # whoever belongs to the workspace or server may read it
    "private",  # some may, also a conversation of a few
    "thread",  # fewer may than may read its channel
    "direct",  # one person and the bot
]


class Sink(Value):
    """A place a task reports to."""

    platform: str
    workspace: str = ""  # empty: the platform has none, or it is not known
    channel: str
    thread: str = ""  # message the thread hangs on; empty: the task opens its own
    direct: bool = False  # `channel` is a user id: that person is written to, and nothing else is done there
    kinds: tuple[str, ...] = ()  # of events a subscribed channel is told of; empty: this is the task's own thread

    @property
    def key(self) -> str:
        """Identity of the sink among those of a task. A channel may be subscribed beside the thread in it."""
        key = f"{self.channel_key}:{self.thread}"
        return f"{key}:{SUBSCRIBED}" if self.subscribed else key

    @property
    def subscribed(self) -> bool:
        """A channel that is told of the task, or once was; else the task's own thread."""
        return bool(self.kinds)

    @property
    def channel_key(self) -> str:
        """The channel, whatever the thread: `platform:workspace:channel`."""
        return f"{self.platform}:{self.workspace}:{self.channel}"

    def in_workspace(self, workspace: str) -> "Sink":
        """The same channel and thread, as another workspace knows them that the channel is in."""
        return self.model_copy(update={"workspace": workspace})

    @property
    def place(self) -> tuple[str, str, str]:
        """Channel and thread where the workspace may be left out: ids of channels are unique on their platform."""
        return self.platform, self.channel, self.thread

    @property
    def address(self) -> str:
        """As people write it: `platform:[workspace/]channel[#thread]`."""
        workspace = f"{self.workspace}/" if self.workspace else ""
        thread = f"#{self.thread}" if self.thread else ""
        return f"{self.platform}:{workspace}{self.channel}{thread}"

    @classmethod
    def at(cls, address: str) -> "Sink":
        """The sink of an `address`."""
        platform, _, place = address.partition(":")
        where, _, thread = place.partition("#")
        workspace, _, channel = where.rpartition("/")
        return cls(platform=platform, workspace=workspace, channel=channel, thread=thread)

    @classmethod
    def keyed(cls, key: str) -> "Sink":
        """The sink of a `key`; of one that was subscribed nothing new is told any more."""
        platform, workspace, channel, thread, *more = key.split(":")
        kinds = NOTHING_NEW if more == [SUBSCRIBED] else ()
        return cls(platform=platform, workspace=workspace, channel=channel, thread=thread, kinds=kinds)


class SinkState(Value):
    """What is known of a sink beyond its messages; one of which nothing is known takes messages."""

    task_id: str
    sink: str  # its key
    failure: str = ""  # why it takes no messages, a sentence for people; empty: it does
    failed_seq: int = 0  # newest event when that was found
    failed_reply: str = ""  # newest reply then: a later one is a reason to try again
    told: bool = False  # a person was told of the failure
    former_roots: tuple[str, ...] = ()  # messages that the thread hung on, and somebody deleted


class File(Value):
    """A text that is too long for messages, or a stored file, named by `ref`: its content comes when it is sent."""

    name: str
    text: str = ""
    media_type: str = "text/markdown"
    ref: str = ""
    content: bytes = Field(b"", exclude=True, repr=False)

    @property
    def data(self) -> bytes:
        return self.content if self.ref else self.text.encode()


class Part(Value):
    """A message as a platform takes it."""

    content: dict[str, Any]
    text: str = ""  # what a person reads, for notifications and logs
    file: File | None = None  # uploaded first, and linked from the message
    state: Status | None = None  # of the task, on its status card: a platform may mirror it, by a reaction say
    title: str = ""  # of the task, likewise: a platform may list it under that name


class Found(Value):
    """A message of the bot's that carries one of our marks. Where people can write such a mark the author counts."""

    mark: str
    message_id: str
    at: datetime


class InDoubtCall(Value):
    """A platform call that was begun under a fence, and may still take effect when nobody expects it.

    It is written before the call, and gone once the call was acknowledged under the same fence. Whatever is left is
    looked into at `check_at`: the process may have died, may be frozen, or its answer may have been lost."""

    task_id: str
    sink: str
    card_key: str
    part: int
    fence: int
    check_at: datetime
    checks: int = 0  # how often it was looked into


class Bucket(Value):
    """A token bucket that all processes share. A quarter of it is kept for what goes at once."""

    key: str  # such as "slack:T1:chat.update", or "slack:C1" for a channel
    per_minute: float
    burst: int


class Delivery(Value):
    """One part of a card in one sink, and what is known of its message."""

    task_id: str
    sink: str
    card_key: str
    part: int
    message_id: str | None = None
    content_hash: str = ""  # set only after an acknowledged call
    rendered_seq: int = 0
    state: Literal["posting", "posted", "deleted", "dead"] = "posting"
    fence: int = 0  # of the lease under which this was written
    posting_at: datetime | None = None
