"""What people may write: checked at the door, so that nothing behind it has to."""

import json
from math import isfinite
from typing import Any
from unicodedata import category

from threadwork.workflows.errors import Rejected
from threadwork.workflows.texts import DEPTH, cleaned, deeper_than

TEXT_LIMIT = 1_000_000  # bytes of one text in UTF-8
MONEY_LIMIT = 1_000_000  # dollars: far below where nano-dollars leave 64 bits
COUNT_LIMIT = 1_000_000_000  # tokens or iterations that can be added at once
KEY_LIMIT = 200  # characters of an id, a name or a digest

_UNSEEN = {"Cc", "Cf", "Me", "Mn", "Zl", "Zp", "Zs"}  # Unicode categories that leave no mark on a screen
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"  # letters and signs that leave none either


class TooLarge(Rejected):
    """More text than is taken."""


def text(given: str, what: str) -> str:
    """The text without white space around it. Raises `Rejected` where there is nothing to see, and `TooLarge`."""
    said = given.strip()
    if all(category(character) in _UNSEEN or character in _BLANK for character in said):
        raise Rejected(f"{what} is empty.", "Write what you want.")
    return whole(said, what)


def whole(given: str, what: str) -> str:
    """The text as it is, also an empty one. Raises `TooLarge`, and `Rejected` for what no database keeps."""
    if "\x00" in given:
        raise Rejected(f"{what} holds a NUL character, which cannot be stored.")
    try:
        size = len(given.encode())
    except UnicodeEncodeError:
        raise Rejected(f"{what} is not valid Unicode text.") from None
    if size > TEXT_LIMIT:
        raise TooLarge(f"{what} has {size:,} bytes; at most {TEXT_LIMIT:,} are allowed.", "Put the text into a file.")
    return given


def short(given: str, what: str) -> str:
    """An id, a name or a digest as it is, also an empty one. Raises `Rejected`."""
    if len(given) > KEY_LIMIT:
        raise Rejected(f"{what} has {len(given):,} characters; at most {KEY_LIMIT} are allowed.")
    return whole(given, what)


def money(given: float, what: str) -> float:
    """Dollars. Raises `Rejected`."""
    if not isfinite(given) or not 0 <= given <= MONEY_LIMIT:
        raise Rejected(f"{what} must be a number of dollars from 0 to {MONEY_LIMIT:,}.")
    return given


def count(given: int, what: str) -> int:
    """Tokens or iterations. Raises `Rejected`."""
    if not 0 <= given <= COUNT_LIMIT:
        raise Rejected(f"{what} must be a whole number from 0 to {COUNT_LIMIT:,}.")
    return given


def arguments(given: Any) -> str:
    """Rewritten arguments of a tool as JSON. Raises `Rejected` unless they are an object."""
    if not isinstance(given, dict):
        raise Rejected("The arguments must be a JSON object.", 'Write them like {"path": "notes.txt"}.')
    if deeper_than(given):
        raise Rejected(f"The arguments are nested too deeply; at most {DEPTH} levels are allowed.")
    if cleaned(given) != given:
        raise Rejected("The arguments hold a character that is not allowed in text (NUL, or half of a surrogate pair).")
    try:
        return whole(json.dumps(given, ensure_ascii=False, allow_nan=False), "The text of the arguments")
    except ValueError:
        raise Rejected("The arguments hold a number that is not valid JSON.") from None


def key(given: str) -> str:
    """A platform's own id of a command. Raises `Rejected`."""
    if not given or len(given) > KEY_LIMIT or not given.isascii() or not given.isprintable():
        raise Rejected(f"An idempotency key is 1 to {KEY_LIMIT} printable ASCII characters.")
    return given
