"""Messages, reactions, threads: what reaches the app as events of the gateway."""

import time
from typing import Any

from tests.fake_discord import seed_data
from tests.fake_discord.opening import opened, opened_on
from tests.fake_discord.state import REPLY
from tests.fake_discord.user_session import Impossible, UserSession

Json = dict[str, Any]
LONGEST = 2_000  # characters of a person's message


class Talk(UserSession):
    """Each method is one thing a person can do. Raises `Impossible` where no person could."""

    def say(self, user: str, channel: str, text: str, files: Json | None = None, reply_to: str = "") -> Json:
        """`files`: name and content."""
        place = self.writable(user, channel)
        if len(text) > LONGEST:
            raise Impossible(f"{len(text)} characters do not fit a message.")
        if reply_to:
            self.message(user, reply_to)
        stored = [self.state.file(name, content.encode()) for name, content in (files or {}).items()]
        message = self.state.add(
            channel=place.id,
            author=user,
            content=text,
            files=tuple(file.id for file in stored),
            type=REPLY if reply_to else 0,
            refers_to=reply_to,
        )
        self.world.events.said(message)
        return {"id": message.id}

    def mention(self, user: str, channel: str, text: str, files: Json | None = None, reply_to: str = "") -> Json:
        return self.say(user, channel, f"<@{seed_data.BOT}> {text}", files, reply_to)

    def dm(self, user: str, text: str, files: Json | None = None, reply_to: str = "") -> Json:
        place = self.state.direct(self.person(user).id)
        if place is None:
            place = seed_data.Channel(id=self.state.id(), guild="", type=1, user=user)
            self.state.channels[place.id] = place
        return {**self.say(user, place.id, text, files, reply_to), "channel": place.id}

    def edit_message(self, user: str, message_id: str, text: str) -> None:
        self.world.events.edited(self.state.edit(self.own(user, message_id), content=text))

    def delete_message(self, user: str, message_id: str) -> None:
        """One's own; of others, as a moderator may. An ephemeral one is dismissed."""
        found = self.message(user, message_id)
        self.world.events.deleted(self.state.change(found, deleted_at=time.time()))

    def react(self, user: str, message_id: str, emoji: str, remove: bool = False) -> None:
        found = self.message(user, message_id)
        if found.visible_to:
            raise Impossible("Nobody reacts to a message that only they see.")
        rest = tuple(one for one in found.reactions.get(emoji, ()) if one != user)
        reactions = {**found.reactions, emoji: rest if remove else (*rest, user)}
        kept = {name: users for name, users in reactions.items() if users}
        self.world.events.reacted(self.state.change(found, reactions=kept), user, emoji, removed=remove)

    def open_thread(self, user: str, channel: str, name: str, message_id: str = "") -> Json:
        """On a message, or without one."""
        place = self.writable(user, channel)
        if place.type not in (seed_data.TEXT, seed_data.NEWS):
            raise Impossible(f"There are no threads in {channel}.")
        if message_id in self.state.channels:
            raise Impossible(f"{message_id} has a thread already.")
        if message_id:
            return {"id": opened_on(self.world, self.message(user, message_id), name, user).id}
        return {"id": opened(self.world, place, name, user).id}
