"""The buttons of a card as Discord's components.

A button's `custom_id` is its press, so that any bot can answer it after any restart. One that asks first carries
`ask:` before it: Discord has no question of its own, so whoever hears the click asks."""

from collections.abc import Iterable
from typing import Any

from threadwork.adapters.wording.card_words import one_line
from threadwork.workflows.buttons import ENCODED, Button

ASK = "ask:"
ROW, ROWS = 5, 5  # buttons in a row, rows of a message
LABEL = 80  # characters on a button
STYLES = {"primary": 1, "plain": 2, "danger": 4}

Component = dict[str, Any]


def rows(buttons: Iterable[Button]) -> list[Component]:
    """Rows of buttons, each press once."""
    made = list({custom_id(button): _button(button) for button in buttons}.values())[: ROW * ROWS]
    return [{"type": 1, "components": made[at : at + ROW]} for at in range(0, len(made), ROW)]


def custom_id(button: Button) -> str:
    return f"{ASK if button.confirm else ''}{button.press.encode()}"[:ENCODED]


def cut(text: str, limit: int = LABEL) -> str:
    shown = one_line(text) or "…"
    return shown if len(shown) <= limit else shown[: limit - 1].rstrip() + "…"


def _button(button: Button) -> Component:
    return {"type": 2, "style": STYLES[button.style], "label": cut(button.label), "custom_id": custom_id(button)}
