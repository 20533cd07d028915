"""What Discord delivers, and who said it where."""

from typing import Any

from threadwork.adapters.discord.permissions import may_post
from threadwork.workflows.inbound import MessageSource
from threadwork.workflows.sinks import Sink
from threadwork.workflows.values import Principal, Value

PLATFORM = "discord"
THREADS = frozenset({10, 11, 12})  # types of channels that are threads
BETWEEN_PEOPLE = 2  # context of an interaction in a conversation of people, which the bot is not in
Json = dict[str, Any]


class Place(Value):
    """Where something was said or done."""

    guild: str = ""  # the server; empty: direct messages
    channel: str  # of a thread: the channel it belongs to
    thread: str = ""  # the thread, or the message that a chain of replies hangs on

    @property
    def sink(self) -> Sink:
        return Sink(platform=PLATFORM, workspace=self.guild, channel=self.channel, thread=self.thread)


class Payload(Value):
    """One delivery of the gateway's."""

    body: Json
    bot_user: str = ""  # who we are

    @property
    def guild(self) -> str:
        return str(self.body.get("guild_id") or "")

    @property
    def channel(self) -> str:
        """Where it was said: a channel's id, or a thread's."""
        return str(self.body.get("channel_id") or (self.body.get("channel") or {}).get("id") or "")

    @property
    def by(self) -> Principal:
        """Who pressed, typed or reacted. Outside of servers `user` stands where else `member` does."""
        member = self.body.get("member") or {}
        return self.person(member.get("user") or self.body.get("user") or {"id": self.body.get("user_id")}, member)

    def person(self, user: Json, member: Json | None = None) -> Principal:
        """Discord describes the member in what happens on a server. In direct messages nobody knows without asking."""
        return Principal(
            platform=PLATFORM,
            workspace=self.guild,
            standing="member" if self.guild and member else "unknown",
            user_id=str(user.get("id") or "nobody"),
            name=shown(user, member),
        )

    def source(self, by: Principal, key: str, place: Place) -> MessageSource:
        return MessageSource(by=by, key=key, sink=place.sink, direct=not place.guild)

    @property
    def posts(self) -> bool:
        """Of an interaction: whether the bot may post where it was made. Between people it may not."""
        held, kind = self.body.get("app_permissions"), (self.body.get("channel") or {}).get("type")
        if not self.guild:
            return self.body.get("context") != BETWEEN_PEOPLE
        return held is None or may_post(int(held), kind in THREADS)

    @property
    def place(self) -> Place:
        """Of an interaction, which brings its channel along."""
        return place_of(self.body.get("channel") or {"id": self.channel}, self.guild)


def place_of(channel: Json, guild: str) -> Place:
    """From a channel as Discord describes it."""
    id_ = str(channel["id"])
    if channel.get("type") in THREADS and channel.get("parent_id"):
        return Place(guild=guild, channel=str(channel["parent_id"]), thread=id_)
    return Place(guild=guild, channel=id_)


def shown(user: Json, member: Json | None = None) -> str:
    """The name that Discord shows: the one on this server, else the person's own, else the account's."""
    found = (member or {}).get("nick") or user.get("global_name") or user.get("username")
    return str(found or "")
