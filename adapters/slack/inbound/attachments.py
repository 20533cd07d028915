"""Files that came with a message: read where that is of use to an agent, else named with a link."""

import asyncio
from collections.abc import Sequence
from typing import Any

import aiohttp

from threadwork.adapters.chat import attached
from threadwork.adapters.chat.attached import Content
from threadwork.adapters.slack.api.web import Web
from threadwork.workflows.errors import ThreadworkError
from threadwork.workflows.files import GivenFile
from threadwork.workflows.inbound import Attachment

STUB = "check_file_info"  # `file_access` of a file that is not described
DESCRIPTION_TIMEOUT = 1.0  # seconds for what Slack tells of a file: it is read after that
HOSTS = ("files.slack.com", "slack-files.com")  # where the token may go

File = dict[str, Any]  # as Slack writes it


async def attachments(web: Web, token: str, files: Sequence[File], most: int | None = None) -> tuple[Attachment, ...]:
    """What cannot be read in time is named all the same. `most`: files that are read, the first ones; None: all."""
    present = [file for file in files if file.get("mode") != "tombstone"]
    read = await _described(web, token, present[:most])
    contents = await attached.in_time(_content(web, token, file) for file in read)
    named = (_attachment(file, None) for file in present[len(read) :])
    return (*(_attachment(file, content) for file, content in zip(read, contents, strict=True)), *named)


async def _described(web: Web, token: str, files: Sequence[File]) -> list[File]:
    """In channels that are shared with other companies Slack tells the ids alone, and the rest when asked.

    https://docs.slack.dev/reference/objects/file-object/#slack_connect_files"""
    return list(await asyncio.gather(*(_known(web, token, file) for file in files)))


async def _known(web: Web, token: str, file: File) -> File:
    if file.get("file_access") != STUB:
        return file
    try:
        async with asyncio.timeout(DESCRIPTION_TIMEOUT):
            told: File = (await web.read(token, "files.info", file=file["id"])).get("file") or {}
    except (ThreadworkError, TimeoutError):
        return file
    return {**file, **told}


def _attachment(file: File, content: Content | None) -> Attachment:
    name, link = _name(file), str(file.get("permalink") or "")
    read = {"file": content} if isinstance(content, GivenFile) else {"text": content or _said(file)}
    return Attachment(name=name, size=int(file.get("size") or 0), link=link, **read)


def _name(file: File) -> str:
    return str(file.get("name") or file.get("title") or "file")


def _said(file: File) -> str | None:
    """What was said in a voice clip, as far as Slack has written it down by now."""
    written = file.get("transcription") or {}
    preview = written.get("preview") or {}
    if written.get("status") != "complete" or not preview.get("content"):
        return None
    return f"{preview['content']}{' …' if preview.get('has_more') else ''}"


async def _content(web: Web, token: str, file: File) -> Content | None:
    """None: it is of no use, too long, elsewhere, or does not come."""
    url = str(file.get("url_private_download") or file.get("url_private") or "")
    if not (attached.is_readable(file.get("mimetype"), file.get("size")) and _is_ours(web, file, url)):
        return None
    headers = {"Authorization": f"Bearer {token}"}
    try:
        async with web.session.get(url, headers=headers, allow_redirects=False) as answer:
            return await _read(answer, file)
    except (aiohttp.ClientError, OSError):
        return None


async def _read(answer: aiohttp.ClientResponse, file: File) -> Content | None:
    """Slack sends a page to sign in, with 200, where a token may not read a file."""
    if answer.status != 200 or (answer.content_type == "text/html" and file.get("mimetype") != "text/html"):
        return None
    return await attached.read(answer, _name(file), file.get("mimetype"))


def _is_ours(web: Web, file: File, url: str) -> bool:
    """The token goes to Slack alone: a file from elsewhere may have any address."""
    return not file.get("is_external") and attached.is_at(url, web.url, HOSTS)
