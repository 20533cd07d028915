"""What Discord would say against a message."""

from collections.abc import Iterator
from typing import Any

TEXTS = {"title": 256, "description": 4_096}
ALL = 6_000  # characters of all embeds of a message


def problems(body: dict[str, Any]) -> list[str]:
    return [*_content(body), *_embeds(body.get("embeds") or []), *_components(body.get("components") or [])]


def _content(body: dict[str, Any]) -> Iterator[str]:
    if len(body.get("content") or "") > 2_000:
        yield "content over 2,000"
    if not (body.get("content") or "").strip() and not body.get("embeds"):
        yield "an empty message"


def _embeds(embeds: list[dict[str, Any]]) -> Iterator[str]:
    if len(embeds) > 10:
        yield "over 10 embeds"
    for embed in embeds:
        if not any((embed.get(name) or "").strip() for name in TEXTS):
            yield "an embed that shows nothing"
        yield from (f"{name} over {most}" for name, most in TEXTS.items() if len(embed.get(name) or "") > most)
        fields = embed.get("fields") or []
        if len(fields) > 25:
            yield "over 25 fields"
        for field in fields:
            if not (0 < len(field["name"].strip()) <= 256 and 0 < len(field["value"].strip()) <= 1_024):
                yield f"a field of {len(field['value'])}"
        if len((embed.get("footer") or {}).get("text", "-")) > 2_048 or not (embed.get("footer") or {}).get(
            "text", "-"
        ):
            yield "footer"
        if not 0 < len((embed.get("author") or {}).get("name", "-")) <= 256:
            yield "author"
    if sum(map(_weight, embeds)) > ALL:
        yield "embeds over 6,000"


def _weight(embed: dict[str, Any]) -> int:
    texts = [embed.get("title"), embed.get("description"), (embed.get("footer") or {}).get("text")]
    texts += [(embed.get("author") or {}).get("name")]
    texts += [field[side] for field in embed.get("fields") or () for side in ("name", "value")]
    return sum(len(text or "") for text in texts)


def _components(rows: list[dict[str, Any]]) -> Iterator[str]:
    if len(rows) > 5:
        yield "over 5 rows"
    ids = [button["custom_id"] for row in rows for button in row["components"]]
    if len(ids) != len(set(ids)):
        yield "a custom_id twice"
    for row in rows:
        if not 0 < len(row["components"]) <= 5:
            yield "a row without buttons, or with too many"
        for button in row["components"]:
            if not (0 < len(button["custom_id"]) <= 100 and 0 < len(button["label"].strip()) <= 80):
                yield f"button {button}"
