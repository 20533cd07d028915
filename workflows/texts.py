"""Texts of models, tools and people's profiles as every store and every wire takes them: whole characters, no NUL."""

from typing import Any

LOST = "\ufffd"  # in the place of what no text can hold
DEPTH = 100  # of things in one another that are read of a JSON value


class TooDeep(ValueError):
    """A JSON value with too many things in one another."""

    def __init__(self) -> None:
        super().__init__(f"it is nested more than {DEPTH} levels deep")


def clean(text: str) -> str:
    """The text with halves of a pair that belong together joined; what is left alone, and NUL, becomes `LOST`.

    JSON lets half a surrogate pair through, UTF-8 does not; PostgreSQL takes no NUL."""
    if text.isascii():
        return text.replace("\0", LOST)
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\0", LOST)


def cleaned(value: Any) -> Any:
    """A JSON value with all its texts, keys too, as `clean` makes them. Raises `RecursionError` for a very deep one."""
    match value:
        case str():
            return clean(value)
        case dict():
            return {clean(str(key)): cleaned(inner) for key, inner in value.items()}
        case list() | tuple():
            return [cleaned(inner) for inner in value]
    return value


def deeper_than(value: Any, depth: int = DEPTH) -> bool:
    """Whether a JSON value has more than `depth` things in one another."""
    level = [value]
    for _ in range(depth + 1):
        level = [inner for outer in level if isinstance(outer, dict | list) for inner in _inside(outer)]
    return bool(level)


def _inside(outer: dict[str, Any] | list[Any]) -> list[Any]:
    return list(outer.values()) if isinstance(outer, dict) else outer


class Pieces:
    """A text that comes in pieces, which may end in the middle of a pair."""

    def __init__(self) -> None:
        self._half = ""

    def take(self, piece: str) -> str:
        """What is whole by now: a first half is kept back until the next piece."""
        text = self._half + piece
        self._half = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
        return clean(text[:-1] if self._half else text)

    def rest(self) -> str:
        """What no other half came for."""
        half, self._half = self._half, ""
        return clean(half)
