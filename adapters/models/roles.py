"""The order of roles as strict servers want it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from threadwork.adapters.models.call_ids import is_mistral

READ = "OK."  # said by the model between results and a person's words, where Mistral insists on something


def ordered(messages: Sequence[dict[str, Any]], model: str) -> list[dict[str, Any]]:
    """Words of people that stand side by side as one message: chat templates of many local models refuse two.

    Mistral's also refuse a person's words right after a tool's results."""
    joined = _joined(messages)
    return list(_parted(joined) if is_mistral(model) else joined)


def _joined(messages: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    last: dict[str, Any] | None = None
    for message in messages:
        if last is not None and _is_words(last) and _is_words(message):
            last = {**last, "content": _together(last["content"], message["content"])}
            continue
        if last is not None:
            yield last
        last = message
    if last is not None:
        yield last


def _is_words(message: dict[str, Any]) -> bool:
    return message.get("role") == "user" and isinstance(message.get("content"), str | list)


def _together(one: str | list[Any], other: str | list[Any]) -> str | list[Any]:
    """In parts only where one of them has some, such as images."""
    if isinstance(one, str) and isinstance(other, str):
        return f"{one}\n\n{other}"
    return [*_parts(one), *_parts(other)]


def _parts(content: str | list[Any]) -> list[Any]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _parted(messages: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    before = None
    for message in messages:
        if (before, message.get("role")) == ("tool", "user"):
            yield {"role": "assistant", "content": READ}
        before = message.get("role")
        yield message
