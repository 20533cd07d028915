"""Who a token belongs to. Every command waits for this, and is delivered once only: so a single failure fails none."""

import asyncio
import time
from typing import Any

from slack_bolt.authorization import AuthorizeResult

from threadwork.adapters.slack.api.client import web_client
from threadwork.adapters.slack.api.errors import Refused, asking
from threadwork.workflows.errors import ChatUnavailable

IDENTITY_TIMEOUT = 2.0  # seconds for all tries: a command is acknowledged within three
RETRY_INTERVAL = 0.2  # seconds before the next try, where Slack asks for no more


class Identity:
    """Slack is asked until it has answered, by one at a time, and not before a 429 allows it."""

    def __init__(self, token: str, api_url: str | None = None) -> None:
        self._token = token
        self._client = web_client(api_url, token)
        self._known: AuthorizeResult | None = None
        self._asking: asyncio.Task[AuthorizeResult | None] | None = None
        self._not_before = 0.0  # `time.monotonic` from which on Slack may be asked

    async def get(self) -> AuthorizeResult | None:
        """None: the token is dead. Raises `ChatUnavailable`."""
        if self._known is None:
            if self._asking is None or self._asking.done():
                self._asking = asyncio.create_task(self._ask())
            self._known = await asyncio.shield(self._asking)
        return self._known

    def forget(self) -> None:
        self._known = None

    async def _ask(self) -> AuthorizeResult | None:
        until = time.monotonic() + IDENTITY_TIMEOUT
        while True:
            try:
                return await self._try(until)
            except ChatUnavailable as error:
                self._not_before = time.monotonic() + max(RETRY_INTERVAL, error.retry_after or 0.0)
                if self._not_before > until:
                    raise

    async def _try(self, until: float) -> AuthorizeResult | None:
        """Raises `ChatUnavailable`, also where Slack may not be asked in time."""
        if self._not_before > until:
            raise ChatUnavailable("Slack is called too fast.", retry_after=self._not_before - time.monotonic())
        await asyncio.sleep(max(0.0, self._not_before - time.monotonic()))
        try:
            with asking(about_token=True):
                return _who(await self._client.auth_test(), self._token)
        except Refused:
            return None


def _who(answer: Any, token: str) -> AuthorizeResult:
    return AuthorizeResult(
        enterprise_id=answer.get("enterprise_id"),
        team_id=answer.get("team_id"),
        team=answer.get("team"),
        url=answer.get("url"),
        bot_user_id=answer.get("user_id"),
        bot_id=answer.get("bot_id"),
        bot_token=token,
        bot_scopes=answer.headers.get("x-oauth-scopes", ""),
    )
