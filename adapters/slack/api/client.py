"""A client of Slack's Web API that tries every call once."""

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

SLACK_TIMEOUT = 5  # seconds for a call, where nobody delivers a card with it


def web_client(
    api_url: str | None, token: str | None = None, session: aiohttp.ClientSession | None = None
) -> AsyncWebClient:
    """`api_url`: where the Web API is, such as an emulator's; None: Slack's own. Without a session, which has a
    time-out of its own, each call opens one: for calls that are rare."""
    client = AsyncWebClient(
        token,
        base_url=api_url or AsyncWebClient.BASE_URL,
        timeout=SLACK_TIMEOUT,
        session=session,
        trust_env_in_session=True,
        retry_handlers=[],
    )
    client.proxy = None  # the session knows the proxies, and which hosts go without
    return client
