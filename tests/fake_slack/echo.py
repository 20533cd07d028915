"""The bot's own doings come back to it as events, as they do in Slack."""

from typing import TYPE_CHECKING

from tests.fake_slack import payloads
from tests.fake_slack.state import Message

if TYPE_CHECKING:
    from tests.fake_slack.world import World


class Echo:
    def __init__(self, world: "World") -> None:
        self._world = world

    def posted(self, message: Message) -> None:
        if self._wanted:
            self._world.tell_of(message.channel, payloads.said(self._world.state, message))

    def changed(self, before: Message, after: Message) -> None:
        if self._wanted:
            self._world.tell_of(after.channel, payloads.changed(self._world.state, before, after))

    def deleted(self, message: Message) -> None:
        if self._wanted:
            self._world.tell_of(message.channel, payloads.deleted(self._world.state, message))

    @property
    def _wanted(self) -> bool:
        return self._world.settings.echo and self._world.carrier.listened_to
