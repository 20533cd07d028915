"""Arguments of a tool call as a form: an input for each where they are few and flat, else all of them as JSON."""

import json
import math
from collections.abc import Callable
from typing import Any

from adapters.card_words import excerpt, one_line
from adapters.slack.blocks import Block, bold, rich, section
from adapters.slack.views import TYPED, BadForm, State, chosen, entered, number, typed_in
from workflows.cards import ApprovalCard

FLAT = 20  # arguments that get an input of their own
WHOLE = 2**53  # beyond it a number does not survive every reader of JSON
TRUTHS = (("true", "true"), ("false", "false"))
WHOLE_JSON = "json"  # block id of the one input for everything
Scalar = str | bool | int | float


def inputs(card: ApprovalCard) -> list[Block] | None:
    """The inputs, filled in. None: the arguments are too long for Slack's windows."""
    flat = _flat(card)
    if flat is not None:
        return [block for at, (name, value) in enumerate(flat.items()) for block in _input(_name(at), name, value)]
    text = _readable(card.arguments)
    if len(text) > TYPED:
        return None
    return [typed_in(WHOLE_JSON, "Arguments", text, lines=True, hint="JSON, as the tool takes it.")]


def edited(state: State, card: ApprovalCard) -> str:
    """The arguments as JSON, each of the type it had. `state`: `view.state.values`.

    Raises `BadForm` with a sentence for each input that cannot be used."""
    flat = _flat(card)
    if flat is None:
        return _whole(entered(state, WHOLE_JSON))
    made, errors = {}, {}
    for at, (name, old) in enumerate(flat.items()):
        try:
            made[name] = old if _too_long(old) else PARSERS[type(old)](entered(state, _name(at)))
        except ValueError as error:
            errors[_name(at)] = str(error)
    if errors:
        raise BadForm(errors)
    return json.dumps(made, ensure_ascii=False)


def _whole(text: str) -> str:
    try:
        made = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise BadForm({WHOLE_JSON: f"This is not JSON{where}: check quotes, commas and brackets."}) from None
    if not isinstance(made, dict):
        raise BadForm({WHOLE_JSON: "The arguments must be an object: { … }."})
    return json.dumps(made, ensure_ascii=False)


def _flat(card: ApprovalCard) -> dict[str, Scalar] | None:
    """Arguments by name, where each can have an input of its own."""
    try:
        known = json.loads(card.arguments)
    except (ValueError, RecursionError):
        return None
    if not isinstance(known, dict) or not 0 < len(known) <= FLAT or not all(map(_simple, known.values())):
        return None
    return known


def _simple(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value) and abs(value) < WHOLE and float(f"{value:.15f}") == value
    return isinstance(value, str) or (isinstance(value, int) and abs(value) < WHOLE)


def _input(block_id: str, name: str, value: Scalar) -> list[Block]:
    label = one_line(name) or "(no name)"
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
    return isinstance(value, str) and len(value) > TYPED


def _bool(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("Choose true or false.")
    return text == "true"


def _int(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError("This must be a whole number.") from None


def _float(text: str) -> float:
    try:
        made = float(text)
    except ValueError:
        made = math.nan
    if not math.isfinite(made):
        raise ValueError("This must be a number.")
    return made


PARSERS: dict[type, Callable[[str], Scalar]] = {str: str, bool: _bool, int: _int, float: _float}


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number.")


def _readable(text: str) -> str:
    """JSON with a line for each value, where that fits."""
    try:
        pretty = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text
    return pretty if len(pretty) <= TYPED else text


def _name(at: int) -> str:
    """Block id of an input. The argument's own name may be of any length."""
    return f"argument:{at}"
