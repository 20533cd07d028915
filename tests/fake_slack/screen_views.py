"""What a test gets to see of messages and windows."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from tests.chat_platform.answers import Value

Json = dict[str, Any]


class Attached(Value):
    id: str
    name: str
    title: str
    text: str


class Seen(Value):
    """A message."""

    ts: str
    channel: str
    thread_ts: str  # of a reply: its root
    user: str
    bot: bool
    text: str  # what notifications show
    blocks: list[Json]
    readable: str  # what a person reads
    history: list[str]  # the same of every version, the first as posted
    metadata: Json
    reactions: dict[str, list[str]]  # name, and who
    files: list[Attached]
    visible_to: str  # ephemeral: the only one who sees it
    deleted: bool
    posted_at: float  # seconds since 1970
    edited_at: list[float]
    streaming: bool
    pings: list[str]  # who is notified by it, such as "@U1" or "!channel"


class View(BaseModel):
    """A modal or App Home, with every field that Slack has for it."""

    model_config = ConfigDict(frozen=True, extra="allow")

    id: str
    type: str
    callback_id: str
    private_metadata: str
    blocks: list[Json]
    state: Json
    hash: str
    errors: dict[str, str]  # by block id, shown in the window
    readable: str
