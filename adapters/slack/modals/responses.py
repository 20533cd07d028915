"""Answers that only one person sees, and the lines and buttons they are made of."""

from collections.abc import Callable, Sequence
from typing import Any

from threadwork.adapters.slack.cards.blocks import LINE, WEIGHT, Block, actions, context, cut, mrkdwn, prose, weighed
from threadwork.adapters.slack.cards.text import fallback, markdown
from threadwork.adapters.slack.cards.text import mrkdwn as translated
from threadwork.adapters.wording.card_words import excerpt
from threadwork.workflows.inbound import Item, Response
from threadwork.workflows.sinks import Sink
from threadwork.workflows.slash_name import SLASH

Link = Callable[[Sink, str], str]  # address of a message (sink, message id); empty: not known
ITEMS = 15  # lines of an answer
ITEM = 600  # characters of a line
ANSWER = 5_000  # characters of an answer to one person
SPARE = 200  # characters for the line that counts the rest


def response(response: Response, link: Link) -> dict[str, Any]:
    """`{"text", "blocks"}` for an ephemeral message, in one message."""
    said = told(response)
    return {"text": fallback(said), "blocks": [prose_of(said), *_items(response.items, link, WEIGHT - ANSWER - SPARE)]}


def told(response: Response) -> str:
    warning = "⚠️ " if response.tone == "warning" else ""
    return warning + (excerpt(response.text, ANSWER) or "…")


def prose_of(said: str) -> Block:
    return prose(cut(markdown(said), ANSWER))


def _items(items: Sequence[Item], link: Link, room: int) -> list[Block]:
    """As many items as there is room for, in characters, and how many there are more."""
    shown: list[list[Block]] = []
    for at, one in enumerate(items[:ITEMS], 1):
        made = item(one, link, f":{at}")
        if (room := room - weighed(made)) < 0:
            break
        shown.append(made)
    return [block for made in shown for block in made] + context(*more(len(items), len(shown)))


def item(item: Item, link: Link, suffix: str) -> list[Block]:
    """`suffix`: tells its buttons from those of others in the message or view."""
    return [line(item.text), *actions(item.buttons, suffix, address(item, link))]


def line(text: str) -> Block:
    made = translated(excerpt(text, ITEM))
    return mrkdwn(made if len(made) <= LINE else translated(excerpt(text, ITEM // 6)))


def address(item: Item, link: Link) -> str:
    return link(item.sink, item.message_id) if item.sink and item.message_id else ""


def more(number: int, shown: int) -> tuple[str, ...]:
    return (f"… and {number - shown} more. Type {SLASH} list to see all.",) if number > shown else ()
