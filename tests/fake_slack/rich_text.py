"""What people's clients make of what is typed: one block of rich text.

https://docs.slack.dev/reference/block-kit/blocks/rich-text-block; fields of the elements as in @slack/types."""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
PARTS = {
    "rich_text_section": {"elements"},
    "rich_text_list": {"elements", "style", "indent", "offset", "border"},
    "rich_text_quote": {"elements", "border"},
    "rich_text_preformatted": {"elements", "border", "language"},
}
ELEMENTS = {
    "text": {"text"},
    "user": {"user_id"},
    "usergroup": {"usergroup_id"},
    "broadcast": {"range"},
    "channel": {"channel_id"},
    "team": {"team_id"},
    "emoji": {"name", "unicode", "skin_tone"},
    "link": {"url", "text", "unsafe"},
    "date": {"timestamp", "format", "url", "fallback"},
    "color": {"value"},
}
STYLES = {"bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink"}
RANGES = {"here", "channel", "everyone"}


def problems(blocks: list[Json]) -> list[str]:
    """What no client sends; empty: nothing."""
    if any(block.get("type") != "rich_text" for block in blocks):
        return ["A person's blocks are rich text."]
    return [problem for block in blocks for part in block["elements"] for problem in _in_part(part)]


def _in_part(part: Json) -> Iterator[str]:
    known = PARTS.get(str(part.get("type")))
    if known is None:
        yield f"Rich text has no part {part.get('type')}."
        return
    yield from _unknown(part, known | {"type"})
    for element in part["elements"]:
        yield from _in_part(element) if element.get("type") in PARTS else _in_element(element)


def _in_element(element: Json) -> Iterator[str]:
    known = ELEMENTS.get(str(element.get("type")))
    if known is None:
        yield f"Rich text has no element {element.get('type')}."
        return
    yield from _unknown(element, known | {"type", "style"})
    yield from _unknown(element.get("style") or {}, STYLES)
    if element["type"] == "broadcast" and element.get("range") not in RANGES:
        yield f"Nobody is called by {element.get('range')}."


def _unknown(given: Json, known: set[str]) -> Iterator[str]:
    if unknown := given.keys() - known:
        yield f"{given.get('type', 'A style')} has no {sorted(unknown)}."
