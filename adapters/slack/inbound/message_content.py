"""All that a message says, in Slack's markup: its text, its blocks, its attachments; and what is forwarded with it."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from threadwork.adapters.slack.inbound.block_text import blocks_text
from threadwork.adapters.slack.inbound.rich_text import plain

Json = dict[str, Any]
NO_PREVIEW = "[no preview available]"  # Slack's own fallback


def content(message: Json) -> str:
    """Without what is forwarded."""
    attached = (_attachment(one) for one in _attachments(message) if not _is_forwarded(one))
    return "\n".join(filter(None, (_words(message.get("text"), message.get("blocks")), *attached)))


def forwarded(message: Json) -> list[Json]:
    """The attachments that are messages of others: forwarded, or linked to."""
    return [one for one in _attachments(message) if _is_forwarded(one)]


def forwarded_content(share: Json) -> str:
    """`message_blocks` stands beside the text, or instead of it."""
    quoted = [(one.get("message") or {}).get("blocks") or () for one in share.get("message_blocks") or ()]
    blocks = [block for some in quoted for block in some]
    alert = {name: share.get(name) for name in ("pretext", "title", "title_link", "fields", "blocks")}
    nested = (_attachment(one) for one in (alert, *_attachments(share)) if not _is_forwarded(one))
    said = "\n".join(filter(None, (_words(share.get("text"), blocks), *nested)))
    return said or ("" if share.get("files") else _fallback(share))


def _words(text: object, blocks: object) -> str:
    """The text of an app may be a summary of its blocks: then the blocks are enough. A person's blocks are the text."""
    written = str(text or "")
    listed = [one for one in blocks if isinstance(one, dict)] if isinstance(blocks, Sequence) else []
    if written and all(one.get("type") == "rich_text" for one in listed):
        return written
    shown = blocks_text(listed)
    return shown if _bare(written) in _bare(shown) else "\n".join(filter(None, (written, shown)))


def _attachment(one: Json) -> str:
    """An alert, in the older form; https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments"""
    title = " ".join(filter(None, (plain(one.get("title")), str(one.get("title_link") or ""))))
    author = "" if _is_forwarded(one) else plain(one.get("author_name"))
    said = _words(one.get("text"), one.get("blocks"))
    told = "\n".join(filter(None, (str(one.get("pretext") or ""), author, title, said, *_fields(one))))
    return told or _fallback(one)


def _fields(one: Json) -> Iterator[str]:
    for field in one.get("fields") or ():
        yield ": ".join(filter(None, (plain(field.get("title")), str(field.get("value") or ""))))


def _fallback(one: Json) -> str:
    fallback = str(one.get("fallback") or "")
    return "" if fallback == NO_PREVIEW else plain(fallback)


def _attachments(message: Json) -> list[Json]:
    return [one for one in message.get("attachments") or () if isinstance(one, dict)]


def _is_forwarded(one: Json) -> bool:
    return bool(one.get("is_share") or one.get("is_msg_unfurl"))


def _bare(text: str) -> str:
    """Letters and digits alone: markup, cuts and spaces do not count."""
    return re.sub(r"[\W_]+", "", text)
