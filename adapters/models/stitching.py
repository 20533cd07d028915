"""The calls of a streamed answer, put together of their pieces.

Servers do not agree on what tells two calls apart: the index may be missing (LiteLLM then counts anew in each chunk) or
be 0 for all, ids may be missing, come late, come again with each piece or be the same for all, and so may names. So the
index is only a hint: whether a piece goes on with a call or begins the next is read from what the call has by then.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from threadwork.workflows.models import RequestedCall
from threadwork.workflows.texts import clean

LEGACY = -1  # index of what comes as `function_call`
SPECIAL = re.compile(r'\\.?|["{}\[\]]', re.DOTALL)


@dataclass(frozen=True)
class Piece:
    """What one chunk says of one call."""

    index: int
    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass
class Brackets:
    """How far a JSON object has come; each character is looked at once, however many pieces there are."""

    depth: int = 0
    begun: bool = False
    in_text: bool = False
    escaped: bool = False  # the last piece ended in a backslash

    def take(self, piece: str) -> None:
        after = int(self.escaped and bool(piece))
        self.escaped = self.escaped and not piece
        for found in SPECIAL.finditer(piece, after):
            match found[0]:
                case "\\":
                    self.escaped = True  # at the end: what it escapes is in the next piece
                case '"' if self.begun:
                    self.in_text = not self.in_text
                case "{" | "[" if not self.in_text:
                    self.depth, self.begun = self.depth + 1, True
                case "}" | "]" if not self.in_text:
                    self.depth -= 1

    @property
    def closed(self) -> bool:
        return self.begun and self.depth <= 0


@dataclass
class Growing:
    """A call as far as it has come."""

    index: int
    doubtful: bool = False  # its name may only be that of the call before it, said once more
    id: str = ""
    name: str = ""
    pieces: list[str] = field(default_factory=list)
    fields: dict[str, Any] = field(default_factory=dict)  # the provider's own, beside it
    brackets: Brackets = field(default_factory=Brackets)

    @property
    def arguments(self) -> str:
        return "".join(self.pieces)

    @property
    def is_empty(self) -> bool:
        """`{}`, which some servers say until the real arguments come."""
        return self.brackets.closed and len(self.pieces) == 1 and self.pieces[0].strip() == "{}"

    def take(self, piece: Piece) -> None:
        self.id = self.id or piece.id
        if piece.name != self.name:
            self.name += piece.name
        if not piece.arguments:
            return
        if self.is_empty:
            self.pieces, self.brackets = [], Brackets()
        self.pieces.append(piece.arguments)
        self.brackets.take(piece.arguments)

    def requested(self) -> RequestedCall:
        return RequestedCall(id=clean(self.id), name=clean(self.name), arguments=clean(self._last_words()))

    def _last_words(self) -> str:
        """The arguments; without what was said twice by servers that repeat the whole of them."""
        whole, last = self.arguments, self.pieces[-1] if self.pieces else ""
        if len(self.pieces) < 2 or not last.lstrip().startswith("{") or _is_json(whole):
            return whole
        before = whole[: -len(last)]
        grown = all(later.startswith(earlier) for earlier, later in zip(self.pieces, self.pieces[1:], strict=False))
        return last if (grown or before.strip() == last.strip()) and _is_json(last) else whole


class Stitching:
    """`offered`: names that tools have, which tell the rest of a name from another name."""

    def __init__(self, offered: Collection[str] = ()) -> None:
        self._offered = offered
        self._calls: list[Growing] = []
        self._by_index: dict[int, Growing] = {}
        self._by_id: dict[str, Growing] = {}

    def take(self, piece: Piece) -> Growing | None:
        """The call that the piece belongs to; None: it says nothing."""
        if not (piece.id or piece.name or piece.arguments):
            return None
        call = self._goes_on_with(piece) or self._begun(piece)
        call.take(piece)
        if piece.id:
            self._by_id[piece.id] = call
        return call

    def grown(self) -> list[Growing]:
        """In the order in which they began; without empty ones, and the old form only where nothing came in the new."""
        said = [call for call in self._calls if (call.name.strip() and not call.doubtful) or call.arguments.strip()]
        return [call for call in said if call.index != LEGACY] or said

    def calls(self) -> tuple[RequestedCall, ...]:
        return tuple(call.requested() for call in self.grown())

    def _begun(self, piece: Piece) -> Growing:
        before = self._by_index.get(piece.index)
        repeats = before is not None and piece.name == before.name and piece.id in ("", before.id)
        call = Growing(piece.index, doubtful=repeats)
        self._calls.append(call)
        self._by_index[piece.index] = call
        return call

    def _goes_on_with(self, piece: Piece) -> Growing | None:
        """None: the piece begins a call."""
        current = self._by_index.get(piece.index)
        if current is None:
            return None if piece.name else self._strayed(piece)
        known = self._by_id.get(piece.id, current) if piece.id != current.id else current
        if known is not current and known.index == piece.index and piece.name in ("", known.name):
            return known  # calls that share an index, by turns
        return None if self._begins(piece, current) else current

    def _strayed(self, piece: Piece) -> Growing | None:
        """The call that a piece without a name belongs to whose index no call has."""
        call = self._by_id.get(piece.id) if piece.id else next(reversed(self._calls), None)
        return call if call and call.index != LEGACY and not call.brackets.closed else None

    def _begins(self, piece: Piece, current: Growing) -> bool:
        other_id = bool(piece.id and current.id and piece.id != current.id)
        closed = current.brackets.closed
        if not (piece.name and current.name):
            return other_id and (closed or bool(piece.name))
        if piece.name != current.name:
            return not self._is_rest(current.name, piece)
        if other_id or not closed:
            return other_id
        same_id = bool(piece.id) and piece.id == current.id
        return not (same_id and (current.is_empty or piece.arguments.strip() == current.arguments.strip()))

    def _is_rest(self, name: str, piece: Piece) -> bool:
        """Whether the name goes on with the piece's."""
        joined = name + piece.name
        return piece.name not in self._offered and any(known.startswith(joined) for known in self._offered)


def stitched(chunks: Iterable[Any], offered: Collection[str] = ()) -> tuple[RequestedCall, ...]:
    """The calls in LiteLLM's chunks. Raises `TypeError` for ids, names and arguments that are no texts."""
    stitching = Stitching(offered)
    for chunk in chunks:
        for piece in _pieces(chunk):
            stitching.take(piece)
    return stitching.calls()


def only_one_choice(chunk: Any, chosen: int | None) -> int | None:
    """Takes the choices besides `chosen`, or besides the first there is, out of a chunk. Returns which it is."""
    if not chunk.choices:
        return chosen
    chosen = chunk.choices[0].index if chosen is None else chosen
    chunk.choices = [choice for choice in chunk.choices if choice.index == chosen]
    return chosen


def _pieces(chunk: Any) -> Iterator[Piece]:
    for choice in chunk.choices or ():
        for call in getattr(choice.delta, "tool_calls", None) or ():
            function = getattr(call, "function", None)
            if function is not None:
                yield _piece(call.index, getattr(call, "id", None), function)
        legacy = getattr(choice.delta, "function_call", None)
        if legacy is not None:
            yield _piece(LEGACY, None, legacy)


def _piece(index: int, call_id: Any, function: Any) -> Piece:
    given = {"id": call_id, "name": function.name, "arguments": function.arguments}
    for what, text in given.items():
        if not isinstance(text, str | None):
            raise TypeError(f"{what} is no text")
    return Piece(index, **{what: text or "" for what, text in given.items()})


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
