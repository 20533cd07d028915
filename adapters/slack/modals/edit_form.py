"""Arguments of a tool call as a form: an input for each where they are few and flat, else all of them as JSON."""

import json
from collections.abc import Callable
from typing import Any

from threadwork.adapters.chat.edited_arguments import WHOLE_JSON, Scalar, flat, name, parsed, readable, whole
from threadwork.adapters.slack.cards.blocks import Block, bold, rich, section
from threadwork.adapters.slack.modals.views import MAX_INPUT, BadForm, State, chosen, entered, number, typed_in
from threadwork.adapters.wording.card_words import excerpt, one_line
from threadwork.workflows.cards import ApprovalCard

FLAT = 20  # arguments that get an input of their own
TRUTHS = (("true", "true"), ("false", "false"))


def inputs(card: ApprovalCard) -> list[Block] | None:
    """The inputs, filled in. None: the arguments are too long for Slack's windows."""
    known = flat(card.arguments, FLAT, _fits)
    if known is not None:
        return [block for at, (label, value) in enumerate(known.items()) for block in _input(name(at), label, value)]
    text = readable(card.arguments, MAX_INPUT)
    if len(text) > MAX_INPUT:
        return None
    return [typed_in(WHOLE_JSON, "Arguments", text, lines=True, hint="JSON, as the tool takes it.")]


def edited(state: State, card: ApprovalCard) -> str:
    """The arguments as JSON, each of the type it had. `state`: `view.state.values`.

    Raises `BadForm` with a sentence for each input that cannot be used."""
    known = flat(card.arguments, FLAT, _fits)
    if known is None:
        return _whole(entered(state, WHOLE_JSON))
    made, errors = {}, {}
    for at, (label, old) in enumerate(known.items()):
        try:
            made[label] = old if _too_long(old) else parsed(entered(state, name(at)), old)
        except ValueError as error:
            errors[name(at)] = str(error)
    if errors:
        raise BadForm(errors)
    return json.dumps(made, ensure_ascii=False)


def _whole(text: str) -> str:
    try:
        return whole(text)
    except ValueError as error:
        raise BadForm({WHOLE_JSON: str(error)}) from None


def _fits(value: str | float) -> bool:
    """A text that is too long stays as it is; an input for numbers takes no exponent."""
    return isinstance(value, str) or float(f"{value:.15f}") == value


def _input(block_id: str, argument: str, value: Scalar) -> list[Block]:
    label = one_line(argument) or "(no name)"
    if _too_long(value):
        kept = f" is too long to be edited here; it stays as it is: {excerpt(str(value), 200, 3)}"
        return [rich(section(bold(label), kept))]
    return INPUTS[type(value)](block_id, label, value)


def _text_input(block_id: str, label: str, value: str) -> list[Block]:
    return [typed_in(block_id, label, value, lines="\n" in value or len(value) > 60, needed=False)]


INPUTS: dict[type, Callable[[str, str, Any], list[Block]]] = {
    str: _text_input,
    bool: lambda block_id, label, value: chosen(block_id, label, TRUTHS, json.dumps(value)),
    int: lambda block_id, label, value: [number(block_id, label, value, whole=True)],
    float: lambda block_id, label, value: [number(block_id, label, value, whole=False)],
}


def _too_long(value: Scalar) -> bool:
    return isinstance(value, str) and len(value) > MAX_INPUT
