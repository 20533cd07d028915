"""Files in messages, by what they cost: LiteLLM would decode each of them to count it."""

from collections.abc import Sequence
from typing import Any

IMAGE = 1_600  # tokens: the most that Anthropic says one comes to; others take fewer
PDF_BYTES = 40  # of a PDF to a token: a page of 75 kB is some 1,900, text and picture


def without_files(messages: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], int]:
    """The messages with texts alone, and the tokens (estimated) of what was taken out."""
    tokens = 0
    plain: list[dict[str, Any]] = []
    for message in messages:
        content = message.get("content")
        if not isinstance(content, list):
            plain.append(message)
            continue
        tokens += sum(_tokens(part) for part in content)
        texts = [part["text"] for part in content if part.get("type") == "text"]
        plain.append(message | {"content": "\n".join(texts)})
    return plain, tokens


def _tokens(part: dict[str, Any]) -> int:
    if part.get("type") == "image_url":
        return IMAGE
    return len(part["file"]["file_data"]) * 3 // 4 // PDF_BYTES if part.get("type") == "file" else 0
