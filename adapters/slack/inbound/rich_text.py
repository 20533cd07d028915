"""Slack's rich text, written down as its markup."""

from collections.abc import Callable, Iterator
from typing import Any

Json = dict[str, Any]


def plain(text: object) -> str:
    """What means itself, made safe among markup."""
    return str(text or "").replace("<", "&lt;").replace(">", "&gt;")


def rich_text(block: Json) -> str:
    """A block's parts, one below the other."""
    return "\n".join(filter(None, (_part(one) for one in _dicts(block.get("elements")))))


def _part(part: Json) -> str:
    return PARTS.get(str(part.get("type")), _section)(part)


def _section(part: Json) -> str:
    return "".join(INLINE.get(str(one.get("type")), _text)(one) for one in _dicts(part.get("elements")))


def _list(part: Json) -> str:
    indent = "  " * int(part.get("indent") or 0)
    ordered, first = part.get("style") == "ordered", int(part.get("offset") or 0) + 1
    items = enumerate(_dicts(part.get("elements")), first)
    return "\n".join(f"{indent}{f'{number}.' if ordered else '•'} {_part(one)}" for number, one in items)


def _quote(part: Json) -> str:
    return "\n".join(f"&gt; {line}" for line in _section(part).splitlines())


def _preformatted(part: Json) -> str:
    return f"```\n{_section(part)}\n```"


def _text(one: Json) -> str:
    return plain(one.get("text"))


def _link(one: Json) -> str:
    label = plain(one.get("text")).replace("|", "/")
    return f"<{plain(one.get('url'))}|{label}>" if label else f"<{plain(one.get('url'))}>"


def _date(one: Json) -> str:
    return plain(one.get("fallback") or one.get("timestamp"))


def _dicts(given: object) -> Iterator[Json]:
    return (one for one in given if isinstance(one, dict)) if isinstance(given, list) else iter(())


Write = Callable[[Json], str]
PARTS: dict[str, Write] = {
    "rich_text_list": _list,
    "rich_text_quote": _quote,
    "rich_text_preformatted": _preformatted,
}
INLINE: dict[str, Write] = {
    "user": lambda one: f"<@{one.get('user_id')}>",
    "usergroup": lambda one: f"<!subteam^{one.get('usergroup_id')}>",
    "broadcast": lambda one: f"<!{one.get('range')}>",
    "channel": lambda one: f"<#{one.get('channel_id')}>",
    "emoji": lambda one: f":{one.get('name')}:",
    "color": lambda one: plain(one.get("value")),
    "link": _link,
    "date": _date,
}
