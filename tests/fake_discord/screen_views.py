"""What a test gets to see of messages, channels and windows."""

from typing import Any

from tests.chat_platform.answers import Value

Json = dict[str, Any]


class Attached(Value):
    id: str
    name: str
    size: int  # bytes
    text: str
    url: str


class Seen(Value):
    """A message."""

    id: str
    channel: str
    user: str
    bot: bool
    type: int  # as Discord numbers them: 0 a message, 19 a reply, 20 of a command, 18 and 21 of threads
    content: str
    embeds: list[Json]
    components: list[Json]
    flags: int
    readable: str  # what a person reads
    history: list[str]  # the same of every version, the first as posted
    files: list[Attached]
    reactions: dict[str, list[str]]  # emoji, and who
    nonce: str
    reply_to: str  # id of the message it refers to
    thread: str  # id of the thread that hangs on it; the same as its own
    visible_to: str  # ephemeral: the only one who sees it
    waiting: bool  # deferred: "… is thinking"
    deleted: bool
    posted_at: float  # seconds since 1970
    edited_at: list[float]
    pings: list[str]  # who is notified by it: ids of people and roles, "@everyone"


class Place(Value):
    """A channel or thread."""

    id: str
    guild: str
    name: str
    type: int
    parent: str
    owner: str
    archived: bool
    locked: bool
    joined: list[str]
    gone: bool


class Form(Value):
    """A modal that a person has open."""

    custom_id: str
    title: str
    components: list[Json]
    problem: str
    readable: str
