"""A page of messages: who said what when, at a client's width, light or dark."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Literal

from tests.pictures import discord, slack
from tests.pictures.markup import Json, div, span, tag, text
from tests.pictures.moments import BEGAN, clock

Platform = Literal["slack", "discord"]
HERE = Path(__file__).parent
BODY: dict[Platform, Callable[[Json], str]] = {"slack": slack.message, "discord": discord.message}
MODAL: dict[Platform, Callable[[Json], str]] = {"slack": slack.modal, "discord": discord.modal}
AGENT = "Threadwork"
COLOURS = {AGENT: "#4a3aff", "Anna": "#c2410c", "Ben": "#0f766e"}
TOGETHER = {"slack": 5, "discord": 7}  # minutes within which the next message of the same author has no head
PHONE, DESKTOP = 390, 760  # pixels


@dataclass(frozen=True)
class Message:
    """What one author posted; the caption stands above it, and is no part of it."""

    content: Json  # as it is sent; or `{"modal": …}`, which is no message
    author: str = AGENT
    minute: int = 0  # after the first
    caption: str = ""


@dataclass(frozen=True)
class Look:
    """How a page is looked at."""

    platform: Platform
    width: int = DESKTOP
    dark: bool = False
    sheet: bool = False  # all cards below one another, plans unfolded, long ones cut

    @property
    def css(self) -> str:
        named = {"phone": self.width < 500, "dark": self.dark, "sheet": self.sheet, "folded": not self.sheet}
        return " ".join(name for name, wanted in named.items() if wanted)


def page(messages: Iterable[Message], look: Look, title: str) -> str:
    """A whole HTML document, with all it needs inside."""
    given = list(messages)
    follows = [False, *(_together(before, after, look.platform) for before, after in pairwise(given))]
    shown = (_message(one, look.platform, follow) for one, follow in zip(given, follows, strict=True))
    style = "".join((HERE / f"{name}.css").read_text() for name in ("page", look.platform))
    top = div("top", text(title), tag("small", "#ops"))
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><style>{style}</style>'
    return head + tag("body", top, *shown, css=look.css)


def _together(before: Message, after: Message, platform: Platform) -> bool:
    near = after.minute - before.minute < TOGETHER[platform]
    return before.author == after.author and near and not after.caption


def _message(message: Message, platform: Platform, follows: bool) -> str:
    caption = div("caption", text(message.caption)) if message.caption else ""
    if "modal" in message.content:
        return caption + MODAL[platform](message.content["modal"])
    avatar = div("avatar", message.author[0], style=f"background:{COLOURS.get(message.author, '#555')}")
    head = "" if follows else div("head", *_head(message, platform))
    body = div("body", head, BODY[platform](message.content))
    return caption + div(f"message {'follows' if follows else ''}", div("gutter", avatar), body)


def _head(message: Message, platform: Platform) -> Iterable[str]:
    yield span("name", text(message.author))
    if message.author == AGENT:
        yield span("app", "APP")
    yield span("when", clock(BEGAN + timedelta(minutes=message.minute)))
