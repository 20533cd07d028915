"""What LiteLLM read of an answer, taken in at the door: whole characters, numbers that can be, not too much of it."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from threadwork.adapters.models.litellm_library import library
from threadwork.adapters.models.stitching import stitched
from threadwork.workflows.errors import BrokenAnswer, ContextOverflow, Undigestible
from threadwork.workflows.models import TOKENS, Delta, ModelRequest, RequestedCall
from threadwork.workflows.texts import Pieces
from threadwork.workflows.values import Usage

FINISHES = {
    "stop": "stop",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "length": "length",
    "content_filter": "content_filter",
    "refusal": "refusal",
}
# Words in reasons that no table has, in this order: those of filters, of limits, and of servers that gave up in the
# middle, so that what came is no whole answer.
FILTERED = re.compile(r"filter|safety|prohibit|block|inspect|polic|sensitiv|guardrail|recitation|moderat|toxic|armor")
CUT = re.compile(r"length|max_|limit|window|incomplete|truncat")
GAVE_UP = re.compile(
    r"error|abort|cancel|time_?out|insufficient|overload|fail|disconnect|interrupt|malformed|unexpected_tool"
)
FULL = re.compile(r"context_(?:window|length)_exceeded", re.IGNORECASE)  # no room was left for more of the answer
AT_LEAST = 2  # characters that a chunk, and each text in it, counts for: what is empty has to be kept as well


def text_of(chunk: Any) -> str:
    """The text of a chunk; empty where it brings none."""
    content = chunk.choices[0].delta.content if chunk.choices else ""
    return content if isinstance(content, str) else ""


def size_of(chunk: Any) -> int:
    """Characters of all that a chunk says, thoughts and calls included; an empty one is not free either."""
    pieces = [getattr(holder, name) for _, holder, name in _texts(chunk)]
    return AT_LEAST * (1 + len(pieces)) + sum(map(len, pieces))


def written(chunk: Any) -> int:
    """Characters of all that a chunk says, for which a provider is paid."""
    return sum(len(getattr(holder, name)) for slot, holder, name in _texts(chunk) if slot[1] != "id")


def last_delta(
    request: ModelRequest, chunks: list[Any], finish: str | None, billed: Callable[[Any, Usage], int | None]
) -> Delta:
    """What the whole answer came to. An answer without the server's own finish_reason was cut off.

    `billed`: nano-dollars of the whole answer and its usage.

    Without `usage` where the server's numbers cannot be. Raises `BrokenAnswer`, `ContextOverflow`, `Undigestible`."""
    if finish is None or _meant(finish) == "":
        raise BrokenAnswer(f"{request.model} stopped partway through its answer.", sum(map(written, chunks)))
    whole = _whole(request, chunks)
    usage = _usage(whole)
    cost = billed(whole, usage) if usage else None
    if FULL.search(finish):
        raise _full(request.model, usage, cost)
    try:
        calls = stitched(chunks, offered(request))
    except Exception:
        raise unreadable_answer(request.model, usage, cost) from None
    return Delta(calls=calls, finish=_finish(finish, calls), usage=usage, cost_nanos=cost)


def unreadable_answer(model: str, usage: Usage | None = None, cost_nanos: int | None = None) -> Undigestible:
    return Undigestible(f"{model} gave an answer that cannot be read.", usage, cost_nanos)


def _full(model: str, usage: Usage | None, cost_nanos: int | None) -> ContextOverflow:
    """What it came to is what the model takes."""
    said = f"{model} had no room left in its window to end its answer."
    return ContextOverflow(said, limit=usage.total if usage else None, usage=usage, cost_nanos=cost_nanos)


def _whole(request: ModelRequest, chunks: list[Any]) -> Any:
    try:
        _mend(chunks)
        whole = library().stream_chunk_builder(chunks, messages=list(request.messages))
    except Exception:
        raise unreadable_answer(request.model) from None
    if whole is None:
        raise BrokenAnswer(f"{request.model} gave an empty answer.")
    return whole


def _mend(chunks: list[Any]) -> None:
    """Make the texts of all chunks whole: LiteLLM counts what has no usage, and cannot count half a character.

    A reason that it does not know it does not take either; nobody asks it for the reason."""
    pieces: dict[Any, Pieces] = {}
    ends: dict[Any, tuple[Any, str]] = {}
    for chunk in chunks:
        for choice in chunk.choices:
            choice.finish_reason = choice.finish_reason and "stop"
        for slot, holder, name in _texts(chunk):
            setattr(holder, name, pieces.setdefault(slot, Pieces()).take(getattr(holder, name)))
            ends[slot] = holder, name
    for slot, (holder, name) in ends.items():
        setattr(holder, name, getattr(holder, name) + pieces[slot].rest())


def _texts(chunk: Any) -> Iterator[tuple[Any, Any, str]]:
    """Which text a piece belongs to, and where in the chunk it stands."""
    delta = chunk.choices[0].delta if chunk.choices else None
    held = [("", delta, name) for name in ("content", "reasoning_content")]
    for call in getattr(delta, "tool_calls", None) or ():
        held += [(call.index, call, "id"), *((call.index, call.function, name) for name in ("name", "arguments"))]
    for index, holder, name in held:
        if isinstance(getattr(holder, name, None), str):
            yield (index, name), holder, name


def offered(request: ModelRequest) -> frozenset[str]:
    return frozenset(str(tool["function"]["name"]) for tool in request.tools)


def _finish(reason: str, calls: tuple[RequestedCall, ...]) -> Any:
    """Some providers say `stop` beside tool calls."""
    known = _meant(reason)
    return "tool_calls" if calls and known == "stop" else known


def _meant(reason: str) -> str:
    """A server's reason in our words; empty: it gave up."""
    listed = library().litellm_core_utils.core_helpers.map_finish_reason(str(reason))
    if known := FINISHES.get(str(reason)) or (FINISHES.get(listed) if listed != "stop" else None):
        return known
    said = re.sub(r"(?<=[a-z])(?=[A-Z])|[-\s]", "_", str(reason)).lower()
    if FILTERED.search(said):
        return "content_filter"
    if CUT.search(said):
        return "length"
    return "" if GAVE_UP.search(said) else "stop"


def _usage(whole: Any) -> Usage | None:
    """None for numbers that no call can come to: negative ones, and a prompt of nothing, which some gateways say."""
    used = whole.usage
    details = getattr(used, "prompt_tokens_details", None)
    prompt, completion = used.prompt_tokens or 0, used.completion_tokens or 0
    cached = (getattr(details, "cached_tokens", None) or 0) if details else 0
    if not prompt or not all(_possible(tokens) for tokens in (prompt, completion, cached)):
        return None
    return Usage(prompt=prompt, completion=completion, cached=min(cached, prompt), reasoning=_reasoning(used))


def _reasoning(used: Any) -> int:
    """Tokens of the completion that were thought; 0 where the server does not say."""
    tokens = getattr(getattr(used, "completion_tokens_details", None), "reasoning_tokens", None)
    return min(tokens, used.completion_tokens or 0) if tokens and _possible(tokens) else 0


def _possible(tokens: Any) -> bool:
    return isinstance(tokens, int) and 0 <= tokens <= TOKENS
