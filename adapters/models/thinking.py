"""What a model thought, beside what it answers: to be shown, and to be given back as the provider wants it.

LiteLLM drops some of it on the way, such as `reasoning_details` that come alone: it is read before LiteLLM reads."""

import json
from collections.abc import AsyncIterator, Collection, Iterator
from typing import Any

from threadwork.adapters.models.litellm_answer import text_of
from threadwork.adapters.models.stitching import Growing, Piece, Stitching
from threadwork.adapters.models.targets import Target
from threadwork.adapters.models.think_tags import TagReader
from threadwork.workflows.models import Delta
from threadwork.workflows.texts import Pieces, cleaned

WRITER = "of"  # field of `Delta.kept`: LiteLLM's name of the model that wrote the answer
LARGEST = 500_000  # characters of all that is kept of an answer; nothing is kept of a larger one
TEXTS = ("reasoning_content", "reasoning")
APART = frozenset({"anthropic", "gemini", "azure"})  # providers that open no thought in the prompt
# In names of models whose thoughts are opened in the prompt by some servers, so that only the closing tag comes.
THINKERS = ("qwen", "qwq", "deepseek", "r1", "think", "reason", "glm", "minimax", "nemotron", "magistral", "kimi")


class Kept:
    """The provider's own fields of one message and of its calls, put together from the pieces of a stream."""

    def __init__(self, offered: Collection[str] = ()) -> None:
        """`offered`: names of tools."""
        self._texts: dict[str, list[str]] = {}
        self._blocks: list[dict[str, Any]] = []  # Anthropic's
        self._details: list[dict[str, Any]] = []  # OpenRouter's
        self._extra: dict[str, Any] = {}
        self._signatures: list[str] = []  # Gemini's, of text
        self._calls = Stitching(offered)
        self._last: Growing | None = None  # call of which a piece came last
        self._size = 0

    def add(self, chunk: Any) -> None:
        """`chunk`: as the server sent it, or as LiteLLM gives it. Nothing of what it may hold is relied on."""
        choices = getattr(chunk, "choices", None)
        if not choices or self._size > LARGEST or (delta := getattr(choices[0], "delta", None)) is None:
            return
        for name in TEXTS:
            if isinstance(text := getattr(delta, name, None), str) and text:
                self._size += len(text)
                self._texts.setdefault(name, []).append(text)
        for block in self._sized(getattr(delta, "thinking_blocks", None)):
            _join(self._blocks, block, ("thinking",), ended="signature")
        for detail in self._sized(getattr(delta, "reasoning_details", None)):
            _join(self._details, detail, ("text", "summary"), same=("type", "index"))
        self._extra |= next(iter(self._sized([getattr(delta, "extra_content", None)])), {})
        own = getattr(delta, "provider_specific_fields", None)
        signatures = own.get("thought_signatures") if isinstance(own, dict) else None
        self._signatures += [one for one in signatures or () if isinstance(one, str)]
        for number, call in enumerate(getattr(delta, "tool_calls", None) or ()):
            self._add_call(number, call)

    def _add_call(self, number: int, call: Any) -> None:
        """What stands beside a piece is of the call that the piece belongs to, else of the last one."""
        function, index = getattr(call, "function", None), getattr(call, "index", None)
        said = {"id": getattr(call, "id", None)}
        said |= {name: getattr(function, name, None) for name in ("name", "arguments")}
        words = {name: text if isinstance(text, str) else "" for name, text in said.items()}
        self._last = self._calls.take(Piece(index if isinstance(index, int) else number, **words)) or self._last
        for name in ("extra_content", "provider_specific_fields"):
            for fields in self._sized([getattr(call, name, None)]):
                if self._last:
                    self._last.fields.setdefault(name, {}).update(fields)

    def _sized(self, given: Any) -> Iterator[dict[str, Any]]:
        """Those that are JSON objects."""
        for one in given if isinstance(given, list) else ():
            if isinstance(one, dict) and one:
                self._size += len(json.dumps(one, default=str))
                yield dict(one)

    def fields(self) -> dict[str, Any]:
        """Of the message."""
        if self._size > LARGEST:
            return {}
        found: dict[str, Any] = {name: "".join(pieces) for name, pieces in self._texts.items()}
        found |= {"thinking_blocks": self._blocks, "reasoning_details": self._details, "extra_content": self._extra}
        if self._signatures:
            found["provider_specific_fields"] = {"thought_signatures": self._signatures[:1]}
        return dict(cleaned({name: value for name, value in found.items() if value}))

    def of_call(self, number: int) -> dict[str, Any]:
        """`number`: its place in the answer, from 0."""
        calls = self._calls.grown()
        if self._size > LARGEST or number >= len(calls):
            return {}
        return dict(cleaned(calls[number].fields))


