"""What the fake holds: people and channels, every message with all its versions, files, commands."""

import time
from typing import Any

from pydantic import Field

from tests.chat_platform.answers import Value
from tests.fake_discord import seed_data
from tests.fake_discord.snowflakes import Snowflakes, moment

Json = dict[str, Any]
SNOWFLAKES = Snowflakes()  # one for all worlds: ours derive task ids from it
EPHEMERAL, LOADING, V2 = 1 << 6, 1 << 7, 1 << 15  # flags of a message
REPLY, THREAD_CREATED, COMMAND, MENU_COMMAND = 19, 18, 20, 23  # types of a message


class File(Value):
    id: str
    name: str
    type: str = "text/plain; charset=utf-8"
    content: bytes = b""
    ephemeral: bool = False
    description: str = ""


class Version(Value):
    content: str = ""
    embeds: list[Json] = Field([])
    components: list[Json] = Field([])
    files: tuple[str, ...] = ()
    flags: int = 0
    at: float = 0  # seconds since 1970


class Message(Value):
    id: str
    channel: str
    author: str
    type: int = 0
    versions: tuple[Version, ...]  # the first as posted, then one for every edit
    allowed: Json | None = None  # allowed_mentions it was posted with; None: none were given
    nonce: str = ""
    refers_to: str = ""  # id of the message it replies to
    pings: bool = False  # it calls the author of the message it replies to
    stickers: list[Json] = Field([])
    snapshots: list[Json] = Field([])  # of the message that it forwards
    webhook: str = ""  # id of the webhook that wrote it
    interaction: Json | None = None  # interaction_metadata
    reactions: dict[str, tuple[str, ...]] = Field({})  # emoji, and who
    visible_to: str = ""  # ephemeral: the only one who sees it
    deleted_at: float | None = None

    @property
    def now(self) -> Version:
        return self.versions[-1]

    @property
    def deleted(self) -> bool:
        return self.deleted_at is not None

    @property
    def at(self) -> float:
        return moment(self.id)

    def has(self, flag: int) -> bool:
        return bool(self.now.flags & flag)


class State:
    def __init__(self) -> None:
        self.guilds = {guild.id: guild for guild in seed_data.GUILDS}
        self.users = {user.id: user for user in seed_data.USERS}
        self.roles = {role.id: role for role in seed_data.ROLES}
        self.members = {(member.guild, member.user): member for member in seed_data.MEMBERS}
        self.channels = {channel.id: channel for channel in seed_data.CHANNELS}
        self.messages: dict[str, Message] = {}  # oldest first
        self.files: dict[str, File] = {}
        self.commands: dict[str, list[Json]] = {"": []}  # by guild; empty: everywhere
        self.nonces: dict[str, tuple[str, float]] = {}  # message, and when it was posted

    def id(self) -> str:
        return SNOWFLAKES.next()

    def add(self, **fields: Any) -> Message:
        """A new message; fields of `Version` are its first version."""
        first = {name: fields.pop(name) for name in Version.model_fields if name in fields}
        version = Version(**first, at=time.time())
        return self.keep(Message(id=fields.pop("id", "") or self.id(), versions=(version,), **fields))

    def edit(self, message: Message, **changes: Any) -> Message:
        """Another version, of the fields that changed."""
        version = message.now.model_copy(update={**changes, "at": time.time()})
        return self.change(message, versions=(*message.versions, version))

    def change(self, message: Message, **changes: Any) -> Message:
        return self.keep(self.messages[message.id].model_copy(update=changes))

    def keep(self, message: Message) -> Message:
        self.messages[message.id] = message
        return message

    def alter(self, channel: seed_data.Channel, **changes: Any) -> seed_data.Channel:
        self.channels[channel.id] = changed = self.channels[channel.id].model_copy(update=changes)
        return changed

    def file(self, name: str, content: bytes, **more: Any) -> File:
        file = File(id=self.id(), name=name, content=content, **more)
        self.files[file.id] = file
        return file

    def seen(self, channel: str) -> list[Message]:
        """What stands in a channel for everybody, oldest first."""
        mine = (m for m in self.messages.values() if m.channel == channel)
        return [m for m in mine if not m.deleted and not m.visible_to]

    def direct(self, user: str) -> seed_data.Channel | None:
        return next((c for c in self.channels.values() if c.direct and c.user == user), None)

    def threads(self, guild: str = "", parent: str = "", archived: bool | None = None) -> list[seed_data.Channel]:
        there = (c for c in self.channels.values() if c.is_thread and not c.gone)
        mine = (c for c in there if guild in ("", c.guild) and parent in ("", c.parent))
        return [c for c in mine if archived in (None, c.archived)]

    def name(self, id_: str) -> str:
        named = self.users.get(id_) or self.channels.get(id_) or self.roles.get(id_)
        return named.name if named else id_
