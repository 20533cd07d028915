"""What of a tool server's output becomes a file, and what is told of the rest."""

from base64 import b64encode
from typing import Any

import pytest
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

from threadwork.adapters.tools.mcp_files import files_in, linked
from threadwork.adapters.tools.mcp_words import tool_output
from threadwork.workflows.files import FILE_BYTES, MAX_FILES


def data(content: bytes) -> str:
    return b64encode(content).decode()


def blob(uri: str, content: bytes, kind: str | None = None) -> EmbeddedResource:
    return EmbeddedResource(resource=BlobResourceContents(uri=uri, blob=data(content), mime_type=kind))


def test_each_kind_of_content_is_a_file_but_text() -> None:
    content: list[ContentBlock] = [
        TextContent(text="first"),
        ImageContent(data=data(b"1"), mime_type="image/png"),
        ImageContent(data=data(b"2"), mime_type="image/svg+xml"),
        AudioContent(data=data(b"3"), mime_type="audio/x-wav"),
        EmbeddedResource(resource=TextResourceContents(uri="file:///tmp/a%20b.csv", text="x,y", mime_type="text/csv")),
        blob("https://files.example/q?x=/evil.exe", b"4"),
        blob("memory://report", b"5", "application/pdf"),
    ]
    kept, left_out = files_in(content)
    assert left_out == []
    assert [(one.name, one.media_type, one.content) for one in kept] == [
        ("image-1.png", "image/png", b"1"),
        ("image-2.svg", "image/svg+xml", b"2"),
        ("audio-1.wav", "audio/x-wav", b"3"),
        ("a b.csv", "text/csv", b"x,y"),
        ("q", "application/octet-stream", b"4"),
        ("resource", "application/pdf", b"5"),
    ]


def test_what_is_too_large_too_many_broken_or_empty_is_named_and_why_is_said() -> None:
    large = EmbeddedResource(resource=BlobResourceContents(uri="file:///a.zip", blob="A" * (FILE_BYTES * 4 // 3 + 9)))
    broken = ImageContent(data="*not base64*", mime_type="image/png")
    kept, left_out = files_in(
        [large, broken, blob("file:///e.bin", b""), *[blob("file:///b.bin", b"1")] * (MAX_FILES + 1)]
    )
    assert len(kept) == MAX_FILES
    assert [(one.name, one.why) for one in left_out] == [
        ("a.zip", "larger than 10 MB"),
        ("image-1.png", "it cannot be decoded"),
        ("e.bin", "it is empty"),
        ("b.bin", "more than 10 files came"),
    ]
    assert "not kept, too large" in tool_output(CallToolResult(content=[large])).text


class Server:
    """Gives what it has."""

    def __init__(self, **has: str) -> None:
        self.has, self.asked = has, list[str]()

    async def read_resource(self, uri: str) -> Any:
        self.asked.append(uri)
        contents = [TextResourceContents(uri=uri, text=self.has[uri.rpartition("/")[2]])]
        return type("Read", (), {"contents": contents})


async def test_what_is_named_by_an_address_is_read_from_its_server_else_the_address_is_told() -> None:
    names = ("gone.txt", "here.txt", "huge.txt")
    links = [ResourceLink(name=name, uri=f"file:///{name}", size=10**9 if "huge" in name else None) for name in names]
    server, result = Server(**{"here.txt": "hello"}), CallToolResult(content=[*links])
    kept, left_out = files_in(result.content, await linked(lambda: server, result, 10))  # type: ignore[arg-type, return-value]
    assert server.asked == ["file:///gone.txt", "file:///here.txt"]
    assert [(one.name, one.content) for one in kept] == [("here.txt", b"hello")]
    assert [(one.link, one.why) for one in left_out] == [
        ("file:///gone.txt", ""),
        ("file:///huge.txt", "larger than 10 MB"),
    ]


@pytest.mark.parametrize("left", [-1.0, 0.0])
async def test_without_time_left_nothing_is_read_and_the_call_is_no_failure(left: float) -> None:
    result = CallToolResult(content=[ResourceLink(name="a", uri="file:///a")])
    assert await linked(lambda: Server(a="hello"), result, left) == {}  # type: ignore[arg-type, return-value]


def test_ten_thousand_files_are_told_in_one_line_and_not_decoded() -> None:
    content: list[ContentBlock] = [ImageContent(data=data(b"1"), mime_type="image/png")] * MAX_FILES
    content += [ImageContent(data="*not base64*", mime_type="image/png"), blob("file:///a", b"1")]
    content += [ImageContent(data="never looked at: \N{SNOWMAN}", mime_type="image/png")] * 9_000
    kept, left_out = files_in([TextContent(text="first"), *content])
    assert len(kept) == MAX_FILES
    assert [(one.name, one.why) for one in left_out] == [
        ("image-11.png", "it cannot be decoded"),
        ("9,001 more files", "more than 10 files came"),
    ]


def test_a_size_that_is_none_is_not_told() -> None:
    _, [left] = files_in([ResourceLink(name="a", uri="file:///a", size=-5)])
    assert left.size == 0
