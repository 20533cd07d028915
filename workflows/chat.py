"""What is exchanged with a chat platform."""

from datetime import datetime
from typing import Any, Literal

from workflows.values import Status, Value


class Sink(Value):
    """A place a task reports to."""

    platform: str
    workspace: str = ""
    channel: str
    thread: str = ""  # message the thread hangs on; empty: the task opens its own

    @property
    def key(self) -> str:
        return ":".join((self.platform, self.workspace, self.channel, self.thread))


class File(Value):
    """A text that is too long for messages."""

    name: str
    text: str


class Part(Value):
    """A message as a platform takes it."""

    content: dict[str, Any]
    text: str = ""  # what a person reads, for notifications and logs
    file: File | None = None  # uploaded first, and linked from the message
    state: Status | None = None  # of the task, on its status card: a platform may mirror it, by a reaction say


class Found(Value):
    """A message that carries one of our marks."""

    mark: str
    message_id: str
    at: datetime


class Doubt(Value):
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
