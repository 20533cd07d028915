"""Files in what a tool server returned: pictures, sounds, documents, and what it names by an address.

An address is read by asking the server that gave it; nothing is fetched from anywhere else."""

import asyncio
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from urllib.parse import unquote, urlsplit

from mcp import Client
from mcp_types import (
    AudioContent,
    BlobResourceContents,
    CallToolResult,
    ContentBlock,
    EmbeddedResource,
    ImageContent,
    ResourceLink,
    TextContent,
    TextResourceContents,
)

from threadwork.workflows.files import MAX_FILES, UNKNOWN_TYPE, GivenFile, LeftOut, limit, safe_type
from threadwork.workflows.texts import clean
from threadwork.workflows.values import preview

LINK_TIMEOUT = 10.0  # seconds for reading all that an output names
ADDRESS = 1_000  # characters of an address that are kept
EMPTY, BROKEN = "it is empty", "it cannot be decoded"

Contents = TextResourceContents | BlobResourceContents
Linked = Mapping[str, Sequence[Contents]]  # what its server gave for an address
NOT_READ: Linked = {}


async def linked(client: Callable[[], Client], result: CallToolResult, left: float) -> Linked:
    """What the server has under the addresses that it named, as far as it gives it in half of the time that is left.

    The call has ended by now: whatever goes wrong here is no word about it."""
    links = [block for block in result.content if isinstance(block, ResourceLink)][:MAX_FILES]
    wanted = [link.uri for link in links if (link.size or 0) <= limit(link.mime_type or "")]
    found: dict[str, Sequence[Contents]] = {}
    if not wanted or left <= 0:
        return found
    with suppress(TimeoutError):
        async with asyncio.timeout(min(LINK_TIMEOUT, left / 2)):
            for uri in dict.fromkeys(wanted):
                with suppress(Exception):  # servers name what they do not give; the address is told
                    found[uri] = (await client().read_resource(uri)).contents
    return found


def files_in(content: Sequence[ContentBlock], read: Linked = NOT_READ) -> tuple[list[GivenFile], list[LeftOut]]:
    """Those that are kept, and the others: of what is too much none is decoded."""
    kept: list[GivenFile] = []
    left_out: list[LeftOut] = []
    for one in _all(content, read):
        if isinstance(one, LeftOut):
            left_out.append(one)
        elif len(kept) < MAX_FILES:
            kept.append(one)
        else:
            left_out.append(_surplus(one, _others(content, read) - len(kept) - len(left_out)))
            break
    return kept, left_out


def _surplus(first: GivenFile, number: int) -> LeftOut:
    """Those that are not even looked at, told in one line."""
    why = f"more than {MAX_FILES} files came"
    if number > 1:
        return _without(f"{number:,} more files", UNKNOWN_TYPE, 0, why)
    return _without(first.name, first.media_type, len(first.content), why)


def _others(content: Sequence[ContentBlock], read: Linked) -> int:
    """Files that came or were named."""
    files = (block for block in content if not isinstance(block, TextContent))
    return sum(len(read.get(block.uri) or "?") if isinstance(block, ResourceLink) else 1 for block in files)


def _all(content: Sequence[ContentBlock], read: Linked) -> Iterator[GivenFile | LeftOut]:
    numbers = {"image": 0, "audio": 0}
    for block in content:
        match block:
            case ImageContent() | AudioContent():
                numbers[block.type] += 1
                kind = safe_type(block.mime_type, "")
                ending = kind.partition("/")[2].partition("+")[0].removeprefix("x-")
                yield _file(f"{block.type}-{numbers[block.type]}.{ending}", kind, block.data)
            case EmbeddedResource(resource=resource):
                yield _of_resource(resource)
            case ResourceLink() if contents := read.get(block.uri):
                yield from (_of_resource(one, block) for one in contents)
            case ResourceLink():
                size, kind = max(block.size or 0, 0), safe_type(block.mime_type, block.name)
                why = _too_large(kind) if size > limit(kind) else ""
                left = _without(block.title or block.name or _last(block.uri), kind, size, why)
                yield left.model_copy(update={"link": preview(clean(block.uri), ADDRESS)})


def _of_resource(resource: Contents, link: ResourceLink | None = None) -> GivenFile | LeftOut:
    """Of several under one address each has its own."""
    name = _last(resource.uri) or (link.name if link else "") or "resource"
    given = resource.mime_type or (link.mime_type if link else None)
    if isinstance(resource, BlobResourceContents):
        return _file(name, safe_type(given, name), resource.blob)
    kind = safe_type(given or "text/plain", name)
    content = clean(resource.text).encode()
    return _kept(name, kind, content)


def _file(name: str, kind: str, data: str) -> GivenFile | LeftOut:
    if size_of(data) > limit(kind):  # before it takes the room that it needs decoded
        return _without(name, kind, size_of(data), _too_large(kind))
    try:
        return _kept(name, kind, b64decode(data, validate=True))
    except ValueError:
        return _without(name, kind, size_of(data), BROKEN)


def _kept(name: str, kind: str, content: bytes) -> GivenFile | LeftOut:
    if not 0 < len(content) <= limit(kind):
        return _without(name, kind, len(content), _too_large(kind) if content else EMPTY)
    return GivenFile(name=name, media_type=kind, content=content)


def _without(name: str, kind: str, size: int, why: str) -> LeftOut:
    return LeftOut(name=name, media_type=kind, size=size, why=why)


def _too_large(kind: str) -> str:
    return f"larger than {limit(kind) // 1_000_000} MB"


def _last(uri: str) -> str:
    """The last part of an address, which most often is a file's name."""
    try:
        return clean(unquote(urlsplit(uri).path.rstrip("/").rpartition("/")[2]))
    except ValueError:
        return ""


def size_of(base64: str) -> int:
    """Bytes, once it is decoded."""
    return len(base64.rstrip("=")) * 3 // 4
