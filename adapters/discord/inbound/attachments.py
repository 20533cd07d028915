"""Files that came with a message: read where that is of use to an agent, else named with a link."""

from collections.abc import Sequence

import aiohttp

from threadwork.adapters.chat import attached
from threadwork.adapters.chat.attached import Content
from threadwork.adapters.discord.api.rest import Rest
from threadwork.adapters.discord.inbound.payload import Json
from threadwork.workflows.files import GivenFile
from threadwork.workflows.inbound import Attachment

HOSTS = ("cdn.discordapp.com", "media.discordapp.net")


async def attachments(rest: Rest, files: Sequence[Json], most: int | None = None) -> tuple[Attachment, ...]:
    """What cannot be read in time is named all the same. `most`: files that are read, the first ones; None: all."""
    if not files:
        return ()
    async with aiohttp.ClientSession(trust_env=True) as session:  # without the token: these addresses need none
        contents = await attached.in_time(_content(session, rest, file) for file in files[:most])
    named = (_attachment(file, None) for file in files[len(contents) :])
    return (*(_attachment(file, content) for file, content in zip(files, contents, strict=False)), *named)


def _attachment(file: Json, content: Content | None) -> Attachment:
    read = {"file": content} if isinstance(content, GivenFile) else {"text": content}
    return Attachment(name=_name(file), size=int(file.get("size") or 0), link=str(file.get("url") or ""), **read)


def _name(file: Json) -> str:
    return str(file.get("filename") or "file")


async def _content(session: aiohttp.ClientSession, rest: Rest, file: Json) -> Content | None:
    """None: it is of no use, too long, elsewhere, or does not come."""
    url = str(file.get("url") or "")
    readable = attached.is_readable(file.get("content_type"), file.get("size"))
    if not (readable and attached.is_at(url, rest.url, HOSTS)):
        return None
    try:
        async with session.get(url, allow_redirects=False) as answer:
            return await attached.read(answer, _name(file), file.get("content_type")) if answer.status == 200 else None
    except (aiohttp.ClientError, OSError):
        return None
