"""Files that came with a message: which are read, how much of them, and for how long."""

import asyncio
from collections.abc import Collection, Coroutine, Iterable
from typing import Any
from urllib.parse import urlsplit

import aiohttp

MOST = 100_000  # bytes of a file that is read
PATIENCE = 2.0  # seconds for all files of a message together: it is not written down before
TEXTS = ("text/",)
TEXT_KINDS = frozenset(
    f"application/{kind}"
    for kind in ("json", "x-ndjson", "xml", "yaml", "x-yaml", "toml", "javascript", "typescript", "x-sh", "sql", "csv")
)


def is_short_text(kind: object, size: object) -> bool:
    """`kind`: a media type, with parameters perhaps. `size`: bytes, as the platform tells it."""
    bare = str(kind or "").partition(";")[0]
    digits = str(size or 0)
    return (
        (bare.startswith(TEXTS) or bare in TEXT_KINDS)
        and digits.isdecimal()
        and len(digits) < 20
        and int(digits) <= MOST
    )


def is_at(url: str, api: str, hosts: Collection[str]) -> bool:
    """Whether an address belongs to the platform: a message could else have us call any."""
    where, ours = urlsplit(url), urlsplit(api)
    own = (where.scheme, where.netloc) == (ours.scheme, ours.netloc)
    return own or (where.scheme == "https" and (where.hostname or "") in hosts)


async def read(answer: aiohttp.ClientResponse) -> str | None:
    """None: it is no text after all, or too long."""
    content = bytearray()
    async for chunk in answer.content.iter_any():
        content += chunk
        if len(content) > MOST:
            return None
    try:
        text = bytes(content).decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


async def in_time(readings: Iterable[Coroutine[Any, Any, str | None]]) -> list[str | None]:
    """What came of each; None where it failed or took too long."""
    reading = [asyncio.create_task(one) for one in readings]
    if reading:
        await asyncio.wait(reading, timeout=PATIENCE)
    for task in reading:
        task.cancel()
    told = await asyncio.gather(*reading, return_exceptions=True)
    return [text if isinstance(text, str) else None for text in told]
