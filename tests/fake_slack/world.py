"""Everything between two resets."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from tests.chat_platform.limits import RateLimits
from tests.fake_slack import payloads
from tests.fake_slack.carrier import Carrier
from tests.fake_slack.echo import Echo
from tests.fake_slack.faults import Faults
from tests.fake_slack.journal import Delivery, Journal
from tests.fake_slack.oauth import Tokens
from tests.fake_slack.responses import Responses
from tests.fake_slack.settings import Settings
from tests.fake_slack.sockets import Sockets
from tests.fake_slack.state import State
from tests.fake_slack.triggers import Triggers
from tests.fake_slack.windows import Windows


class World:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.state = State()
        self.journal = Journal()
        self.faults = Faults()
        self.windows = Windows(self.state)
        self.tokens = Tokens(self.state, lambda: self.settings)
        self.triggers = Triggers(self.state, lambda: self.settings.trigger_seconds)
        self.sockets = Sockets(self.journal, settings.cut_every)
        self.carrier = Carrier(settings, self.journal, self.sockets)
        self.responses = Responses(self)
        self.echo = Echo(self)
        self._limits: dict[str, RateLimits] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    def limits(self, team: str) -> RateLimits:
        """Of the app in one workspace."""
        return self._limits.setdefault(team, RateLimits(self.settings.limits, self.settings.grace))

    def tell_of(self, channel: str, event: dict[str, Any], named: str = "") -> list[asyncio.Task[Delivery]]:
        """Send what happened in a channel on its way, once for each installation that sees it, or once for one of them:
        `authorizations` names a single one, and not always the one that was spoken to (bolt-python#1107, bolt-js#2008).

        `named`: the bot user whose installation it is about, where every one is told."""
        teams = self.state.installed(channel)
        told = {"first": teams[:1], "last": teams[-1:], "each": teams}[self.settings.shared]
        if named and self.settings.shared == "each":
            told = [team for team in teams if team.bot_user == named]
        stamped = {"event_ts": self.state.stamp(), **event}
        return [self.tell(team.id, stamped) for team in told]

    def tell(self, team: str, event: dict[str, Any]) -> asyncio.Task[Delivery]:
        """Send an event on its way to one installation."""
        payload = payloads.event(self.state, self.state.teams[team], event)
        return self.spawn(self.carrier.deliver("events_api", event["type"], team, payload))

    def spawn(self, work: Coroutine[Any, Any, Delivery]) -> asyncio.Task[Delivery]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def end(self) -> None:
        """Whoever is connected is cut off."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.sockets.cut()
        await self.carrier.close()
