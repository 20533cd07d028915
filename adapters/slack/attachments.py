"""Files that came with a message: read where they are short texts, else named with a link."""

import asyncio
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from adapters.slack.web import Web
from workflows.talk import Attachment

MOST = 100_000  # bytes of a file that is read
PATIENCE = 2.0  # seconds for all files of a message together: it is not acknowledged before
TEXTS = ("text/",)
TEXT_KINDS = frozenset(
    f"application/{kind}"
    for kind in ("json", "x-ndjson", "xml", "yaml", "x-yaml", "toml", "javascript", "typescript", "x-sh", "sql", "csv")
)
HOSTS = ("files.slack.com", "slack-files.com")  # where the token may go

File = dict[str, Any]  # as Slack writes it


async def attachments(web: Web, token: str, files: Sequence[File]) -> tuple[Attachment, ...]:
    """What cannot be read in time is named all the same."""
    present = [file for file in files if file.get("mode") != "tombstone"]
    reading = [asyncio.create_task(_text(web, token, file)) for file in present]
    if reading:
        await asyncio.wait(reading, timeout=PATIENCE)
    for task in reading:
        task.cancel()
    await asyncio.gather(*reading, return_exceptions=True)
    return tuple(_attachment(file, _result(task)) for file, task in zip(present, reading, strict=True))


def _attachment(file: File, text: str | None) -> Attachment:
    name = str(file.get("name") or file.get("title") or "file")
    return Attachment(name=name, size=int(file.get("size") or 0), link=str(file.get("permalink") or ""), text=text)


def _result(task: asyncio.Task[str | None]) -> str | None:
    return None if task.cancelled() or task.exception() else task.result()


async def _text(web: Web, token: str, file: File) -> str | None:
    """None: it is no text, too long, elsewhere, or does not come."""
    url = str(file.get("url_private_download") or file.get("url_private") or "")
    if not (_is_text(file) and int(file.get("size") or 0) <= MOST and _is_ours(web, file, url)):
        return None
    headers = {"Authorization": f"Bearer {token}"}
    try:
        async with web.session.get(url, headers=headers, allow_redirects=False) as answer:
            return await _content(answer, file)
    except (aiohttp.ClientError, OSError):
        return None


async def _content(answer: aiohttp.ClientResponse, file: File) -> str | None:
    """Slack sends a page to sign in, with 200, where a token may not read a file."""
    if answer.status != 200 or (answer.content_type == "text/html" and file.get("mimetype") != "text/html"):
        return None
    read = bytearray()
    async for chunk in answer.content.iter_any():
        read += chunk
        if len(read) > MOST:
            return None
    return _decoded(bytes(read))


def _decoded(content: bytes) -> str | None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _is_text(file: File) -> bool:
    kind = str(file.get("mimetype") or "")
    return kind.startswith(TEXTS) or kind in TEXT_KINDS


def _is_ours(web: Web, file: File, url: str) -> bool:
    """The token goes to Slack alone: a file from elsewhere may have any address."""
    where, slack = urlsplit(url), urlsplit(web.url)
    own = (where.scheme, where.netloc) == (slack.scheme, slack.netloc)
    safe = where.scheme == "https" and where.hostname in HOSTS
    return not file.get("is_external") and (own or safe)
