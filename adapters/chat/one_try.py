"""One try a call, whatever comes of it: how a platform is called, and what a call means that got no answer."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import aiohttp

from threadwork.workflows.errors import ChatUnavailable

CALL_TIMEOUT = 8.0  # seconds for a call; whoever delivers a card gives up after ten
CONNECT = 4.0  # seconds of it for the connection
DEFAULT_RETRY_AFTER = 30.0  # seconds to wait where a platform says "too fast" and not for how long
NOW = 0.0  # seconds: the call certainly had no effect, and may be made again
NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)  # there was no connection


def session(time_out: float = CALL_TIMEOUT, headers: Mapping[str, str] | None = None) -> aiohttp.ClientSession:
    """`time_out`: seconds a call. To be made where there is a loop, and closed by whoever asked for it.

    Every call has a connection of its own: one that was left over might be found dead by the next call, and nobody
    could tell whether that call had arrived."""
    return aiohttp.ClientSession(
        middlewares=(_once,),
        connector=aiohttp.TCPConnector(force_close=True),
        headers=headers,
        timeout=aiohttp.ClientTimeout(total=time_out, sock_connect=min(CONNECT, time_out)),
        trust_env=True,
    )


class Cut(aiohttp.ClientConnectionError):
    """The connection was lost after the call had been begun."""


async def _once(request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """aiohttp makes a GET, PUT or DELETE again whose connection was lost, unless the error is one of ours."""
    try:
        return await send(request)
    except NEVER_SENT:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise Cut(type(error).__name__) from None


@contextmanager
def unanswered(platform: str) -> Iterator[None]:
    """Around a call. `platform`: as people call it.

    Raises `ChatUnavailable` where no answer came: with the seconds to wait where the call certainly had no effect,
    without them where nobody knows."""
    try:
        yield
    except NEVER_SENT:
        raise ChatUnavailable(f"{platform} cannot be reached.", retry_after=NOW) from None
    except TimeoutError:
        raise ChatUnavailable(f"{platform} did not answer in time.") from None
    except (aiohttp.ClientError, OSError) as error:
        raise ChatUnavailable(f"The connection to {platform} was lost ({type(error).__name__}).") from None
