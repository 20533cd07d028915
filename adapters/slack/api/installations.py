"""Which token speaks for a workspace: the one that was configured, or that of an installation.

Both have `bot_token` and `identity`; `authorizer` makes of either what Bolt takes as `authorize`."""

import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from slack_bolt.authorization import AuthorizeResult

from threadwork.adapters.slack.api.client import web_client
from threadwork.adapters.slack.api.errors import DEAD_TOKEN, Refused, asking
from threadwork.adapters.slack.api.identity import Identity
from threadwork.adapters.slack.api.renewal import INSTALLATION_TTL, Renewal
from threadwork.adapters.sql.slack_installations import Facts, Installed, SqlInstallations, Tokens
from threadwork.workflows.domain.clock import Clock, utc_now

Authorize = Callable[..., Awaitable[AuthorizeResult | None]]


class TokenSource(Protocol):
    """Every call may raise `ChatUnavailable`."""

    async def bot_token(self, team_id: str) -> str | None:
        """None: the app is not installed in that workspace, or no longer."""

    async def identity(self, team_id: str | None) -> AuthorizeResult | None:
        """Who the bot is there, its token included. `team_id` None: not known, as for a whole organisation."""


def authorizer(source: TokenSource) -> Authorize:
    """Bolt reads the argument names of a plain function; a bound method it takes for one argument more."""

    async def authorize(team_id: str | None) -> AuthorizeResult | None:
        return await source.identity(team_id)

    return authorize


class SingleToken:
    """One workspace, whose token is configured. Slack is asked once who it belongs to."""

    def __init__(self, token: str, api_url: str | None = None) -> None:
        self._token = token
        self._identity = Identity(token, api_url)

    async def bot_token(self, team_id: str) -> str | None:
        """The token, for its own workspace, or organisation, alone; that is also meant where a file names none."""
        known = await self.identity(team_id)
        return self._token if known and team_id in ("", known.team_id, known.enterprise_id) else None

    async def identity(self, team_id: str | None) -> AuthorizeResult | None:
        """The same for every workspace: people of others take part in shared channels. None: the token is dead."""
        return await self._identity.get()

    async def withdrawn(self, team_id: str) -> bool:
        """Nothing is stored that could be forgotten; who the token belongs to is asked anew."""
        self._identity.forget()
        return False

    async def close(self) -> None: ...


class Installations:
    """All workspaces that installed the app. What is known of one is kept for a moment; see `Renewal`."""

    def __init__(
        self,
        rows: SqlInstallations,
        client_id: str,
        client_secret: str,
        api_url: str | None = None,
        clock: Clock = utc_now,
    ) -> None:
        self._rows = rows
        self._client = web_client(api_url)
        self._renewal = Renewal(rows, self._client, client_id, client_secret, clock)
        self._bots: dict[str, list[str]] = {}
        self._bots_until = 0.0  # `time.monotonic`

    async def bot_token(self, team_id: str) -> str | None:
        installed = await self._renewal.current(team_id)
        return installed.tokens.token if installed else None

    async def identity(self, team_id: str | None) -> AuthorizeResult | None:
        installed = await self._renewal.current(team_id) if team_id else None
        return _result(installed) if installed else None

    async def bots(self) -> dict[str, list[str]]:
        """Our bot users, each with the workspaces that installed the app so; kept for a moment."""
        if time.monotonic() >= self._bots_until:
            self._bots, self._bots_until = await self._rows.bots(), time.monotonic() + INSTALLATION_TTL
        return self._bots

    async def add(self, team_id: str, facts: Facts, tokens: Tokens) -> None:
        """A workspace has installed the app, perhaps again."""
        await self._rows.put(Installed(team_id=team_id, facts=facts, tokens=tokens))
        self._renewal.forget(team_id)
        self._bots_until = 0.0

    async def withdrawn(self, team_id: str) -> bool:
        """Slack said that the app was removed, or a token revoked. Forgets the installation where that is so.

        Such news may come late, after the workspace has installed again: so Slack is asked."""
        self._renewal.forget(team_id)
        stored = await self._rows.get(team_id)
        if stored is None:
            return False
        current = await self._renewal.current(team_id)
        gone = current is None or await self._is_dead(current)
        self._renewal.forget(team_id)
        return gone and await self._rows.remove(current or stored)

    async def close(self) -> None:
        """Waits for tokens that are being renewed: half-way they would be lost."""
        await self._renewal.close()

    async def _is_dead(self, installed: Installed) -> bool:
        """One that has expired is not: it is renewed."""
        try:
            with asking(about_token=True):
                await self._client.auth_test(token=installed.tokens.token)
        except Refused as refused:
            return refused.code in DEAD_TOKEN
        return False


def _result(installed: Installed) -> AuthorizeResult:
    facts = installed.facts
    return AuthorizeResult(
        enterprise_id=facts.enterprise_id,
        team_id=installed.team_id,
        team=facts.team_name,
        bot_user_id=facts.bot_user_id,
        bot_id=facts.bot_id,
        bot_token=installed.tokens.token,
        bot_scopes=list(facts.scopes),
    )
