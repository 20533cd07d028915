"""The connection through which Discord's people come in."""

import asyncio
from typing import Self

import aiohttp
import discord
import structlog

from threadwork.adapters.chat.background import Work
from threadwork.adapters.discord.api.rest import Rest
from threadwork.adapters.discord.inbound.channels import Channels, nothing_cached
from threadwork.adapters.discord.inbound.context import LOST, Context, Known, nothing_known
from threadwork.adapters.discord.inbound.events import deliver
from threadwork.adapters.discord.inbound.gateway import GatewayClient
from threadwork.adapters.discord.inbound.gateway_lease import LEASE_CHECK_INTERVAL, LEASE_SECONDS, GatewayLease, Leases
from threadwork.adapters.discord.inbound.history import History, Rates, Unshared
from threadwork.adapters.discord.inbound.missed import Missed, Threads, no_threads
from threadwork.adapters.discord.inbound.payload import Json, Payload
from threadwork.adapters.discord.inbound.sync import sync
from threadwork.workflows.inbound import ChatReceiver, ChatViews
from threadwork.workflows.slash_name import AGENT, called

RECONNECT_DELAY = 5.0  # seconds after a connection that could not be made
REFUSED_DELAY = 60.0  # after one that a person must put right: an address that is refused too often is blocked
ENDING = 3.0  # seconds between two requests to end

log = structlog.get_logger(__name__)


class DiscordConnection:
    """Translates what Discord's gateway tells into what the receiver takes, and shows what comes back.

    Of all connections with one token only the holder of the lease is connected; the others stand by."""

    def __init__(
        self,
        receiver: ChatReceiver,
        views: ChatViews,
        *,
        token: str,
        leases: Leases,
        holder: str,
        api_url: str | None = None,
        gateway_url: str | None = None,
        shards: int | None = None,
        threads: Threads = no_threads,
        known: Known = nothing_known,
        rates: Rates | None = None,
        command: str = AGENT,
        lease_seconds: float = LEASE_SECONDS,
        beat: float = LEASE_CHECK_INTERVAL,
    ) -> None:
        """`holder`: a name that no other process has. `threads`: where tasks are at work; `known`: whether a message
        was written down, by its key: what was said there while nobody listened is heard then. `rates`: tokens for
        reading it; None: no other process reads. `command`: what the slash command is called.

        `lease_seconds`: after which another takes over, who looks every `beat` seconds."""
        self._token, self._addresses, self._shards = token, (api_url, gateway_url), shards
        self._command = command
        self._rest, self._work = Rest(token, api_url), Work()
        history = History(self._rest, rates or Unshared())
        self._context = Context(receiver, views, self._rest, self._work, Channels(self._rest), history, known)
        self._missed = Missed(self._context, threads, known)
        self._lease, self._beat = GatewayLease(leases, holder, lease_seconds), beat
        self._holding: asyncio.Task[None] | None = None
        self._listening: asyncio.Task[None] | None = None
        self._client: GatewayClient | None = None
        self._ready = False
        self._me = ""
        self.problem = ""  # what a person must put right

    @property
    def connected(self) -> bool:
        """Every connection is open, and a session stands."""
        return self._ready and self._client is not None and self._client.is_open

    @property
    def healthy(self) -> bool:
        """Connected, or standing by."""
        return not self.problem and (self.connected or not self._lease.held)

    async def open(self) -> None:
        """Returns at once: the connection is made behind."""
        self._holding = asyncio.create_task(self._hold())

    async def close(self) -> None:
        """What was begun may end; another connection can take over at once."""
        await _ended(self._holding)
        await self._disconnect()
        await self._work.close()
        await self._lease.release()
        await self._rest.close()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()

    # --- who listens ---

    async def _hold(self) -> None:
        while True:
            if not await self._lease.keep():
                await self._disconnect()
            elif self._listening is None:
                log.info("discord_gateway_taken")
                self._listening = asyncio.create_task(self._listen())
            await self._lease.wait(self._beat)

    async def _disconnect(self) -> None:
        listening, self._listening = self._listening, None
        await _ended(listening)

    async def _listen(self) -> None:
        """discord.py reconnects by itself; what it gives up is begun anew."""
        while True:
            try:
                await self._connect()
            except Exception as error:
                self.problem = next((told for kind, told in PROBLEMS.items() if isinstance(error, kind)), "")
                log.warning("discord_gateway_lost", why=type(error).__name__, hint=self.problem)
            await asyncio.sleep(REFUSED_DELAY if self.problem else RECONNECT_DELAY)

    async def _connect(self) -> None:
        async with GatewayClient(self._deliver, self._shards, *self._addresses) as client:
            self._client, self._context.channels.cached = client, client.known
            try:
                await client.login(self._token)
                await self._sync(str(client.application_id))
                await client.connect()
            finally:
                self._client, self._context.channels.cached, self._ready = None, nothing_cached, False

    async def _sync(self, application: str) -> None:
        """Without it the commands of before stay, and all else works."""
        try:
            await sync(self._rest, application, self._command)
        except LOST as error:
            log.warning("discord_commands_not_synced", why=type(error).__name__)

    # --- what is heard ---

    def _deliver(self, kind: str, data: Json) -> None:
        with called(self._command):
            self._hand_on(kind, data)

    def _hand_on(self, kind: str, data: Json) -> None:
        if kind in SESSIONS:
            self._session(kind, data)
        if kind == "GUILD_CREATE":
            self._missed.arrived(data, self._me)
        payload = Payload(body=data, bot_user=self._me)
        if kind == "MESSAGE_CREATE":
            self._missed.heard(payload)
        self._work.go_on(deliver(self._context, kind, payload))

    def _session(self, kind: str, data: Json) -> None:
        self._me = str((data.get("user") or {}).get("id") or self._me)
        self._ready, self.problem = True, ""
        SESSIONS[kind](self._missed, self._me)


SESSIONS = {"READY": Missed.fetch, "RESUMED": Missed.resumed}
PROBLEMS: dict[type[Exception], str] = {
    discord.LoginFailure: "Discord does not accept the bot's token. Copy it again (DISCORD_BOT_TOKEN).",
    discord.PrivilegedIntentsRequired: (
        "The app may not read messages. Switch Message Content Intent on, in Discord's developer portal under Bot."
    ),
    aiohttp.InvalidURL: "DISCORD_API_URL or DISCORD_GATEWAY_URL is not an address.",
}


async def _ended(task: asyncio.Task[None] | None) -> None:
    """discord.py may lose a cancellation in the middle of a connect: it is told again until it has ended."""
    while task and not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=ENDING)
    if task and not task.cancelled() and (error := task.exception()):
        log.warning("discord_gateway_ended", why=type(error).__name__)
