"""What blocks say, written down as Slack's markup: an app's message may hold nothing else."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from threadwork.adapters.slack.inbound.rich_text import plain, rich_text

Json = dict[str, Any]
STATES = {"pending": "○", "in_progress": "▸", "complete": "✓", "error": "✗"}  # of a task card


def blocks_text(blocks: object) -> str:
    """One below the other. What only shows, or asks for a click, says nothing."""
    return "\n".join(filter(None, (BLOCKS.get(str(one.get("type")), _nothing)(one) for one in _dicts(blocks))))


def _object(given: object) -> str:
    """A text object, as blocks hold them; or a text as such."""
    if not isinstance(given, dict):
        return plain(given)
    if given.get("type") == "rich_text":
        return rich_text(given)
    return str(given.get("text") or "") if given.get("type") == "mrkdwn" else plain(given.get("text"))


def _fields(*names: str) -> "Write":
    return lambda block: "\n".join(filter(None, (_object(block.get(name)) for name in names)))


def _section(block: Json) -> str:
    return "\n".join(filter(None, (_object(one) for one in (block.get("text"), *_dicts(block.get("fields"))))))


def _context(block: Json) -> str:
    return " ".join(filter(None, (_object(one) or plain(one.get("alt_text")) for one in _dicts(block.get("elements")))))


def _table(block: Json) -> str:
    rows = [row for row in block.get("rows") or () if isinstance(row, list)]
    return "\n".join(" | ".join(_object(cell) for cell in row) for row in rows)


def _plan(block: Json) -> str:
    return "\n".join(filter(None, (_object(block.get("title")), *map(_task_card, _dicts(block.get("tasks"))))))


def _task_card(block: Json) -> str:
    sign = STATES.get(str(block.get("status")), "•")
    told = (_object(block.get(name)) for name in ("details", "output"))
    sources = (f"{_object(one.get('text'))} {one.get('url') or ''}".strip() for one in _dicts(block.get("sources")))
    return "\n".join(filter(None, (f"{sign} {_object(block.get('title'))}", *told, *sources)))


def _container(block: Json) -> str:
    return "\n".join(filter(None, (_object(block.get("title")), blocks_text(block.get("child_blocks")))))


def _nothing(block: Json) -> str:
    return ""


def _dicts(given: object) -> Iterator[Json]:
    return (one for one in given if isinstance(one, dict)) if isinstance(given, Sequence) else iter(())


Write = Callable[[Json], str]
BLOCKS: dict[str, Write] = {
    "alert": _fields("text"),
    "card": _fields("title", "subtitle", "body"),
    "container": _container,
    "context": _context,
    "data_table": _table,
    "header": _fields("text"),
    "image": _fields("title", "alt_text"),
    "markdown": _fields("text"),
    "plan": _plan,
    "rich_text": rich_text,
    "section": _section,
    "table": _table,
    "task_card": _task_card,
    "video": _fields("title", "description"),
}
