"""Tokens that expire, renewed in time, by one process at a time.

With token rotation a token lasts 12 hours, and the refresh token that renews it is good for one use
(docs.slack.dev, "Using token rotation"): of two bots that renew at once one would store a dead one. So a renewal is
claimed on the row first; it is done two hours ahead, while the token at hand still works, and is never broken off."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.exc import SQLAlchemyError

from threadwork.adapters.slack.api.errors import DEAD_TOKEN, EXPIRED, Refused, asking
from threadwork.adapters.sql.slack_installations import Installed, SqlInstallations, Tokens
from threadwork.workflows.domain.clock import Clock
from threadwork.workflows.errors import ChatUnavailable, ThreadworkError

AHEAD = timedelta(hours=2)  # before a token expires; Bolt's own figure
MARGIN = timedelta(seconds=60)  # a token this close to its end is not used any more
INSTALLATION_TTL = 30.0  # seconds for which an installation is not read again
CLAIMED = 30.0  # seconds: longer than a call of Slack takes, shorter than anybody waits
RENEWAL_TIMEOUT = 10.0  # seconds for somebody else's renewal, where there is no token that works
RENEWAL_POLL_INTERVAL = 0.2  # seconds between two looks at it
STORING = 5  # tries, a second apart, to store new tokens: they are nowhere else

log = structlog.get_logger(__name__)


class Renewal:
    """Installations with tokens that work."""

    def __init__(
        self, rows: SqlInstallations, client: AsyncWebClient, client_id: str, client_secret: str, clock: Clock
    ) -> None:
        self._rows, self._client, self._clock = rows, client, clock
        self._credentials = {"client_id": client_id, "client_secret": client_secret}
        self._kept: dict[str, tuple[float, Installed]] = {}
        self._renewing: dict[str, asyncio.Task[Installed | None]] = {}

    async def current(self, team_id: str) -> Installed | None:
        """None: not installed, or Slack takes its tokens no more. Raises `ChatUnavailable`."""
        installed = await self._known(team_id)
        if installed is None or self._lasts(installed, AHEAD):
            return installed
        renewing = self._begin(installed)
        if self._lasts(installed, MARGIN):
            return installed
        return await asyncio.shield(renewing)

    def forget(self, team_id: str) -> None:
        """It is read again when it is next asked for."""
        self._kept.pop(team_id, None)

    async def close(self) -> None:
        if self._renewing:
            await asyncio.wait(self._renewing.values())

    async def _known(self, team_id: str) -> Installed | None:
        until, installed = self._kept.get(team_id, (0.0, None))
        if time.monotonic() < until:
            return installed
        installed = await self._rows.get(team_id)
        return self._keep(installed) if installed else None

    def _keep(self, installed: Installed) -> Installed:
        self._kept[installed.team_id] = (time.monotonic() + INSTALLATION_TTL, installed)
        return installed

    def _lasts(self, installed: Installed, span: timedelta) -> bool:
        expires_at = installed.tokens.expires_at
        return expires_at is None or installed.tokens.refresh_token is None or expires_at > self._clock() + span

    def _begin(self, installed: Installed) -> asyncio.Task[Installed | None]:
        team_id = installed.team_id
        if team_id not in self._renewing:
            self._renewing[team_id] = task = asyncio.create_task(self._renewed(installed))
            task.add_done_callback(lambda done: self._ended(team_id, done))
        return self._renewing[team_id]

    def _ended(self, team_id: str, task: asyncio.Task[Installed | None]) -> None:
        self._renewing.pop(team_id, None)
        if not task.cancelled() and (error := task.exception()):
            log.warning("slack_token_not_renewed", team_id=team_id, why=type(error).__name__)

    async def _renewed(self, seen: Installed) -> Installed | None:
        deadline = time.monotonic() + RENEWAL_TIMEOUT
        while time.monotonic() < deadline:
            if await self._rows.claim(seen, CLAIMED):
                return await self._renew(seen)
            await asyncio.sleep(RENEWAL_POLL_INTERVAL)
            stored = await self._rows.get(seen.team_id)
            if stored is None:
                self.forget(seen.team_id)
                return None
            if stored.version != seen.version:
                return self._keep(stored)
        raise ChatUnavailable("The Slack token of this workspace is being renewed.", "Try again in a moment.")

    async def _renew(self, seen: Installed) -> Installed | None:
        try:
            tokens = await self._ask(seen)
        except Refused as refused:
            await self._refused(seen, refused)
            return None
        except ThreadworkError:
            await self._rows.give_up(seen)
            raise
        renewed = self._keep(seen.model_copy(update={"tokens": tokens, "version": seen.version + 1}))
        await self._store(seen, tokens)
        return renewed

    async def _ask(self, seen: Installed) -> Tokens:
        fields = {**self._credentials, "grant_type": "refresh_token", "refresh_token": seen.tokens.refresh_token}
        with asking(about_token=True):
            answer: Any = await self._client.api_call("oauth.v2.access", data=fields)
        return Tokens(
            token=answer["access_token"],
            refresh_token=answer["refresh_token"],
            expires_at=self._clock() + timedelta(seconds=int(answer["expires_in"])),
        )

    async def _refused(self, seen: Installed, refused: Refused) -> None:
        """The claim stays, so that Slack is not asked again at once."""
        log.error("slack_token_refused", team_id=seen.team_id, code=refused.code, hint="Install the app there again.")
        dead = refused.code in DEAD_TOKEN or refused.code == EXPIRED
        if not dead:  # such as a wrong client secret: our mistake, not the workspace's
            raise ChatUnavailable(
                f"The Slack token cannot be renewed: {refused.code}.",
                "Check SLACK_CLIENT_ID and SLACK_CLIENT_SECRET.",
            )
        if not self._lasts(seen, MARGIN):
            await self._rows.remove(seen)
            self.forget(seen.team_id)

    async def _store(self, seen: Installed, tokens: Tokens) -> None:
        for _ in range(STORING):
            try:
                if not await self._rows.renew(seen, tokens):
                    self.forget(seen.team_id)  # it was installed again meanwhile
                return
            except (SQLAlchemyError, OSError):
                await asyncio.sleep(1)
        log.error("slack_token_not_stored", team_id=seen.team_id, hint="Install the app there again.")


def moment(seconds: int | None) -> datetime | None:
    """A time as Slack's SDK gives it."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
