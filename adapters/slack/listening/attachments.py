"""Files that came with a message: read where they are short texts, else named with a link."""

from collections.abc import Sequence
from typing import Any

import aiohttp

from adapters.chat import text_files
from adapters.slack.api.web import Web
from workflows.talk import Attachment

HOSTS = ("files.slack.com", "slack-files.com")  # where the token may go

File = dict[str, Any]  # as Slack writes it


async def attachments(web: Web, token: str, files: Sequence[File]) -> tuple[Attachment, ...]:
    """What cannot be read in time is named all the same."""
    present = [file for file in files if file.get("mode") != "tombstone"]
    texts = await text_files.in_time(_text(web, token, file) for file in present)
    return tuple(_attachment(file, text) for file, text in zip(present, texts, strict=True))


def _attachment(file: File, text: str | None) -> Attachment:
    name = str(file.get("name") or file.get("title") or "file")
    return Attachment(name=name, size=int(file.get("size") or 0), link=str(file.get("permalink") or ""), text=text)


async def _text(web: Web, token: str, file: File) -> str | None:
    """None: it is no text, too long, elsewhere, or does not come."""
    url = str(file.get("url_private_download") or file.get("url_private") or "")
    if not (text_files.is_short_text(file.get("mimetype"), file.get("size")) and _is_ours(web, file, url)):
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
    return await text_files.read(answer)


def _is_ours(web: Web, file: File, url: str) -> bool:
    """The token goes to Slack alone: a file from elsewhere may have any address."""
    return not file.get("is_external") and text_files.is_at(url, web.url, HOSTS)
