"""What one person is told: an embed, with a line and buttons for each item."""

from collections.abc import Iterable, Sequence
from typing import Any

from threadwork.adapters.discord.cards.components import ROW, ROWS, Component, rows
from threadwork.adapters.discord.cards.embeds import NOBODY, embed
from threadwork.adapters.discord.cards.text import link, markdown
from threadwork.adapters.discord.cards.usage import typed_here
from threadwork.adapters.wording.card_words import excerpt
from threadwork.adapters.wording.thread_links import message_link
from threadwork.workflows.buttons import Button
from threadwork.workflows.inbound import Item, Response

ANSWER, ABOVE = 3_500, 2_000  # characters of what is said: alone, and above items
ITEM = 300  # characters of a line

Content = dict[str, Any]


def response(said: Response) -> Content:
    """A message's content, for posting and for editing alike."""
    warning = said.tone == "warning"
    whole = excerpt(said.text, ABOVE if said.items else ANSWER)
    text = ("⚠️ " if warning else "") + markdown(typed_here(whole) or "…")
    lines = [*text.split("\n"), *(_line(item, number) for number, item in _numbered(said.items))]
    return {
        "content": "",
        "embeds": [embed(lines, "warning" if warning else "quiet")],
        "components": _rows(said.items),
        "allowed_mentions": NOBODY,
    }


def _numbered(items: Sequence[Item]) -> Iterable[tuple[str, Item]]:
    """Numbers where buttons must say which line they belong to."""
    several = sum(bool(item.buttons) for item in items) > 1
    return [(f"{at}. " if several else "", item) for at, item in enumerate(items, 1)]


def _line(item: Item, number: str) -> str:
    where = link(message_link(item.sink, item.message_id), "Open") if item.sink else ""
    said = markdown(excerpt(item.text, ITEM)).replace("\n", "\n  ")
    return f"{number or '• '}{said}" + (f" · {where}" if where else "")


def _rows(items: Sequence[Item]) -> list[Component]:
    """A row for each item, of as many as a message has room for."""
    made: list[Component] = []
    for number, item in _numbered(items):
        if item.buttons and len(made) < ROWS:
            made += rows(_labelled(button, number) for button in item.buttons[:ROW])
    return made[:ROWS]


def _labelled(button: Button, number: str) -> Button:
    return button.model_copy(update={"label": f"{number}{button.label}"})
