"""Whether Redis answers."""

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError


async def ping(url: str, seconds: float = 3.0) -> str:
    """Empty: it does; else why not, in a few words without the password."""
    client = Redis.from_url(url, socket_connect_timeout=seconds, socket_timeout=seconds, retry=Retry(NoBackoff(), 0))
    try:
        await client.ping()
    except (RedisError, OSError, TimeoutError) as error:
        return type(error).__name__
    finally:
        await client.aclose()
    return ""
