"""What a person reads of a message, as plain text: for logs, for tests, and for whoever cannot see it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from threadwork.adapters.wording.card_words import JOINER

_CODE = re.compile(r"(?<!\\)```\w*\n(.*?)\n?```|(?<!\\)`([^`\n]+)`", re.S)
_MARKUP = re.compile(
    r"\\(?P<plain>[^0-9A-Za-z\s])|<t:(?P<time>-?\d+)(?::\w)?>|<(?P<who>[@#]&?)(?P<id>\d+)>"
    r"|\[(?P<label>[^\]\n]+)\]\(https?://[^)\s]+\)|^(?P<quote>> )|\*\*|~~|^#+ ",
    re.M,
)


def read(content: dict[str, Any]) -> str:
    """Content, embeds and buttons as lines; buttons in brackets."""
    return "\n".join(line for line in _lines(content) if line.strip())


def _lines(content: dict[str, Any]) -> Iterator[str]:
    yield shown(content.get("content") or "")
    for embed in content.get("embeds") or ():
        yield (embed.get("author") or {}).get("name") or ""
        yield shown(embed.get("description") or "")
        for field in embed.get("fields") or ():
            yield f"{field['name']}\n{shown(field['value'])}"
        yield (embed.get("footer") or {}).get("text") or ""
    for row in content.get("components") or ():
        yield " ".join(f"[{button['label']}]" for button in row["components"])


def shown(text: str) -> str:
    """Discord's Markdown as it is shown."""
    made, at = [], 0
    for found in _CODE.finditer(text):
        block, inline = found.groups()
        made += [_prose(text[at : found.start()]), inline if block is None else _indented(block)]
        at = found.end()
    return "".join((*made, _prose(text[at:]))).replace(JOINER, "")


def _indented(block: str) -> str:
    return "\n".join(f"    {line}" for line in block.split("\n"))


def _prose(text: str) -> str:
    return _MARKUP.sub(_plain, text)


def _plain(found: re.Match[str]) -> str:
    if found["time"]:
        return datetime.fromtimestamp(int(found["time"]), UTC).strftime("%-d %b %Y %H:%M UTC")
    if found["id"]:
        return f"{found['who']}{found['id']}"
    return found["plain"] or found["label"] or ("│ " if found["quote"] else "")
