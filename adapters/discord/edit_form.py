"""Arguments of a tool call as a form: an input for each where they are few and flat, else all of them as JSON."""

import json
import math
from collections.abc import Callable
from typing import Any

from adapters.card_words import one_line
from adapters.discord.fields import FIELDS, TYPED, Field, Values, chosen, typed_in
from workflows.cards import ApprovalCard
from workflows.errors import Rejected

WHOLE_JSON = "json"  # the one input for everything
WHOLE = 2**53  # beyond it a number does not survive every reader of JSON
TRUTHS = (("true", ""), ("false", ""))
Scalar = str | bool | int | float


def inputs(card: ApprovalCard) -> list[Field] | None:
    """The inputs, filled in. None: the arguments are too long for Discord's forms."""
    flat = _flat(card)
    if flat is not None:
        return [field for at, (name, value) in enumerate(flat.items()) for field in _input(_name(at), name, value)]
    text = _readable(card.arguments)
    if len(text) > TYPED:
        return None
    return [typed_in(WHOLE_JSON, "Arguments", text, lines=True, hint="JSON, as the tool takes it.")]


def edited(values: Values, card: ApprovalCard) -> str:
    """The arguments as JSON, each of the type it had. Raises `Rejected`."""
    flat = _flat(card)
    if flat is None:
        return _whole(values.get(WHOLE_JSON, ""))
    made = {}
    for at, (name, old) in enumerate(flat.items()):
        try:
            made[name] = PARSERS[type(old)](values.get(_name(at), ""))
        except ValueError as error:
            raise Rejected(f"{one_line(name)}: {error}", "Open the form again.") from None
    return json.dumps(made, ensure_ascii=False)


def _whole(text: str) -> str:
    try:
        made = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise Rejected(f"This is not JSON{where}.", "Check quotes, commas and brackets.") from None
    if not isinstance(made, dict):
        raise Rejected("The arguments must be an object: { … }.")
    return json.dumps(made, ensure_ascii=False)


def _flat(card: ApprovalCard) -> dict[str, Scalar] | None:
    """Arguments by name, where each can have an input of its own."""
    try:
        known = json.loads(card.arguments)
    except (ValueError, RecursionError):
        return None
    if not isinstance(known, dict) or not 0 < len(known) <= FIELDS or not all(map(_simple, known.values())):
        return None
    return known


def _simple(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value) and abs(value) < WHOLE
    if isinstance(value, str):
        return len(value) <= TYPED
    return isinstance(value, int) and abs(value) < WHOLE


def _input(name: str, label: str, value: Scalar) -> list[Field]:
    shown = one_line(label) or "(no name)"
    if isinstance(value, bool):
        return chosen(name, shown, TRUTHS, json.dumps(value))
    text = value if isinstance(value, str) else json.dumps(value)
    return [typed_in(name, shown, text, lines="\n" in text or len(text) > 60, needed=False)]


def _bool(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("choose true or false.")
    return text == "true"


def _int(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError("this must be a whole number.") from None


def _float(text: str) -> float:
    try:
        made = float(text)
    except ValueError:
        made = math.nan
    if not math.isfinite(made):
        raise ValueError("this must be a number.")
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
    """Of an input. The argument's own name may be of any length."""
    return f"argument:{at}"
