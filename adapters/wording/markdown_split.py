"""Cuts a long Markdown text into messages of a bounded length."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

SMALLEST = 40  # characters; below that a reopened fence would leave no room for its code

# Where a fence stands may be a list item or a quotation; what follows the marks is the language and more.
_LEAD = r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*"
_OPENING = re.compile(rf"(?P<lead>{_LEAD})(?P<marks>`{{3,}}|~{{3,}})(?P<info>.*)", re.S)
_CLOSING = re.compile(r"[ \t>]*(?P<marks>`{3,}|~{3,})\s*")
_MARKS = re.compile(rf"\s*{_LEAD}(?:```|~~~)")
_BLANK_LINES = re.compile(r"(?:[ \t\r]*\n)*")
_SPACE = re.compile(r"\s+")
_WORD_OF_LIST = re.compile(r"[^ \t>]")


@dataclass(frozen=True)
class _Fence:
    lead: str  # indentation, quotation marks included
    marks: str
    language: str

    @property
    def opener(self) -> str:
        return f"{self.lead}{self.marks}{self.language}\n"

    @property
    def closer(self) -> str:
        return f"\n{self.lead}{self.marks}"


@dataclass(frozen=True)
class _Cut:
    """A place to cut: what is kept ends at `end`, the next message begins at `next`."""

    rank: int  # the lower, the better
    end: int
    next: int
    inside: _Fence | None  # the fence that is open at `end`
    then: _Fence | None  # the fence that is open at `next`

    @property
    def closer(self) -> str:
        return self.inside.closer if self.inside else ""


_PARAGRAPH, _LINE, _CODE_LINE, _WORD = range(4)


def split_markdown(text: str, limit: int) -> list[str]:
    """`text` as messages of at most `limit` characters (at least 40); none for a blank text.

    A code fence that has to be cut is closed and opened again with its language. Cuts are made between
    paragraphs, lines or words, where the messages do not become too short by that; what is lost is
    whitespace at the cuts. A line of marks longer than a quarter of `limit` is not taken for a fence."""
    if limit < SMALLEST:
        raise ValueError(f"A limit of {limit} characters is too small; {SMALLEST} is the least.")
    if len(text) <= limit:
        return [text] if text.strip() else []
    return list(_pieces(text.rstrip(), limit))


def _pieces(text: str, limit: int) -> Iterator[str]:
    start, fence = 0, None
    while (start := _after_blank_lines(text, start)) < len(text):
        opener = fence.opener if fence else ""
        if len(opener) + len(text) - start <= limit:
            yield opener + text[start:]
            return
        cut = _best_cut(text, start, fence, limit)
        if kept := text[start : cut.end].rstrip():
            yield f"{opener}{kept}{cut.closer}"
        start, fence = cut.next, cut.then


def _after_blank_lines(text: str, start: int) -> int:
    found = _BLANK_LINES.match(text, start)
    return found.end() if found else start


def _best_cut(text: str, start: int, fence: _Fence | None, limit: int) -> _Cut:
    """The last border of the best kind that leaves no message too short; the middle of a word, if need be."""
    room = limit - len(fence.opener if fence else "")
    cuts = [cut for cut in _Walk(text, start, fence, limit).cuts(room) if cut.end - start + len(cut.closer) <= room]
    long_enough = [cut for cut in cuts if cut.end - start >= room // 3]
    for few in (long_enough, cuts):
        if few:
            return min(few, key=lambda cut: (cut.rank, -cut.end))
    return _Walk(text, start, fence, limit).middle_of_a_word(room)


def _closer_length(fence: _Fence | None) -> int:
    return len(fence.closer) if fence else 0


class _Walk:
    """Goes over the lines of one message to be, knowing which fence is open."""

    def __init__(self, text: str, start: int, fence: _Fence | None, limit: int) -> None:
        self._text = text
        self._at = start  # where the current line begins
        self._fence = fence  # open at `_at`
        self._longest = limit // 4  # characters a fence's line may have

    def cuts(self, room: int) -> Iterator[_Cut]:
        """Every border up to `room` characters on at which a message may end."""
        window = self._at + room
        solid = False  # whether a cut here would leave something to read, in the open fence if there is one
        while self._at < window:
            end = self._line_end(self._at)
            then = self._state_after(self._text[self._at : end], self._fence)
            if then == self._fence:
                yield from self._last_word(min(end, window))
                solid = solid or not self._blank(self._at, end)
            else:
                solid = then is None
            self._at, self._fence = end + 1, then
            if solid and end <= window:
                yield self._after_line(end)

    def middle_of_a_word(self, room: int) -> _Cut:
        """Where nothing else will do. Not before marks, which would be a fence at the beginning of a line."""
        window = self._at + room
        line, fence = self._at, self._fence
        while True:
            end = self._line_end(line)
            then = self._state_after(self._text[line:end], fence)
            if end >= window - _closer_length(then):
                break
            line, fence = end + 1, then
        last = window - _closer_length(fence)
        fitting = (at for at in range(last, line, -1) if self._harmless(line, at, fence))
        at = next(fitting, max(last, line + 1))
        return _Cut(_WORD, at, at, fence, fence)

    def _last_word(self, end: int) -> Iterator[_Cut]:
        """The last gap between words, if the current line has one that will do."""
        room = end - _closer_length(self._fence)
        for gap in reversed(list(_SPACE.finditer(self._text, self._at, end))):
            at = gap.start()
            if at <= room and self._harmless(self._at, at, self._fence) and not self._blank(self._at, at):
                yield _Cut(_WORD, at, gap.end(), self._fence, self._fence)
                return

    def _after_line(self, end: int) -> _Cut:
        if self._fence is None:
            blank = self._blank(end + 1, self._line_end(end + 1))
            return _Cut(_PARAGRAPH if blank else _LINE, end, end + 1, None, None)
        start = _after_blank_lines(self._text, end + 1)
        line_end = self._line_end(start)
        if self._state_after(self._text[start:line_end], self._fence) is None:  # the fence closes here anyway
            return _Cut(_LINE, end, line_end + 1, self._fence, None)
        return _Cut(_CODE_LINE, end, end + 1, self._fence, self._fence)

    def _line_end(self, at: int) -> int:
        end = self._text.find("\n", at)
        return len(self._text) if end < 0 else end

    def _blank(self, start: int, end: int) -> bool:
        return not self._text[start:end].strip()

    def _harmless(self, line: int, at: int, fence: _Fence | None) -> bool:
        """Whether a cut within a line makes no fence of either half."""
        return self._state_after(self._text[line:at], fence) == fence and not _MARKS.match(
            self._text, at, at + self._longest
        )

    def _state_after(self, line: str, fence: _Fence | None) -> _Fence | None:
        """The fence that is open after a line."""
        if len(line) > self._longest:
            return fence
        if fence:
            closing = _CLOSING.fullmatch(line)
            return None if closing and closing["marks"].startswith(fence.marks) else fence
        opening = _OPENING.fullmatch(line)
        if opening is None or ("`" in opening["marks"] and "`" in opening["info"]):
            return None
        language = (opening["info"].split() or [""])[0]
        return _Fence(_WORD_OF_LIST.sub(" ", opening["lead"]), opening["marks"], language)
