"""Files that came with a message: read where they are short texts, else named with a link."""

from collections.abc import Sequence

import aiohttp

from adapters.chat import text_files
from adapters.discord.api.rest import Rest
from adapters.discord.listening.origin import Json
from workflows.talk import Attachment

HOSTS = ("cdn.discordapp.com", "media.discordapp.net")


async def attachments(rest: Rest, files: Sequence[Json]) -> tuple[Attachment, ...]:
    """What cannot be read in time is named all the same."""
    if not files:
        return ()
    async with aiohttp.ClientSession(trust_env=True) as session:  # without the token: these addresses need none
        texts = await text_files.in_time(_text(session, rest, file) for file in files)
    return tuple(_attachment(file, text) for file, text in zip(files, texts, strict=True))


def _attachment(file: Json, text: str | None) -> Attachment:
    name = str(file.get("filename") or "file")
    return Attachment(name=name, size=int(file.get("size") or 0), link=str(file.get("url") or ""), text=text)


async def _text(session: aiohttp.ClientSession, rest: Rest, file: Json) -> str | None:
    """None: it is no text, too long, elsewhere, or does not come."""
    url = str(file.get("url") or "")
    readable = text_files.is_short_text(file.get("content_type"), file.get("size"))
    if not (readable and text_files.is_at(url, rest.url, HOSTS)):
        return None
    try:
        async with session.get(url, allow_redirects=False) as answer:
            return await text_files.read(answer) if answer.status == 200 else None
    except (aiohttp.ClientError, OSError):
        return None
