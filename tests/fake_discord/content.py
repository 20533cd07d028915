"""What Discord says against a message beyond its published contract."""

from collections.abc import Iterator
from typing import Any

from tests.fake_discord.state import V2, Version

Json = dict[str, Any]
CONTENT, EMBEDS, WRITTEN = 2_000, 6_000, 4_000  # characters: content, all embeds, all text of Components V2
COMPONENTS, ROWS = 40, 5
ROW, BUTTON, TEXT = 1, 2, 10  # kinds of a component
SELECTS = (3, 5, 6, 7, 8)
LINK, PREMIUM = 5, 6  # styles of a button


def problems(version: Version, files: list[str]) -> list[str]:
    """Sentences. `files`: names of the files that the message has."""
    found = [*_embeds(version.embeds), *_components(version.components), *_named(version, files)]
    found += _modern(version) if version.flags & V2 else _classic(version)
    if len(version.content) > CONTENT:
        found.append(f"content: {len(version.content)} characters, {CONTENT} fit.")
    return found


def empty(version: Version) -> bool:
    return not (version.content.strip() or version.embeds or version.components or version.files)


def nodes(components: list[Json]) -> Iterator[Json]:
    """Every component, the inner ones too."""
    for component in components:
        yield component
        inner = [*(component.get("components") or ()), component.get("accessory"), component.get("component")]
        yield from nodes([one for one in inner if isinstance(one, dict)])


def _classic(version: Version) -> Iterator[str]:
    if any(component["type"] != ROW for component in version.components):
        yield "components: only action rows go without the flag for Components V2."
    if len(version.components) > ROWS:
        yield f"components: {len(version.components)} action rows, {ROWS} fit."


def _modern(version: Version) -> Iterator[str]:
    if version.content or version.embeds:
        yield "content and embeds cannot be used with Components V2."
    if (count := len(list(nodes(version.components)))) > COMPONENTS:
        yield f"components: {count} of them, {COMPONENTS} fit."
    written = sum(len(node.get("content") or "") for node in nodes(version.components) if node["type"] == TEXT)
    if written > WRITTEN:
        yield f"components: {written} characters of text, {WRITTEN} fit."


def _embeds(embeds: list[Json]) -> Iterator[str]:
    if (size := sum(map(_size, embeds))) > EMBEDS:
        yield f"embeds: {size} characters in all, {EMBEDS} fit."
    for embed in embeds:
        if not any(embed.get(name) for name in ("title", "description", "fields", "image", "thumbnail", "author",
                                                "footer", "video")):  # fmt: skip
            yield "embeds: one of them shows nothing."
        for field in embed.get("fields") or ():
            if not str(field.get("name") or "").strip() or not str(field.get("value") or "").strip():
                yield "embeds: a field without a name or a value."
        if "footer" in embed and not str((embed["footer"] or {}).get("text") or "").strip():
            yield "embeds: a footer without a text."


def _size(embed: Json) -> int:
    texts = [embed.get("title"), embed.get("description"), (embed.get("footer") or {}).get("text")]
    texts += [(embed.get("author") or {}).get("name")]
    texts += [field.get(side) for field in embed.get("fields") or () for side in ("name", "value")]
    return sum(len(str(text or "").strip()) for text in texts)


def _components(components: list[Json]) -> Iterator[str]:
    ids = [node["custom_id"] for node in nodes(components) if node.get("custom_id")]
    for twice in sorted({one for one in ids if ids.count(one) > 1}):
        yield f"components: the custom_id {twice} is there twice."
    for node in nodes(components):
        if node["type"] == BUTTON:
            yield from _button(node)
        if (
            node["type"] == ROW
            and len(node["components"]) > 1
            and any(c["type"] in SELECTS for c in node["components"])
        ):
            yield "components: a menu stands alone in its row."


def _button(button: Json) -> Iterator[str]:
    linked = button["style"] == LINK
    if linked != bool(button.get("url")) or (button["style"] not in (LINK, PREMIUM)) != bool(button.get("custom_id")):
        yield f"components: a button of style {button['style']} has {'a url' if linked else 'a custom_id'} only."
    if button["style"] != PREMIUM and not str(button.get("label") or "").strip() and not button.get("emoji"):
        yield "components: a button needs a label or an emoji."


def _named(version: Version, files: list[str]) -> Iterator[str]:
    """`attachment://name` is of a file that the message has."""
    media = [(embed.get(name) or {}).get("url") for embed in version.embeds for name in ("image", "thumbnail")]
    media += [(node.get("file") or {}).get("url") for node in nodes(version.components)]
    for url in media:
        if str(url or "").startswith("attachment://") and str(url).removeprefix("attachment://") not in files:
            yield f"{url} names no file of the message."
