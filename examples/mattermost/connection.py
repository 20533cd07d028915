"""The connection through which Mattermost's people come in: its websocket, and what it posts to us."""

import asyncio
from collections.abc import Sequence
from typing import Self

import structlog

from examples.mattermost.inbound.context import Context, Turn
from examples.mattermost.inbound.events import deliver
from examples.mattermost.inbound.missed import Known, Missed, Threads
from examples.mattermost.inbound.requests import Requests
from examples.mattermost.inbound.socket import Event, Socket
from examples.mattermost.me import Me, me
from examples.mattermost.people import People
from examples.mattermost.rest import Rest
from examples.mattermost.settings import MattermostSettings
from threadwork.adapters.chat.background import Work
from threadwork.workflows.errors import ThreadworkError
from threadwork.workflows.inbound import ChatReceiver, ChatViews
from threadwork.workflows.sinks import Sink

ASK_AGAIN = 5.0  # seconds after Mattermost did not tell who the bot is

log = structlog.get_logger(__name__)


async def no_threads() -> Sequence[Sink]:
    return ()


async def nothing_known(key: str) -> bool:
    return False


async def always(key: str) -> bool:
    """There is one process alone."""
    return True


class MattermostConnection:
    """Translates what Mattermost delivers into what the receiver takes, and shows what comes back."""

    def __init__(
        self,
        receiver: ChatReceiver,
        views: ChatViews,
        settings: MattermostSettings,
        threads: Threads = no_threads,
        known: Known = nothing_known,
        turn: Turn = always,
    ) -> None:
        """`threads`: where tasks are at work; `known`: whether a message was stored, by its key: what was said there
        while nobody listened is heard then. `turn`: which of several bots answers what was delivered to each."""
        token = settings.mattermost_bot_token.get_secret_value()
        rest = Rest(settings.mattermost_url, token)
        self._work = Work()
        self._context = Context(receiver, views, rest, People(rest), self._work, turn)
        self._missed = Missed(self._context, threads, known)
        self._socket = Socket(settings.mattermost_url, token, self._deliver)
        self._me: Me | None = None
        self._listening: asyncio.Task[None] | None = None
        self.requests = Requests(self._context, settings)

    @property
    def healthy(self) -> bool:
        return self._socket.healthy

    async def __aenter__(self) -> Self:
        """Returns at once: Mattermost may be away, and nothing else needs to wait for it."""
        self._listening = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """What was begun may end."""
        if self._listening:
            self._listening.cancel()
            await asyncio.wait([self._listening])
        await self._work.close()
        self.requests.close()

    async def _listen(self) -> None:
        while self._me is None:
            try:
                self._me = await me(self._context.rest)
            except ThreadworkError as error:
                log.warning("mattermost_bot_unknown", why=str(error))
                await asyncio.sleep(ASK_AGAIN)
        await self._socket.listen()

    def _deliver(self, event: Event) -> None:
        assert self._me  # it listens only then
        if event["event"] == "hello":
            self._missed.fetch(self._me)
        self._work.go_on(deliver(self._context, self._missed, self._me, event))
