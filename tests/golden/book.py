"""Writes down what people see, step by step, as plain text that is read like a conversation."""

import asyncio
import os
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

from tests.app_harness import found

MOST = 40  # lines of a page; of a longer one the middle is left out
QUIET = 0.5  # seconds between two looks that must be alike before a step is written down
TASK = re.compile(r"\bt[a-z2-7]{11}\b")
ALIKE = (  # what differs from one run to the next, and what stands for it
    (re.compile(r"\b\d\d:\d\d(?= UTC)"), "12:00"),
    (re.compile(r"(?<=until )\d\d:\d\d"), "12:00"),
    (re.compile(r"\b\d{4}-\d\d-\d\d\b"), "2026-01-01"),
    (re.compile(r"(?<=UTC, attempt )\d+"), "2"),
    (re.compile(r"\b\d+ s\b"), "5 s"),
    (re.compile("::"), "(time)"),
)


class Page(NamedTuple):
    """A message, a window or somebody's Home, as it is now."""

    key: tuple[str, ...]
    place: str  # "#general", "in the thread"
    text: str
    alone: str = ""  # the only person who sees it; empty: everybody who is there


class Book:
    """`look` says what there is to see now, in the order in which it stands."""

    def __init__(self, title: str, look: Callable[[], list[Page]]) -> None:
        self._lines = [title, "=" * len(title)]
        self._look = look
        self._known: dict[tuple[str, ...], str] = {}
        self._ids: dict[str, str] = {}

    async def step(self, heading: str, act: Awaitable[Any], *seen: str | tuple[str, ...]) -> list[Page]:
        """What came of an act, once each of `seen` (words of one page, `-` before what it must not say) is on a page
        that changed."""
        await act
        wanted = [(words,) if isinstance(words, str) else words for words in seen]
        await found(lambda: self._all_there(wanted), f"{heading}: {wanted}", self._told)
        changed = await self._settled()
        self._known = {page.key: page.text for page in await asyncio.to_thread(self._look)}
        self._write(heading, changed)
        return changed

    def compare(self, file: Path) -> None:
        made = "\n".join(self._lines) + "\n"
        if os.environ.get("UPDATE_GOLDEN"):
            file.write_text(made)
        assert file.read_text() == made, "UPDATE_GOLDEN=1 writes it anew; then read it."

    def _changed(self) -> list[Page]:
        return [page for page in self._look() if page.text and self._known.get(page.key) != page.text]

    def _all_there(self, wanted: list[tuple[str, ...]]) -> list[bool]:
        texts = [page.text for page in self._changed()]
        return [True] if all(any(_says(text, words) for text in texts) for words in wanted) else []

    def _told(self) -> str:
        return "\n".join(page.text for page in self._changed())

    async def _settled(self) -> list[Page]:
        """Words may come a little after those that were waited for."""
        before = await asyncio.to_thread(self._changed)
        while True:
            await asyncio.sleep(QUIET)
            if (now := await asyncio.to_thread(self._changed)) == before:
                return now
            before = now

    def _write(self, heading: str, pages: list[Page]) -> None:
        self._lines += ["", f"## {self._same(heading)}"]
        self._lines += [] if pages else ["", "(Nobody sees anything new.)"]
        for page in sorted(pages, key=lambda page: bool(page.alone)):
            who = f"only {page.alone} sees, {page.place}" if page.alone else page.place
            self._lines += ["", f"[{who}]", *(f"    {line}".rstrip() for line in _cut(self._same(page.text)))]

    def _same(self, text: str) -> str:
        for pattern, instead in ALIKE:
            text = pattern.sub(instead, text)
        return TASK.sub(lambda id_: self._ids.setdefault(id_[0], f"task-{len(self._ids) + 1}"), text)


def _says(text: str, words: tuple[str, ...]) -> bool:
    """All of the words, and none of those behind a minus."""
    return all((word[1:] not in text) if word.startswith("-") else (word in text) for word in words)


def _cut(text: str) -> list[str]:
    lines = text.split("\n")
    return lines if len(lines) <= MOST else [*lines[:8], f"(… {len(lines) - 16} lines …)", *lines[-8:]]


def attached(name: str, text: str, lines: int = 3) -> str:
    """A file with its first lines."""
    head = text.split("\n")
    return "\n".join([f"📎 {name}, {len(head)} lines:", *(f"   | {line}" for line in head[:lines]), "   | …"])
