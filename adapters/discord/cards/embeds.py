"""What a message of ours is made of: an embed, a line above it that a notification shows, and buttons."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from threadwork.adapters.discord.cards.components import Component, rows
from threadwork.adapters.discord.cards.plain_text import read
from threadwork.adapters.discord.cards.text import fitted
from threadwork.adapters.wording.card_words import one_line
from threadwork.workflows.buttons import Button
from threadwork.workflows.sinks import Part

DESCRIPTION, FIELD, FOOTER = 4_096, 1_024, 500  # characters; Discord takes 2,048 in a footer, and 6,000 in all
NOBODY = {"parse": [], "replied_user": False}  # whom a message may call
Tone = Literal["quiet", "good", "busy", "ask", "warning", "bad"]
COLOURS: dict[Tone, int] = {
    "quiet": 0x80848E,
    "good": 0x23A55A,
    "busy": 0x5865F2,
    "ask": 0x9B59B6,
    "warning": 0xF0B232,
    "bad": 0xF23F43,
}


def embed(
    lines: Iterable[str], tone: Tone = "quiet", fields: Sequence[tuple[str, str]] = (), footer: str = ""
) -> dict[str, Any]:
    """`lines`: the description, each with whole markup. `fields`: heading and text; those without a text are left out.
    `footer`: plain text, in which nothing is markup."""
    shown = [{"name": name, "value": value[:FIELD]} for name, value in fields if value]
    return {
        "description": fitted(lines, DESCRIPTION) or "…",
        "color": COLOURS[tone],
        **({"fields": shown} if shown else {}),
        **({"footer": {"text": one_line(footer)[:FOOTER]}} if one_line(footer) else {}),
    }


def part(made: dict[str, Any], buttons: Iterable[Button] = (), above: str = "") -> Part:
    """A message. `above`: words of ours; what people and models say stands in the embed alone."""
    components: list[Component] = rows(buttons)
    content = {"content": above, "embeds": [made], "components": components}
    return Part(content=content, text=read(content))
