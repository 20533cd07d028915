"""An approval in words: what it costs to be wrong, and the arguments as they will run."""

from typing import NamedTuple

from threadwork.adapters.wording.argument_words import arguments
from threadwork.adapters.wording.card_words import excerpt
from threadwork.workflows.cards import ApprovalCard
from threadwork.workflows.sinks import File

SIGNS = {"read_only": "🔵", "changes": "🟠", "destructive": "🔴"}


class Room(NamedTuple):
    """What a message shows of arguments, in characters and lines: whole up to the first two, else a head and a file."""

    whole: int
    lines: int
    head: int
    head_lines: int


def as_they_run(card: ApprovalCard, room: Room) -> tuple[str, File | None]:
    """The arguments, and a file of all of them where they are too long to be shown."""
    text = arguments(card.arguments)
    if len(text) <= room.whole and text.count("\n") < room.lines:
        return text or "no arguments", None
    name = "".join(sign for sign in card.approval_id if sign.isascii() and sign.isalnum())[:20]
    return excerpt(text, room.head, room.head_lines), File(name=f"arguments-{name}.txt", text=text)
