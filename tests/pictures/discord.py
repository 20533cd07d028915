"""Discord's messages as HTML, laid out as Discord does (docs.discord.com/developers/components/reference)."""

from collections.abc import Callable

from tests.pictures.discord_text import markdown
from tests.pictures.markup import Json, div, picture, span, tag, text, unknown

STYLES = {1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link", 6: "primary"}


def message(content: Json) -> str:
    """The body of a message: content, embeds, attachments, components."""
    shown = [div("content", markdown(content["content"]))] if content.get("content") else []
    shown += [_embed(one) for one in content.get("embeds") or ()]
    shown += [_file(one.get("filename", "file"), one) for one in content.get("attachments") or ()]
    return "".join(shown + [component(one) for one in content.get("components") or ()])


def modal(given: Json) -> str:
    """A modal: its title, labels with inputs, and the two buttons Discord puts below."""
    foot = (tag("button", "Cancel", css="secondary"), tag("button", "Submit", css="primary"))
    body = div("modal-body", *(component(one) for one in given["components"]))
    return div("modal", div("modal-head", text(given["title"])), body, div("modal-foot", *foot))


def component(given: Json) -> str:
    drawn = COMPONENTS.get(given["type"])
    return drawn(given) if drawn else unknown(f"component {given['type']}")


def _inside(given: Json) -> str:
    return "".join(map(component, given["components"]))


def _colour(value: int | None) -> str:
    return "" if value is None else f"border-left-color:#{value:06x}"


# --- embeds ----------------------------------------------------------------------------------------------


def _embed(given: Json) -> str:
    shown = [div("embed-author", text(given["author"]["name"]))] if given.get("author") else []
    shown += [div("embed-title", _linked(given["title"], given.get("url")))] if given.get("title") else []
    shown += [div("embed-text", markdown(given["description"]))] if given.get("description") else []
    shown += [div("embed-fields", *map(_field, given["fields"]))] if given.get("fields") else []
    shown += [picture(given["image"]["url"], "")] if given.get("image") else []
    shown += [div("embed-footer", text(given["footer"]["text"]))] if given.get("footer") else []
    return div("embed", *shown, style=_colour(given.get("color")))


def _field(given: Json) -> str:
    body = (div("field-name", markdown(given["name"])), div("embed-text", markdown(given["value"])))
    return div("inline" if given.get("inline") else "", *body)


def _linked(words: str, url: str | None) -> str:
    return tag("a", text(words), href=url) if url else text(words)


# --- components ------------------------------------------------------------------------------------------


def _button(given: Json) -> str:
    sign = (given.get("emoji") or {}).get("name", "")
    words = span("label", text(" ".join(filter(None, (sign, given.get("label", ""))))))
    arrow = span("away", "↗\ufe0e") if given.get("url") else ""
    return tag("button", words, arrow, css=f"{STYLES[given['style']]}{' off' if given.get('disabled') else ''}")


def _select(given: Json) -> str:
    chosen = [one["label"] for one in given.get("options") or () if one.get("default")]
    words = text(", ".join(chosen)) if chosen else span("hint", text(given.get("placeholder") or "Make a selection"))
    return div("select", words, span("chevron", "⌄"))


def _section(given: Json) -> str:
    return div("section", div("section-body", _inside(given)), div("accessory", component(given["accessory"])))


def _container(given: Json) -> str:
    return div("container", _inside(given), style=_colour(given.get("accent_color")))


def _separator(given: Json) -> str:
    size = "large" if given.get("spacing") == 2 else "small-space"
    return div(f"separator {size} {'' if given.get('divider', True) else 'bare'}")


def _gallery(given: Json) -> str:
    return div("gallery", *(picture(one["media"]["url"], one.get("description", "")) for one in given["items"]))


def _file(name: str, given: Json) -> str:
    if str(given.get("content_type", "")).startswith("image/"):
        return picture("", name)
    return div(
        "file", span("file-sign", "▤"), span("", tag("a", text(name)), div("hint", text(str(given.get("size", "")))))
    )


def _label(given: Json) -> str:
    more = div("hint", text(given["description"])) if given.get("description") else ""
    return div("labelled", div("field-name", text(given["label"])), more, component(given["component"]))


def _choice(given: Json) -> str:
    more = div("hint", text(given["description"])) if given.get("description") else ""
    return div("choice", span(f"mark {'chosen' if given.get('default') else ''}"), span("", text(given["label"]), more))


def _input(given: Json) -> str:
    words = text(given["value"]) if given.get("value") else span("hint", text(given.get("placeholder", "")))
    name = div("field-name", text(given["label"])) if given.get("label") else ""
    return name + div("input many" if given.get("style") == 2 else "input", words)


COMPONENTS: dict[int, Callable[[Json], str]] = {
    1: lambda given: div("row", _inside(given)),
    2: _button,
    3: _select,
    4: _input,
    5: _select,
    6: _select,
    7: _select,
    8: _select,
    9: _section,
    10: lambda given: div("content", markdown(given["content"])),
    11: lambda given: div("thumbnail", picture(given["media"]["url"], given.get("description", ""))),
    12: _gallery,
    13: lambda given: _file(given["file"]["url"].rsplit("/", 1)[-1], given),
    14: _separator,
    17: _container,
    18: _label,
    19: lambda given: div("upload", text("Drop files here or browse")),
    21: lambda given: "".join(map(_choice, given["options"])),
    22: lambda given: "".join(map(_choice, given["options"])),
}
