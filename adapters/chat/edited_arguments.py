"""Arguments of a tool call that a person edits: each by itself where they are few and flat, else all as JSON."""

import json
import math
from collections.abc import Callable
from typing import Any

from threadwork.adapters.wording.argument_words import editable
from threadwork.adapters.wording.card_words import clean
from threadwork.workflows.texts import DEPTH, deeper_than

WHOLE_JSON = "json"  # id of the one input for everything
_EXACT = 2**53  # beyond it a number does not survive every reader of JSON
Scalar = str | bool | int | float


def name(at: int) -> str:
    """Id of an input. The argument's own name may be of any length."""
    return f"argument:{at}"


def flat(arguments: str, most: int, fits: Callable[[str | float], bool]) -> dict[str, Scalar] | None:
    """`arguments` (JSON) by name, where each can have an input of its own.

    `most`: inputs of a form. `fits`: whether an input holds that text, or that number with a fraction."""
    try:
        known = json.loads(arguments)
    except (ValueError, RecursionError):
        return None
    if not isinstance(known, dict) or not 0 < len(known) <= most:
        return None
    return known if all(_is_flat(value, fits) for value in known.values()) else None


def _is_flat(value: Any, fits: Callable[[str | float], bool]) -> bool:
    if isinstance(value, str):
        return fits(value) and clean(value) == value  # else somebody would approve what the form does not show
    if isinstance(value, float):
        return math.isfinite(value) and abs(value) < _EXACT and fits(value)
    return isinstance(value, int) and abs(value) < _EXACT


def readable(arguments: str, limit: int) -> str:
    """JSON with a line for each value, where that fits into so many characters."""
    pretty = editable(arguments, indent=2)
    return pretty if len(pretty) <= limit else editable(arguments)


def whole(text: str) -> str:
    """All arguments as they were typed, as JSON. Raises `ValueError` with a sentence for people."""
    try:
        made = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise ValueError(f"This is not JSON{where}: check quotes, commas and brackets.") from None
    if not isinstance(made, dict):
        raise ValueError("The arguments must be an object: { … }.")
    if deeper_than(made):
        raise ValueError(f"The arguments are nested too deeply; at most {DEPTH} levels are allowed.")
    return json.dumps(made, ensure_ascii=False)


def parsed(text: str, old: Scalar) -> Scalar:
    """What was typed, of the type it had. Raises `ValueError` with a sentence for people."""
    return PARSERS[type(old)](text)


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


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number.")


PARSERS: dict[type, Callable[[str], Scalar]] = {str: str, bool: _bool, int: _int, float: _float}
