"""What happens on the servers, as the gateway tells it, to whom it is told."""

from typing import TYPE_CHECKING, Any

from tests.fake_discord import seed_data, shapes
from tests.fake_discord.permissions import allowed
from tests.fake_discord.seed_data import Channel
from tests.fake_discord.settings import MESSAGE_CONTENT
from tests.fake_discord.state import Message

if TYPE_CHECKING:
    from tests.fake_discord.world import World

Json = dict[str, Any]
GUILDS, MESSAGES, REACTIONS = 1 << 0, 1 << 9, 1 << 10
DIRECT_MESSAGES, DIRECT_REACTIONS = 1 << 12, 1 << 13
BLANK: Json = {"content": "", "embeds": [], "attachments": [], "components": []}


class Events:
    def __init__(self, world: "World") -> None:
        self._world = world
        self._state = world.state

    def said(self, message: Message) -> None:
        if not message.visible_to:
            self._message("MESSAGE_CREATE", message, nonce=True)

    def edited(self, message: Message) -> None:
        if not message.visible_to:
            self._message("MESSAGE_UPDATE", message)

    def deleted(self, message: Message) -> None:
        if message.visible_to:
            return
        place = self._state.channels[message.channel]
        data = {"id": message.id, "channel_id": place.id, **_guild(place)}
        self._tell("MESSAGE_DELETE", place, DIRECT_MESSAGES if place.direct else MESSAGES, data)

    def reacted(self, message: Message, user: str, emoji: str, removed: bool) -> None:
        place = self._state.channels[message.channel]
        name, _, id_ = emoji.partition(":")
        data = {
            "user_id": user,
            "channel_id": place.id,
            "message_id": message.id,
            "emoji": {"id": id_ or None, "name": name, "animated": False},
            "burst": False,
            "type": 0,
            **_guild(place),
        }
        if not removed:
            data["message_author_id"] = message.author
            if place.guild:
                data["member"] = shapes.member(self._state, place.guild, user)
        kind = "MESSAGE_REACTION_REMOVE" if removed else "MESSAGE_REACTION_ADD"
        self._tell(kind, place, DIRECT_REACTIONS if place.direct else REACTIONS, data)

    def thread(self, kind: str, thread: Channel) -> None:
        """THREAD_CREATE, THREAD_UPDATE or THREAD_DELETE."""
        data = shapes.channel(self._state, thread)
        if kind == "THREAD_CREATE":
            data["newly_created"] = True
        if kind == "THREAD_DELETE":
            data = {name: data[name] for name in ("id", "guild_id", "parent_id", "type")}
        self._tell(kind, thread, GUILDS, data)

    def channel(self, kind: str, channel: Channel) -> None:
        """CHANNEL_CREATE, CHANNEL_UPDATE or CHANNEL_DELETE."""
        if not channel.direct:
            self._world.gateway.dispatch(kind, channel.guild, GUILDS, shapes.channel(self._state, channel))

    def _message(self, kind: str, message: Message, nonce: bool = False) -> None:
        place = self._state.channels[message.channel]
        data = {**shapes.message(self._state, message, nonce=nonce), **_guild(place), "channel_type": place.type}
        if place.guild and (place.guild, message.author) in self._state.members:
            data["member"] = shapes.member(self._state, place.guild, message.author, person=False)
        theirs = place.direct or message.author == seed_data.BOT or self._names_the_bot(message)
        blank = data if theirs else {**data, **BLANK}
        self._tell(kind, place, DIRECT_MESSAGES if place.direct else MESSAGES, data, blank)

    def _names_the_bot(self, message: Message) -> bool:
        replied = self._state.messages.get(message.refers_to)
        return seed_data.BOT in shapes.mentioned(self._state, message) or bool(
            replied and replied.author == seed_data.BOT
        )

    def _tell(self, kind: str, place: Channel, intent: int, data: Json, blank: Json | None = None) -> None:
        """`blank`: what those get who may not read along."""
        if not allowed(self._state, place, seed_data.BOT) and kind not in ("THREAD_DELETE", "CHANNEL_DELETE"):
            return
        self._world.gateway.dispatch(kind, place.guild, intent, data, {MESSAGE_CONTENT: blank} if blank else {})


def _guild(place: Channel) -> Json:
    return {"guild_id": place.guild} if place.guild else {}
