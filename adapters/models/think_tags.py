"""Thoughts that a model writes into its text, between tags, told apart from its answer as the pieces come.

A tag counts where a thought can be: an opening one before any answer, a closing one without its opening where it ends
a thought (some servers open it in the prompt). In a code fence, in quotes or within a sentence it is text."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

_NAMED = ("think", "thinking", "thought", "thoughts", "reasoning", "seed:think", "mm:think", "antml:thinking")
THOUGHT_TAGS: dict[str, str] = {  # opening: closing, in small letters
    **{f"<{name}>": f"</{name}>" for name in _NAMED},
    "[think]": "[/think]",  # Magistral
    "◁think▷": "◁/think▷",  # Kimi
    "<|start_thinking|>": "<|end_thinking|>",  # Command
    "<|begin_of_thought|>": "<|end_of_thought|>",
    "<|channel|>analysis<|message|>": "<|end|>",  # gpt-oss
    "<|start|>assistant<|channel|>analysis<|message|>": "<|end|>",
    "<|channel|>commentary<|message|>": "<|end|>",
    "<|channel>thought": "<channel|>",  # Gemma
    "<|think|>": "<|/think|>",
    "here is my thought process:": "here is my response:",  # Granite
    "here's my thought process:": "here's my response:",
}
FRAMES = (  # around an answer; no part of it
    "<|start|>assistant<|channel|>final<|message|>",
    "<|channel|>final<|message|>",
    "<|start_response|>",
    "<|begin_of_solution|>",
    *(f"</{name}>" for name in _NAMED),  # of a thought that came by itself
    "[/think]",
)
BARE = re.compile(r"analysis(?=[A-Z])")  # gpt-oss, where a server drops the marks of its channels
BARE_END = "assistantfinal"
END_TAGS = ("<|return|>", "<|end_response|>", "<|end_of_solution|>")
LONE = re.compile(
    "|".join(re.escape(f"</{name}>") for name in _NAMED) + r"|\[/think\]|◁/think▷|<channel\|>", re.IGNORECASE
)
OPENING = re.compile("|".join(re.escape(f"<{name}>") for name in _NAMED) + r"|\[think\]|◁think▷", re.IGNORECASE)
QUOTES = ("`", '"', "'", "“", "‘", "«", "(")
HELD = 20_000  # characters of an answer that are kept back where it may prove to be a thought


class Piece(NamedTuple):
    """A piece of a model's text, told apart."""

    kind: Literal["text", "thought", "back"]  # back: all text so far was a thought
    words: str = ""


class TagReader:
    """`holds`: keep text back until it is known for no thought, as far as `HELD` goes. `lone`: a thought may end that
    never began."""

    def __init__(self, holds: bool = False, lone: bool = True) -> None:
        self._lone = lone
        self.closed_alone = False  # a thought ended that had not begun
        self._holds = holds
        self._state: Literal["start", "thought", "text"] = "start"
        self._after = False  # a thought ended before
        self._closing = ""
        self._pending = ""  # not judged yet
        self._said = ""  # text that was given, for a closing tag to come

    def release(self) -> None:
        """What the model thinks comes apart from its text: none of that need be kept back."""
        self._holds = False

    def take(self, words: str) -> Iterator[Piece]:
        self._pending += words
        yield from self._read(last=False)

    def rest(self) -> Iterator[Piece]:
        """What is left when the answer has ended."""
        yield from self._read(last=True)

    def _read(self, last: bool) -> Iterator[Piece]:
        state = ""
        while self._pending and state != self._state:
            state = self._state
            match state:
                case "start":
                    yield from self._start(last)
                case "thought":
                    yield from self._thought(last)
                case _:
                    yield from self._text(last)

    def _start(self, last: bool) -> Iterator[Piece]:
        while True:
            begun = self._pending.lstrip()
            low = begun.lower()
            if opening := _first(low, tuple(THOUGHT_TAGS)):
                self._state, self._closing, self._pending = "thought", THOUGHT_TAGS[opening], begun[len(opening) :]
                return
            if BARE.match(begun):
                self._state, self._closing, self._pending = "thought", BARE_END, begun[len("analysis") :]
                return
            if not (frame := _first(low, FRAMES)):
                break
            self._pending, self._after = begun[len(frame) :], True
        waits = not low or any(tag.startswith(low) for tag in (*THOUGHT_TAGS, *FRAMES, "analysis"))
        if waits and not last:
            return
        self._state, self._pending = "text", begun if self._after else self._pending
        if not self._pending:
            return
        yield from ()

    def _thought(self, last: bool) -> Iterator[Piece]:
        at = self._pending.lower().find(self._closing)
        if at >= 0:
            words, self._pending = self._pending[:at], self._pending[at + len(self._closing) :]
            self._state, self._after = "start", True
        else:
            keep = 0 if last else _begun(self._pending.lower(), (self._closing,))
            words, self._pending = self._pending[: len(self._pending) - keep], self._pending[-keep:] if keep else ""
        if words:
            yield Piece("thought", words)

    def _text(self, last: bool) -> Iterator[Piece]:
        for found in LONE.finditer(self._pending):
            if found.end() == len(self._pending) and not last:
                break  # what stands behind it tells
            before = self._said + self._pending[: found.start()]
            if self._lone and not self._after and _ends_thought(before, self._pending[found.end() :]):
                yield from self._take_back(found.start(), found.end())
                return
        if self._holds and not last and len(self._pending) < HELD:
            return
        words, self._pending = self._ready(last)
        self._said += words
        if words:
            yield Piece("text", words)

    def _take_back(self, start: int, end: int) -> Iterator[Piece]:
        if self._said:
            yield Piece("back")
        if start:
            yield Piece("thought", self._pending[:start])
        self.closed_alone, self._said, self._pending = True, "", self._pending[end:]
        self._state, self._after, self._holds = "start", True, False

    def _ready(self, last: bool) -> tuple[str, str]:
        """The text that may be given now, and what is to wait: it may be a tag's beginning, or the whole of one."""
        low = self._pending.lower()
        if last:
            end = next((len(tag) for tag in END_TAGS if low.rstrip().endswith(tag)), 0)
            return (self._pending.rstrip()[:-end] if end else self._pending), ""
        whole = next((found.start() for found in LONE.finditer(low) if found.end() == len(low)), len(low))
        frame = next((len(low) - len(tag) for tag in END_TAGS if low.rstrip().endswith(tag)), len(low))
        keep = max(len(low) - min(whole, frame), _begun(low, (*END_TAGS, *THOUGHT_TAGS.values())))
        return self._pending[: len(low) - keep], self._pending[len(low) - keep :]


def _first(low: str, tags: tuple[str, ...]) -> str:
    return next((tag for tag in tags if low.startswith(tag)), "")


def _begun(low: str, tags: tuple[str, ...]) -> int:
    """How many characters at the end may be the beginning of a tag."""
    longest = min(len(low), max(map(len, tags)) - 1)
    return next((n for n in range(longest, 0, -1) if any(tag.startswith(low[-n:]) for tag in tags)), 0)


def _ends_thought(before: str, after: str) -> bool:
    """Whether a closing tag between these ends a thought, and is not spoken of."""
    line = before.rsplit("\n", 1)[-1]
    if OPENING.search(before) or before.count("```") % 2 or line.count("`") % 2:
        return False
    if line.endswith(QUOTES) or after[:1] == "`":
        return False
    in_sentence = line[-1:] in (" ", "\t") and after[:1] not in ("", "\n", "\r")
    return bool(before.strip()) and not in_sentence
