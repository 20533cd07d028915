"""Slack's Web API as people's doings need it: one try a call, one session for all, errors of ours."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from threadwork.adapters.chat.one_try import session
from threadwork.adapters.slack.api.client import SLACK_TIMEOUT, web_client
from threadwork.adapters.slack.api.errors import asking
from threadwork.adapters.slack.api.local_rate_limit_gate import RateLimitGates
from threadwork.workflows.errors import ChatUnavailable

RATE_LIMIT_TIMEOUT = 1.5  # seconds that a 429 is waited out: people, and Slack itself, wait for three


class Web:
    """Calls with the token of whichever workspace is meant."""

    def __init__(self, api_url: str | None = None) -> None:
        self.url = api_url or AsyncWebClient.BASE_URL
        self._session: aiohttp.ClientSession | None = None
        self._gates = RateLimitGates()

    async def call(self, token: str, method: str, **arguments: Any) -> dict[str, Any]:
        """`method` as Slack writes it, such as `views.open`. Raises `Refused` and `ChatUnavailable`."""
        async with self._calling(token, method):
            answer = await web_client(self.url, token, self.session).api_call(method, json=arguments)
        return dict(answer.data) if isinstance(answer.data, dict) else {}

    async def read(self, token: str, method: str, **arguments: Any) -> dict[str, Any]:
        """The same for methods that take no JSON: those that only read."""
        async with self._calling(token, method):
            answer = await web_client(self.url, token, self.session).api_call(method, params=arguments)
        return dict(answer.data) if isinstance(answer.data, dict) else {}

    async def respond(self, response_url: str, content: dict[str, Any]) -> None:
        """Shown to one person alone. The address takes five answers in half an hour. Raises `ChatUnavailable`."""
        unseen = {"unfurl_links": False, "unfurl_media": False}  # what people and models wrote is not fetched
        body = {"response_type": "ephemeral", "replace_original": False, **unseen, **content}
        with asking():
            webhook = AsyncWebhookClient(response_url, timeout=SLACK_TIMEOUT, session=self.session, retry_handlers=[])
            webhook.proxy = None  # the session knows the proxies, and which hosts go without
            answer = await webhook.send_dict(body)
        if answer.status_code != 200:
            raise ChatUnavailable(f"Slack did not take an answer ({answer.status_code}).")

    @property
    def session(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = session(SLACK_TIMEOUT)
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    @asynccontextmanager
    async def _calling(self, token: str, method: str) -> AsyncIterator[None]:
        await self._gates.over((token, method), RATE_LIMIT_TIMEOUT)
        with self._gates.kept((token, method)), asking():
            yield
