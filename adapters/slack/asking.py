"""Questions to Slack about tokens and apps: one try each, and errors of ours for what comes back.

A session is opened for each: they are rare."""

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from workflows.errors import ChatUnavailable, ThreadworkError

TIME_OUT = 5  # seconds
# Slack's own troubles, whatever was asked.
TRANSIENT = frozenset({"fatal_error", "internal_error", "ratelimited", "request_timeout", "service_unavailable"})
# The token will never work again: the app was removed, or its token revoked or replaced.
DEAD_TOKEN = frozenset(
    {"account_inactive", "invalid_auth", "invalid_refresh_token", "not_authed", "token_expired", "token_revoked"}
)


class Refused(ThreadworkError):
    """Slack's answer is no. `code`: Slack's own word for it."""

    def __init__(self, code: str) -> None:
        super().__init__(f"Slack refused this: {code}.")
        self.code = code


def asking_client(api_url: str | None, token: str | None = None) -> AsyncWebClient:
    """A client that retries nothing. `api_url` None: Slack's own."""
    url = api_url or AsyncWebClient.BASE_URL
    client = AsyncWebClient(token, base_url=url, timeout=TIME_OUT, retry_handlers=[], trust_env_in_session=True)
    client.proxy = None  # the session knows the proxies, and which hosts go without
    return client


@contextmanager
def asking() -> Iterator[None]:
    """Raises `Refused` for an answer that is final, and `ChatUnavailable` for none and for a transient one."""
    try:
        yield
    except SlackApiError as error:
        raise _meaning(error) from None  # its text shows what was sent
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise ChatUnavailable("Slack does not answer.", f"It was tried once ({type(error).__name__}).") from None


def _meaning(error: SlackApiError) -> ThreadworkError:
    status, body = int(error.response.status_code), error.response.data
    code = str(body.get("error") or "") if isinstance(body, dict) else ""  # a text, where a proxy or a crash answers
    if status == 200 and code and code not in TRANSIENT:
        return Refused(code)
    after = error.response.headers.get("Retry-After", "")
    return ChatUnavailable(
        f"Slack cannot answer now ({code or status}).", retry_after=float(after) if after.isdigit() else None
    )
