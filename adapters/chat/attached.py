"""Files that came with a message: which are read, how much of them, and for how long."""

import asyncio
from collections.abc import Collection, Coroutine, Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from threadwork.workflows.files import IMAGE_BYTES, PDF, GivenFile, is_kept

MAX_TEXT_BYTES = 100_000  # bytes of a text that is read
READ_TIMEOUT = 2.0  # seconds for all files of a message together: it is not written down before
TEXTS = ("text/",)
TEXT_KINDS = frozenset(
    f"application/{kind}"
    for kind in ("json", "x-ndjson", "xml", "yaml", "x-yaml", "toml", "javascript", "typescript", "x-sh", "sql", "csv")
)
SIGNATURES = (  # how the content begins: what platforms say of a type is what its sender said
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", PDF),
)

Content = str | GivenFile


def is_readable(kind: object, size: object) -> bool:
    """`kind`: a media type, with parameters perhaps. `size`: bytes, as the platform tells it."""
    bare, digits = _bare(kind), str(size or 0)
    if not (digits.isdecimal() and len(digits) < 20):
        return False
    return (_is_text(bare) and int(digits) <= MAX_TEXT_BYTES) or is_kept(bare, int(digits))


def is_at(url: str, api: str, hosts: Collection[str]) -> bool:
    """Whether an address belongs to the platform: a message could else have us call any."""
    where, ours = urlsplit(url), urlsplit(api)
    own = (where.scheme, where.netloc) == (ours.scheme, ours.netloc)
    return own or (where.scheme == "https" and (where.hostname or "") in hosts)


async def read(answer: aiohttp.ClientResponse, name: str, kind: object) -> Content | None:
    """None: it is not what it is said to be, or too long."""
    text = _is_text(_bare(kind))
    content = bytearray()
    async for chunk in answer.content.iter_any():
        content += chunk
        if len(content) > (MAX_TEXT_BYTES if text else IMAGE_BYTES):
            return None
    return _text(bytes(content)) if text else _file(name, bytes(content))


def shares_of(most: int, counts: Sequence[int]) -> list[int]:
    """How many files of each message are read, where the newest, which stand last, count most."""
    shares = []
    for count in reversed(counts):
        shares.append(min(most, count))
        most -= shares[-1]
    return shares[::-1]


async def in_time(readings: Iterable[Coroutine[Any, Any, Content | None]]) -> list[Content | None]:
    """What came of each; None where it failed or took too long."""
    reading = [asyncio.create_task(one) for one in readings]
    if reading:
        await asyncio.wait(reading, timeout=READ_TIMEOUT)
    for task in reading:
        task.cancel()
    told = await asyncio.gather(*reading, return_exceptions=True)
    return [None if isinstance(content, BaseException) else content for content in told]


def _bare(kind: object) -> str:
    return str(kind or "").partition(";")[0].strip().lower()


def _is_text(bare: str) -> bool:
    return bare.startswith(TEXTS) or bare in TEXT_KINDS


def _text(content: bytes) -> str | None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _file(name: str, content: bytes) -> GivenFile | None:
    media_type = "image/webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else ""
    for signature, known in SIGNATURES:
        media_type = known if content.startswith(signature) else media_type
    if not is_kept(media_type, len(content)) or not content:
        return None
    return GivenFile(name=name, media_type=media_type, content=content)
