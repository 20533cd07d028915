"""The options of a question: written out above the buttons where these cannot hold them."""

from collections.abc import Callable, Sequence

from threadwork.adapters.wording.card_words import one_line
from threadwork.workflows.buttons import Button

OPTION = 60  # characters of an option from which on it is written out
BUTTONS = 5  # options that are buttons alone
SHORT = 40  # characters of a button whose option is written out


def listed(options: Sequence[str]) -> str:
    """A line for each, numbered; empty where the buttons hold them."""
    return "\n".join(f"{number}. {one_line(option)}" for number, option in enumerate(_written_out(options), 1))


def labelled(options: Sequence[str], row: Sequence[Button], cut: Callable[[str, int], str]) -> list[Button]:
    """Buttons with the numbers of the options written out above. `cut`: shortens a label."""
    if not _written_out(options):
        return list(row)
    return [_numbered(button, cut) if button.press.verb == "choose" else button for button in row]


def _written_out(options: Sequence[str]) -> Sequence[str]:
    return options if len(options) > BUTTONS or any(len(option) > OPTION for option in options) else ()


def _numbered(button: Button, cut: Callable[[str, int], str]) -> Button:
    return button.model_copy(update={"label": cut(f"{button.press.detail}. {button.label}", SHORT)})