def _join(
    done: list[dict[str, Any]],
    piece: dict[str, Any],
    texts: tuple[str, ...],
    same: tuple[str, ...] = ("type",),
    ended: str | None = None,
) -> None:
    """Text goes on in the last one, if that is of the same kind and not `ended`; anything else is one of its own."""
    last = done[-1] if done else None
    goes_on = last is not None and any(isinstance(piece.get(name), str) for name in texts)
    if last is None or not goes_on or any(last.get(k) != piece.get(k) for k in same) or (ended and last.get(ended)):
        done.append(piece)
        return
    for name, value in piece.items():
        if name in texts and isinstance(value, str):
            last[name] = (last.get(name) or "") + value
        elif value is not None:
            last[name] = value


class Tap:
    """A stream that is overheard: each chunk is added to what is kept before LiteLLM reads it."""

    def __init__(self, stream: Any, kept: Kept) -> None:
        self._stream, self._kept = stream, kept
        self._chunks: AsyncIterator[Any] | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def __aiter__(self) -> AsyncIterator[Any]:
        self._chunks = aiter(self._stream)
        return self

    async def __anext__(self) -> Any:
        chunk = await anext(self._chunks or aiter(self))
        self._kept.add(chunk)
        return chunk


class Hearing:
    """One answer as it comes: text and thoughts apart, and what is kept of them."""

    def __init__(self, meant: Target, habits: dict[str, bool], offered: Collection[str] = ()) -> None:
        """`habits`: whether a model closes thoughts that it did not open, as far as that is known."""
        self.kept = Kept(offered)
        self._meant, self._habits = meant, habits
        lone = meant.provider not in APART
        likely = any(part in meant.model.lower() for part in THINKERS)
        self._tags = TagReader(holds=lone and habits.get(meant.name, likely), lone=lone)
        self._tapped = self._answered = False
        self._text, self._thought = Pieces(), Pieces()

    def tap(self, answer: Any) -> None:
        """Overhear what LiteLLM reads; where its stream comes only later, its own chunks have to do."""
        if getattr(answer, "completion_stream", None) is not None:
            answer.completion_stream = Tap(answer.completion_stream, self.kept)
            self._tapped = True

    def take(self, chunk: Any) -> Iterator[Delta]:
        if not self._tapped:
            self.kept.add(chunk)
        delta = chunk.choices[0].delta if chunk.choices else None
        if isinstance(thought := getattr(delta, "reasoning_content", None), str) and thought:
            self._tags.release()
            if whole := self._thought.take(thought):
                yield Delta(thinking=whole)
        if whole := self._text.take(text_of(chunk)):
            yield from self._told(whole)

    def rest(self) -> Iterator[Delta]:
        if thought := self._thought.rest():
            yield Delta(thinking=thought)
        if text := self._text.rest():
            yield from self._told(text)
        for piece in self._tags.rest():
            yield from self._delta(*piece)
        if self._answered or self._tags.closed_alone:
            self._habits[self._meant.name] = self._tags.closed_alone

    def _told(self, words: str) -> Iterator[Delta]:
        for piece in self._tags.take(words):
            yield from self._delta(*piece)

    def _delta(self, kind: str, words: str) -> Iterator[Delta]:
        self._answered = self._answered or kind == "text"
        if kind == "back":
            yield Delta(taken_back=True)
        else:
            yield Delta(text=words) if kind == "text" else Delta(thinking=words)

    def kept_in(self, last: Delta) -> Delta:
        """The last delta with what is kept of the message and of its calls, and who wrote it."""
        calls = (call.model_copy(update={"kept": self.kept.of_call(n)}) for n, call in enumerate(last.calls))
        return last.model_copy(
            update={"calls": tuple(calls), "kept": {WRITER: self._meant.model, **self.kept.fields()}}
        )
