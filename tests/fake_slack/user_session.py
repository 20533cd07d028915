"""Where a person sits: what they can see and reach."""

from typing import Any

from tests.fake_slack.forms import Impossible
from tests.fake_slack.seed_data import Channel, User
from tests.fake_slack.state import File, Message
from tests.fake_slack.world import World

Json = dict[str, Any]


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
        if place is None or user not in place.members:
            raise Impossible(f"{user} is not in {channel}.")
        return place

    def message(self, user: str, ts: str) -> Message:
        message = self.state.messages.get(ts)
        if message is None or message.deleted or message.visible_to not in ("", user):
            raise Impossible(f"{user} sees no message {ts}.")
        self.place(user, message.channel)
        return message

    def own(self, user: str, ts: str) -> Message:
        message = self.message(user, ts)
        if message.user != user:
            raise Impossible(f"{user} did not write {ts}.")
        return message

    def root(self, thread_ts: str | None) -> str:
        if not thread_ts:
            return ""
        if thread_ts not in self.state.messages:
            raise Impossible(f"There is no message {thread_ts}.")
        return self.state.messages[thread_ts].thread_ts or thread_ts

    def top(self, user: str) -> Json:
        stack = self.world.windows.stacks.get(user)
        if not stack:
            raise Impossible(f"{user} has no window open.")
        return stack[-1]

    def file(self, user: str, team: str, name: str, content: str) -> File:
        raw = content.encode()
        id_ = self.state.number("F")
        file = File(id=id_, team=team, name=name, size=len(raw), content=raw, user=user, done=True)
        self.state.files[id_] = file
        return file
