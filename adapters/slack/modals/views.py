"""The windows that buttons open: how one is made, what travels in it, and what came back typed in."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from slack_sdk.models.blocks import (
    InputBlock,
    InputInteractiveElement,
    NumberInputElement,
    Option,
    PlainTextInputElement,
    PlainTextObject,
    StaticSelectElement,
)
from slack_sdk.models.views import View

from threadwork.adapters.slack.cards.blocks import Block, cut
from threadwork.workflows.buttons import Click
from threadwork.workflows.errors import Rejected

Window = dict[str, Any]
State = Mapping[
    str, Mapping[str, Mapping[str, Any]]
]  # `view.state.values`: block id → action id → value; an input has one name for both
MAX_INPUT = 3_000  # characters of an input; documented
METADATA = 3_000  # characters of private_metadata; documented
CHOICES = 100  # options of a select; documented
VALUE = 150  # characters of an option's value; documented


class BadForm(Rejected):
    """What was typed cannot be used. `errors`: a sentence for each block id, as Slack takes them in its answer."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = dict(errors)


def window(title: str, blocks: Sequence[Block], callback_id: str = "", submit: str = "", metadata: str = "") -> Window:
    """A modal. Without `submit` it is only read, and closed."""
    view = View(
        type="modal",
        title=PlainTextObject(text=cut(title, 24) or "Threadwork"),
        callback_id=callback_id or None,
        submit=PlainTextObject(text=submit) if submit else None,
        close=PlainTextObject(text="Cancel" if submit else "Close"),
        private_metadata=metadata or None,
        blocks=list(blocks),
    )
    made: Window = view.to_dict()
    return made


def packed_up(origin: str, click: Click | None = None) -> str:
    """`private_metadata`: the button behind the window, and where it was pressed (at most some 2,800 characters).

    Raises `ValueError` where that is too long for Slack."""
    text = json.dumps({"press": click.encode() if click else "", "origin": origin}, ensure_ascii=False)
    if len(text) > METADATA:
        raise ValueError(f"{len(text)} characters do not fit into private_metadata.")
    return text


def unpacked(metadata: str) -> tuple[str, Click | None]:
    """Origin and button of a window. Raises `Rejected` for one that is not ours."""
    try:
        held = json.loads(metadata)
        origin, click = str(held["origin"]), str(held["press"])
    except (ValueError, TypeError, KeyError):
        raise Rejected("This window belongs to another version of Threadwork.", "Close it and try again.") from None
    return origin, Click.decode(click) if click else None


# --- inputs --------------------------------------------------------------------------------------------


def typed_in(
    name: str, label: str, value: str = "", lines: bool = False, needed: bool = True, hint: str = "", example: str = ""
) -> Block:
    """A line, or several, to type; `value` stands there already."""
    element = PlainTextInputElement(
        action_id=name,
        multiline=lines,
        initial_value=value[:MAX_INPUT] or None,
        max_length=MAX_INPUT,
        placeholder=PlainTextObject(text=cut(example, 150)) if example else None,
    )
    return asked(name, label, element, needed, hint)


def number(name: str, label: str, value: float, whole: bool) -> Block:
    element = NumberInputElement(action_id=name, is_decimal_allowed=not whole, initial_value=_digits(value))
    return asked(name, label, element)


def chosen(
    name: str, label: str, options: Sequence[tuple[str, str]], first: str = "", needed: bool = True
) -> list[Block]:
    """One of the options (value, label). Those that Slack does not take are left out; without any, nothing is asked."""
    made = {
        value: Option(value=value, text=PlainTextObject(text=cut(shown or value)))
        for value, shown in options
        if 0 < len(value) <= VALUE
    }
    few = dict(list(made.items())[:CHOICES])
    element = StaticSelectElement(action_id=name, options=list(few.values()), initial_option=few.get(first))
    return [asked(name, label, element, needed)] if few else []


def asked(name: str, label: str, element: InputInteractiveElement, needed: bool = True, hint: str = "") -> Block:
    block: Block = InputBlock(
        block_id=name,
        label=PlainTextObject(text=cut(label, 200)),
        element=element,
        optional=not needed,
        hint=PlainTextObject(text=hint) if hint else None,
    ).to_dict()
    return block


def entered(state: State, name: str) -> str:
    """What was typed or chosen; empty where nothing was."""
    held = state.get(name, {}).get(name, {})
    option = held.get("selected_option") or {}
    return str(option.get("value") or held.get("value") or "")


def _digits(value: float) -> str:
    """A number without an exponent, which Slack's input does not take."""
    return str(value) if isinstance(value, int) else f"{value:.15f}".rstrip("0").rstrip(".")
