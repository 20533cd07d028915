"""The buttons of a card as Discord's components.

A button's `custom_id` is its press, so that any bot can answer it after any restart. One that asks first carries
`ask:` before it: Discord has no question of its own, so whoever hears the click asks. What stands behind a menu is
behind one more button, `more:`, which shows the others to whoever presses it. Not behind a select: that keeps what was
chosen until the message is edited, and a form that was closed could not be opened again."""

from collections.abc import Iterable
from typing import Any

from threadwork.adapters.wording.card_words import one_line
from threadwork.workflows.buttons import ENCODED, Button

ASK, MORE = "ask:", "more:"
ROW, ROWS = 5, 5  # buttons in a row, rows of a message
LABEL = 80  # characters on a button
STYLES = {"primary": 1, "plain": 2, "danger": 4}

Component = dict[str, Any]


def rows(buttons: Iterable[Button]) -> list[Component]:
    """Rows of buttons, each press once, and a last one for those behind a menu."""
    shown = list(buttons)
    made = list({custom_id(one): _button(one) for one in shown if not one.menu}.values())[: ROW * ROWS - 1]
    behind = [one for one in shown if one.menu]
    made += [_more(next((one for one in behind if one.press.verb == "always"), one)) for one in behind[:1]]
    return [{"type": 1, "components": made[at : at + ROW]} for at in range(0, len(made), ROW)]


def custom_id(button: Button) -> str:
    return f"{ASK if button.confirm else ''}{button.press.encode()}"[:ENCODED]


def cut(text: str, limit: int = LABEL) -> str:
    shown = one_line(text) or "…"
    return shown if len(shown) <= limit else shown[: limit - 1].rstrip() + "…"


def _more(button: Button) -> Component:
    return {
        "type": 2,
        "style": STYLES["plain"],
        "label": "More …",
        "custom_id": f"{MORE}{button.press.encode()}"[:ENCODED],
    }


def _button(button: Button) -> Component:
    return {"type": 2, "style": STYLES[button.style], "label": cut(button.label), "custom_id": custom_id(button)}
