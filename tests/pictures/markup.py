"""HTML, put together from pieces that are escaped already."""

from html import escape
from typing import Any

from rich.emoji import Emoji

Json = dict[str, Any]
PEOPLE = {"U0123ANNA": "Anna", "U0123BEN0": "Ben"}
VOID = {"img", "br", "hr"}


def text(words: str) -> str:
    """Words that somebody wrote, as HTML: line breaks are kept."""
    return escape(words).replace("\n", "<br>")


def emoji(words: str) -> str:
    """`:tada:` as the picture it stands for; unknown names stay."""
    return Emoji.replace(words)


def tag(name: str, *children: str, css: str = "", **attributes: str) -> str:
    """An element; children are HTML, attributes are plain."""
    if css:
        attributes["class"] = css
    opened = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items() if value)
    return f"<{name}{opened}>" + ("" if name in VOID else "".join(children) + f"</{name}>")


def div(css: str, *children: str, **attributes: str) -> str:
    return tag("div", *children, css=css, **attributes)


def span(css: str, *children: str, **attributes: str) -> str:
    return tag("span", *children, css=css, **attributes)


def picture(url: str, alt: str) -> str:
    """A picture is not fetched: a grey box with its words stands for it."""
    return div("picture", text(alt or url.rsplit("/", 1)[-1] or "picture"))


def unknown(kind: object) -> str:
    """What this renderer cannot draw: nobody is to take it for nothing."""
    return div("unknown", text(f"not drawn here: {kind}"))


def person(user: str) -> str:
    return "@" + PEOPLE.get(user, user)
