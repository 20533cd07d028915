"""Mattermost's REST API v4: one try a call, and what its answers mean to us."""

import asyncio
import ssl
from functools import cache
from typing import Any

import httpx

from threadwork.workflows.errors import ChatUnavailable, NotFound, Rejected, SinkGone

TIME_OUT = 8.0  # seconds for a call; whoever delivers a card gives up after ten
TOO_FAST = 30.0  # seconds to wait where a 429 does not say for how long
NO_THREAD = "api.post.create_post.root_id.app_error"  # server/channels/app/post.go: the root was deleted
ARCHIVED = (
    "api.post.create_post.can_not_post_to_deleted.error",
    "api.post.patch_post.can_not_update_post_in_deleted.error",
)


class Rest:
    """Raises `SinkGone` where the server refuses for good, `NotFound` for a 404, `Rejected` for what it never takes.

    Otherwise `ChatUnavailable`: with seconds where the call certainly had no effect, else without."""

    def __init__(self, url: str, token: str, time_out: float = TIME_OUT) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"}
        self._time_out = time_out

    async def call(self, method: str, path: str, **more: Any) -> Any:
        """`more`: `json` or `params`, as httpx takes them."""
        try:
            async with asyncio.timeout(self._time_out):
                answer = await self._send(method, f"{self._url}/api/v4{path}", **more)
        except httpx.ConnectError:
            raise ChatUnavailable("Mattermost cannot be reached.", retry_after=0) from None
        except (TimeoutError, httpx.TimeoutException):
            raise ChatUnavailable("Mattermost did not answer in time.") from None
        except httpx.TransportError as error:
            raise ChatUnavailable(f"The connection to Mattermost was lost ({type(error).__name__}).") from None
        return _accepted(answer)

    async def _send(self, method: str, url: str, **more: Any) -> httpx.Response:
        # A connection of its own for each call: none is left over to be found dead by the next one.
        async with httpx.AsyncClient(headers=self._headers, timeout=self._time_out, verify=_certificates()) as client:
            return await client.request(method, url, **more)


@cache
def _certificates() -> ssl.SSLContext:
    """Of the authorities. Reading them takes longer than a call, so it is done once."""
    return httpx.create_ssl_context()


def _accepted(answer: httpx.Response) -> Any:
    if answer.is_success:
        return answer.json()
    if answer.status_code == 429:
        raise ChatUnavailable("Mattermost is called too fast.", retry_after=_wait(answer.headers))
    if answer.status_code >= 500:
        raise ChatUnavailable(f"Mattermost answered {answer.status_code}.")
    raise _refusal(answer.status_code, _error_id(answer))


def _wait(headers: httpx.Headers) -> float:
    """Seconds. Both headers count them from now, by server/channels/app/ratelimit.go."""
    for name in ("Retry-After", "X-RateLimit-Reset"):
        if headers.get(name, "").isdigit():
            return float(headers[name])
    return TOO_FAST


def _error_id(answer: httpx.Response) -> str:
    """The server's own word; empty where somebody else answered."""
    try:
        return str(answer.json()["id"])
    except (ValueError, KeyError, TypeError):
        return ""


def _refusal(status: int, error: str) -> Exception:
    if not error:
        return ChatUnavailable(f"Something before Mattermost answered {status}.")
    if error == NO_THREAD:
        return SinkGone("The thread in Mattermost was deleted.")
    if error in ARCHIVED:
        return SinkGone("The Mattermost channel is archived.")
    if status == 401:
        return SinkGone("Mattermost no longer accepts the bot's token.")
    if status == 403:
        return SinkGone("The bot may not do this in the Mattermost channel.")
    if status == 404:
        return NotFound("It is gone from Mattermost.")
    return Rejected(f"Mattermost refused the call: {error}.")
