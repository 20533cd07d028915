"""Clients of Slack's Web API: one try a call, whatever comes of it."""

from collections.abc import Awaitable, Callable

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.errors import translated
from workflows.errors import SinkGone

TIME_OUT = 8.0  # seconds for a call; whoever delivers a card gives up after ten
CONNECT = 4.0  # seconds of it for the connection

Tokens = Callable[[str], Awaitable[str | None]]  # team id → its bot token; None: the app is not installed there


def one_token(token: str) -> Tokens:
    """The same token for every workspace."""

    async def bot_token(team_id: str) -> str:
        return token

    return bot_token


class Clients:
    """Share what lies below them, and are closed together.

    Every call has a connection of its own: one that was left over might be found dead by the next call, and nobody
    could tell whether that call had arrived."""

    def __init__(self, tokens: Tokens, url: str | None = None, time_out: float = TIME_OUT) -> None:
        """`url`: where the Web API is, such as an emulator's; None: Slack's own. `time_out`: seconds a call."""
        self._tokens = tokens
        self._url = url or AsyncWebClient.BASE_URL
        self._time_out = time_out
        self._session: aiohttp.ClientSession | None = None
        self._bots: dict[str, frozenset[str]] = {}

    async def of(self, workspace: str) -> AsyncWebClient:
        """The client of a team id. Raises `SinkGone` where the app is not installed."""
        token = await self._tokens(workspace)
        if not token:
            raise SinkGone(
                f"Threadwork is not installed in the Slack workspace {workspace}.", "Install it there, then ask again."
            )
        client = AsyncWebClient(token, base_url=self._url, session=self.session, retry_handlers=[])
        client.proxy = None  # the session knows the proxies, and which hosts go without
        return client

    async def bot(self, workspace: str) -> frozenset[str]:
        """Our own bot id and user id there. Raises `SinkGone` and `ChatUnavailable`."""
        if workspace not in self._bots:
            client = await self.of(workspace)
            with translated(workspace):
                me = await client.auth_test()
            self._bots[workspace] = frozenset(str(me[name]) for name in ("bot_id", "user_id") if me.get(name))
        return self._bots[workspace]

    @property
    def session(self) -> aiohttp.ClientSession:
        """Opened at the first call, when there is a loop."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(force_close=True),
                timeout=aiohttp.ClientTimeout(total=self._time_out, sock_connect=min(CONNECT, self._time_out)),
                trust_env=True,
            )
        return self._session

    async def close(self) -> None:
        if self._session:
            await self._session.close()
