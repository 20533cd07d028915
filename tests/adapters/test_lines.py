"""Lines of a stream, whatever pieces it comes in."""

from collections.abc import AsyncIterator

import pytest

from threadwork.adapters.models.lines import lines


class Response:
    def __init__(self, *pieces: str) -> None:
        self._pieces = pieces

    async def aiter_text(self) -> AsyncIterator[str]:
        for piece in self._pieces:
            yield piece


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        (("a\u2028b\u2029c\x85d\x0be\x1cf\n", "g"), ["a\u2028b\u2029c\x85d\x0be\x1cf", "g"]),
        (("a\r\n\r\nb\rc\n",), ["a", "", "b", "c"]),
        (("a\r", "\n", "b\r", "", "\nc\r", "d"), ["a", "b", "c", "d"]),
        (("one ", "li", "ne\n", "\n"), ["one line", ""]),
        ((), []),
    ],
)
async def test_a_line_ends_at_a_line_feed_or_a_return_and_nowhere_else(
    pieces: tuple[str, ...], expected: list[str]
) -> None:
    assert [line async for line in lines(Response(*pieces))] == expected
