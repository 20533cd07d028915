"""Files that came with a message: read where they are short texts, else named with a link."""

import asyncio
from collections.abc import Sequence
from urllib.parse import urlsplit

import aiohttp

from adapters.discord.origin import Json
from adapters.discord.rest import Rest
from workflows.talk import Attachment

MOST = 100_000  # bytes of a file that is read
PATIENCE = 2.0  # seconds for all files of a message together: it is not handed on before
TEXTS = ("text/",)
TEXT_KINDS = frozenset(
    f"application/{kind}"
    for kind in ("json", "x-ndjson", "xml", "yaml", "x-yaml", "toml", "javascript", "typescript", "x-sh", "sql", "csv")
)
HOSTS = ("cdn.discordapp.com", "media.discordapp.net")


async def attachments(rest: Rest, files: Sequence[Json]) -> tuple[Attachment, ...]:
    """What cannot be read in time is named all the same."""
    if not files:
        return ()
    async with aiohttp.ClientSession(trust_env=True) as session:  # without the token: these addresses need none
        reading = [asyncio.create_task(_text(session, rest, file)) for file in files]
        await asyncio.wait(reading, timeout=PATIENCE)
        for task in reading:
            task.cancel()
        texts = await asyncio.gather(*reading, return_exceptions=True)
    return tuple(
        _attachment(file, text if isinstance(text, str) else None) for file, text in zip(files, texts, strict=True)
    )


def _attachment(file: Json, text: str | None) -> Attachment:
    name = str(file.get("filename") or "file")
    return Attachment(name=name, size=int(file.get("size") or 0), link=str(file.get("url") or ""), text=text)


async def _text(session: aiohttp.ClientSession, rest: Rest, file: Json) -> str | None:
    """None: it is no text, too long, elsewhere, or does not come."""
    url = str(file.get("url") or "")
    if not (_is_text(file) and int(file.get("size") or 0) <= MOST and _is_theirs(rest, url)):
        return None
    try:
        async with session.get(url, allow_redirects=False) as answer:
            return await _content(answer)
    except (aiohttp.ClientError, OSError):
        return None


async def _content(answer: aiohttp.ClientResponse) -> str | None:
    if answer.status != 200:
        return None
    read = bytearray()
    async for chunk in answer.content.iter_any():
        read += chunk
        if len(read) > MOST:
            return None
    try:
        text = bytes(read).decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _is_text(file: Json) -> bool:
    kind = str(file.get("content_type") or "").partition(";")[0]
    return kind.startswith(TEXTS) or kind in TEXT_KINDS


def _is_theirs(rest: Rest, url: str) -> bool:
    """Nothing but Discord's own stores is asked: a message could else have us call any address."""
    where, api = urlsplit(url), urlsplit(rest.url)
    own = (where.scheme, where.netloc) == (api.scheme, api.netloc)
    return own or (where.scheme == "https" and where.hostname in HOSTS)
