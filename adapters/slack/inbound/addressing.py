"""Whom a message is said to: the bot by its mention, somebody else, or whoever reads the thread."""

import re
from collections.abc import Collection, Iterator
from typing import Any

from threadwork.adapters.chat.message_parsing import addressing, spoken

Json = dict[str, Any]
UNSPOKEN = frozenset({"rich_text_quote", "rich_text_preformatted"})  # parts in which a mention calls nobody
_CALLED = re.compile(r"<@([UW][A-Z0-9]{1,30})(?:\|[^<>]*)?>")
_LINK = re.compile(r"<(?:https?|mailto|tel):[^<>]*>")
_ADDRESSED = addressing(r"<@[UW][A-Z0-9]{1,30}(?:\|[^<>]*)?>|<!(?:subteam\^|here|channel|everyone)[^<>]*>")


def calls(message: Json, ours: Collection[str]) -> bool:
    """Whether it mentions one of our users outside of code, quotations and links. The blocks tell, where there are
    such as people's clients make."""
    written = [block for block in message.get("blocks") or () if block.get("type") == "rich_text"]
    called = _in_blocks(written) if written else _CALLED.findall(_LINK.sub("", spoken(message.get("text") or "")))
    return any(user in ours for user in called)


def addressed(text: str) -> re.Match[str] | None:
    """The somebody whom a message addresses at its beginning: `plain` is a name that was typed and not picked."""
    return _ADDRESSED.match(spoken(text))


def _in_blocks(parts: list[Json]) -> Iterator[str]:
    """Ids of the users that are mentioned, in sections and lists."""
    for part in parts:
        if part.get("type") == "user" and not (part.get("style") or {}).get("code"):
            yield str(part.get("user_id") or "")
        elif part.get("type") not in UNSPOKEN:
            yield from _in_blocks([one for one in part.get("elements") or () if isinstance(one, dict)])
