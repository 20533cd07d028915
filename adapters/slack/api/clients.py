"""Clients of Slack's Web API: one try a call, whatever comes of it."""

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from threadwork.adapters.chat.one_try import CALL_TIMEOUT, session
from threadwork.adapters.slack.api.client import web_client
from threadwork.adapters.slack.api.errors import translated
from threadwork.adapters.slack.api.local_rate_limit_gate import RateLimitGates
from threadwork.workflows.errors import SinkGone

Tokens = Callable[[str], Awaitable[str | None]]  # team id → its bot token; None: the app is not installed there


def one_token(token: str) -> Tokens:
    """The same token for every workspace."""

    async def bot_token(team_id: str) -> str:
        return token

    return bot_token


class Clients:
    """Share what lies below them, and are closed together."""

    def __init__(self, tokens: Tokens, url: str | None = None, time_out: float = CALL_TIMEOUT) -> None:
        """`url`: where the Web API is, such as an emulator's; None: Slack's own. `time_out`: seconds a call."""
        self._tokens = tokens
        self._url = url
        self._time_out = time_out
        self._session: aiohttp.ClientSession | None = None
        self._gates = RateLimitGates()
        self._asked: dict[str, asyncio.Task[frozenset[str]]] = {}  # the answer, or the question under way

    async def of(self, workspace: str) -> AsyncWebClient:
        """The client of a team id. Raises `SinkGone` where the app is not installed."""
        token = await self._tokens(workspace)
        if not token and not workspace:
            raise SinkGone("There are several Slack workspaces.", "Say which one: slack:T0123456789/C0123456789.")
        if not token:
            raise SinkGone(
                f"Threadwork is not installed in the Slack workspace {workspace}.", "Install it there, then ask again."
            )
        return web_client(self._url, token, self.session)

    async def bot(self, workspace: str) -> frozenset[str]:
        """Our own bot id and user id there. Raises `SinkGone` and `ChatUnavailable`.

        Slack is asked once, however many want to know at the same time: after a restart every look-up does."""
        asked = self._asked.get(workspace)
        if asked is None or (asked.done() and (asked.cancelled() or asked.exception())):
            asked = self._asked[workspace] = asyncio.create_task(self._ask(workspace))
        return await asyncio.shield(asked)

    async def _ask(self, workspace: str) -> frozenset[str]:
        client = await self.of(workspace)
        with self._gates.kept((workspace, "auth.test")), translated(workspace):
            me = await client.auth_test()
        return frozenset(str(me[name]) for name in ("bot_id", "user_id") if me.get(name))

    @property
    def session(self) -> aiohttp.ClientSession:
        """Opened at the first call, when there is a loop."""
        if self._session is None or self._session.closed:
            self._session = session(self._time_out)
        return self._session

    async def close(self) -> None:
        if self._session:
            await self._session.close()
