"""Where a person sits: what they can see and reach."""

from typing import Any

from tests.fake_discord.permissions import allowed, may
from tests.fake_discord.seed_data import Channel, User
from tests.fake_discord.state import Message
from tests.fake_discord.world import World

Json = dict[str, Any]


class Impossible(Exception):
    """No person could do this: there is no such button, field, message, command or window."""


class UserSession:
    """Raises `Impossible` for what the person does not see."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.state = world.state

    def person(self, user: str) -> User:
        if user not in self.state.users:
            raise Impossible(f"There is nobody {user}.")
        return self.state.users[user]

    def place(self, user: str, channel: str) -> Channel:
        place = self.state.channels.get(channel)
        if place is None or place.gone or not allowed(self.state, place, self.person(user).id):
            raise Impossible(f"{user} sees no channel {channel}.")
        return place

    def message(self, user: str, id_: str) -> Message:
        found = self.state.messages.get(id_)
        if found is None or found.deleted or found.visible_to not in ("", user):
            raise Impossible(f"{user} sees no message {id_}.")
        self.place(user, found.channel)
        return found

    def own(self, user: str, id_: str) -> Message:
        found = self.message(user, id_)
        if found.author != user:
            raise Impossible(f"{user} did not write {id_}.")
        return found

    def writable(self, user: str, channel: str) -> Channel:
        """A post opens an archived thread again, unless it is locked."""
        place = self.place(user, channel)
        name = "send_messages_in_threads" if place.is_thread else "send_messages"
        locked = place.locked and not may(self.state, place, user, "manage_threads")
        if not may(self.state, place, user, name) or place.type == 15 or locked:
            raise Impossible(f"{user} may not write in {channel}.")
        if place.is_thread and (place.archived or user not in place.joined):
            was, joined = place.archived, tuple(dict.fromkeys((*place.joined, user)))
            place = self.state.alter(place, archived=False, joined=joined)
            if was:
                self.world.events.thread("THREAD_UPDATE", place)
        return place
