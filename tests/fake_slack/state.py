"""What the fake holds: people and channels, every message with all its versions, files, sessions."""

import itertools
import secrets
import time
from typing import Any

from pydantic import Field

from tests.chat_platform.answers import Value
from tests.chat_platform.stamps import Stamps
from tests.fake_slack import seed_data
from tests.fake_slack.blocks import nodes

Json = dict[str, Any]
ACTED_ON = ("button", "overflow", "feedback_buttons", "icon_button")


class Version(Value):
    text: str = ""
    blocks: list[Json] = Field([])
    at: float = 0  # seconds since 1970


class File(Value):
    id: str
    team: str
    name: str
    title: str = ""
    size: int = 0  # bytes that were announced
    content: bytes | None = None  # None: not uploaded yet
    user: str = ""
    done: bool = False  # the upload was completed
    mimetype: str = "text/plain"
    stub: bool = False  # of a channel shared with another company: described by files.info alone
    more: Json = Field({})  # what Slack says of it beside, such as `transcription`


class Message(Value):
    ts: str
    team: str
    channel: str
    user: str  # who wrote it
    bot_id: str = ""
    thread_ts: str = ""  # of a reply: its root
    broadcast: bool = False
    versions: tuple[Version, ...]  # the first as posted, then one for every edit
    metadata: Json = Field({})
    reactions: dict[str, tuple[str, ...]] = Field({})  # name, and who
    files: tuple[str, ...] = ()
    more: Json = Field({})  # as it was recorded: `attachments, username, subtype, edited`
    visible_to: str = ""  # ephemeral: the only one who sees it
    deleted_at: float | None = None
    streaming: float | None = None  # since when, while it is being written

    @property
    def text(self) -> str:
        return self.versions[-1].text

    @property
    def blocks(self) -> list[Json]:
        return self.versions[-1].blocks

    @property
    def deleted(self) -> bool:
        return self.deleted_at is not None


class Session(Value):
    """An agent session: what Slack shows of an agent at work in a thread."""

    channel: str
    thread_ts: str
    status: str
    title: str = ""


class State:
    def __init__(self) -> None:
        self.teams = {team.id: team for team in seed_data.TEAMS}
        self.users = {user.id: user for user in seed_data.USERS}
        self.channels = {channel.id: channel for channel in seed_data.CHANNELS}
        self.groups = {group.id: group for group in seed_data.GROUPS}
        self.messages: dict[str, Message] = {}  # oldest first
        self.files: dict[str, File] = {}
        self.sessions: dict[tuple[str, str], Session] = {}
        self.revoked: set[str] = set()  # tokens
        self._stamps = Stamps()
        self._numbers = itertools.count(1)
        self._birth = secrets.token_hex(4).upper()

    def number(self, prefix: str) -> str:
        """A fresh id, also after everything was forgotten: ours derive task ids from it."""
        return f"{prefix}{next(self._numbers):06d}{self._birth}"

    def stamp(self) -> str:
        return self._stamps.next()

    def add(self, **fields: Any) -> Message:
        """A new message. `text` and `blocks` are its first version."""
        version = self.version(fields.pop("text", ""), fields.pop("blocks", None))
        message = Message(ts=self._stamps.next(), versions=(version,), **fields)
        return self.keep(message)

    def version(self, text: str, blocks: list[Json] | None) -> Version:
        """Blocks get the ids they lack, as Slack gives them."""
        return Version(text=text or "", blocks=[self._with_ids(block) for block in blocks or ()], at=time.time())

    def change(self, message: Message, **changes: Any) -> Message:
        return self.keep(message.model_copy(update=changes))

    def keep(self, message: Message) -> Message:
        self.messages[message.ts] = message
        return message

    def replies(self, root: Message) -> list[Message]:
        """What people see under a root, ephemeral messages aside."""
        under = (m for m in self.messages.values() if m.thread_ts == root.ts and m.channel == root.channel)
        return [m for m in under if not m.deleted and not m.visible_to]

    def direct(self, team: str, user: str) -> seed_data.Channel | None:
        """The conversation of a person with the bot."""
        return next((c for c in self.channels.values() if (c.team, c.user) == (team, user)), None)

    def name(self, id_: str) -> str:
        named = self.users.get(id_) or self.channels.get(id_)
        if named:
            return named.name
        return self.groups[id_].handle if id_ in self.groups else id_

    def team_of(self, channel: str) -> seed_data.Team:
        return self.teams[self.channels[channel].team]

    def installed(self, channel: str) -> list[seed_data.Team]:
        """The workspaces whose bot is in the channel; the one that made it first."""
        place = self.channels[channel]
        return [team for id_ in place.teams if (team := self.teams[id_]).bot_user in place.members]

    def _with_ids(self, block: Json) -> Json:
        made = {**block, "block_id": block.get("block_id") or secrets.token_urlsafe(4)}
        for node in nodes(made):
            if node.get("type") in ACTED_ON and not node.get("action_id"):
                node["action_id"] = secrets.token_urlsafe(4)
        return made
