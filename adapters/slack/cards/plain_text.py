"""What a person reads of blocks, as plain text: for logs, for tests, and for whoever cannot see them."""

import html
import re
from collections.abc import Callable, Iterable
from typing import Any

from threadwork.adapters.wording.card_words import JOINER

Block = dict[str, Any]
_LINK = re.compile(r"<[^|<>]+\|([^<>]+)>")


def read(blocks: Iterable[Block]) -> str:
    """Blocks as lines; buttons in brackets, what is typed into as `label: ____`."""
    texts = (READERS[block["type"]](block) for block in blocks)
    return "\n".join(text.rstrip() for text in texts if text.strip())


def _rich(block: Block) -> str:
    return "\n".join(RICH[element["type"]](_inline(element["elements"])) for element in block["elements"])


def _inline(elements: Iterable[Block]) -> str:
    return "".join(PARTS[element["type"]](element) for element in elements)


def _behind(mark: str) -> Callable[[str], str]:
    return lambda text: "\n".join(f"{mark}{line}" for line in text.split("\n"))


def _section(block: Block) -> str:
    return _plain(block["text"])


def _context(block: Block) -> str:
    return "\n".join(_plain(element) for element in block["elements"])


def _actions(block: Block) -> str:
    return " ".join(_action(element) for element in block["elements"])


def _action(element: Block) -> str:
    """A menu as what it holds: `[⋯ Edit / Deny]`."""
    if element["type"] == "overflow":
        return f"[⋯ {' / '.join(option['text']['text'] for option in element['options'])}]"
    return f"[{element['text']['text']}]"


def _feedback(block: Block) -> str:
    (element,) = block["elements"]
    return " ".join(f"[{element[side]['text']['text']}]" for side in ("positive_button", "negative_button"))


def _plan(block: Block) -> str:
    return "\n".join(
        (block["title"], *(f"{PLAN_MARKS[task['status']]} {_shown(task['title'])}" for task in block["tasks"]))
    )


def _input(block: Block) -> str:
    element = block["element"]
    choice = element.get("initial_option")
    value = choice["text"]["text"] if choice else element.get("initial_value", "____")
    hint = f" ({block['hint']['text']})" if "hint" in block else ""
    return f"{block['label']['text']}: {value}{hint}"


def _plain(text: Block) -> str:
    return _shown(_LINK.sub(r"\1", text["text"])) if text["type"] == "mrkdwn" else str(text["text"])


def _shown(text: str) -> str:
    return html.unescape(text).replace(JOINER, "")


def _table(block: Block) -> str:
    return "\n".join(" | ".join(map(_cell, row)) for row in block["rows"])


def _cell(cell: Block) -> str:
    return _rich(cell) if cell["type"] == "rich_text" else str(cell["text"])


PLAN_MARKS = {"pending": "○", "in_progress": "▸", "complete": "✓", "error": "✗"}
READERS: dict[str, Callable[[Block], str]] = {
    "rich_text": _rich,
    "section": _section,
    "header": _section,
    "context": _context,
    "actions": _actions,
    "context_actions": _feedback,
    "input": _input,
    "plan": _plan,
    "table": _table,
    "divider": lambda _: "—",
    "markdown": lambda block: _shown(block["text"]),
}
RICH: dict[str, Callable[[str], str]] = {
    "rich_text_section": str,
    "rich_text_quote": _behind("│ "),
    "rich_text_preformatted": _behind("    "),
}
PARTS: dict[str, Callable[[Block], str]] = {
    "text": lambda part: str(part["text"]),
    "link": lambda part: str(part.get("text") or part["url"]),
    "user": lambda part: f"@{part['user_id']}",
    "date": lambda part: str(part["fallback"]),
}
