"""What a schema of arguments may say beside its structure: types, choices, numbers, texts."""

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

VALUE = 500  # characters of a default or an example
TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")
MEANT = {"int": "integer", "long": "integer", "float": "number", "double": "number", "str": "string", "text": "string"}
MEANT |= {"bool": "boolean", "dict": "object", "map": "object", "list": "array", "none": "null", "date": "string"}
NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
COUNTS = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")


def types_in(given: Any) -> list[str]:
    named = [given] if isinstance(given, str) else given if isinstance(given, list) else []
    meant = [MEANT.get(str(name).lower(), str(name).lower()) for name in named]
    return list(dict.fromkeys(name for name in meant if name in TYPES))


def values_in(given: Mapping[str, Any]) -> list[Any] | None:
    values = [given["const"]] if "const" in given else given.get("enum")
    if not isinstance(values, list) or not values:
        return None
    return distinct(value for value in values if _finite(value)) or None


def schemas_in(given: Any) -> list[Any]:
    return [part for part in given if isinstance(part, Mapping)] if isinstance(given, list) else []


def texts_in(given: Any) -> list[str]:
    return [name for name in given if isinstance(name, str)] if isinstance(given, list) else []


def distinct(values: Iterable[Any]) -> list[Any]:
    return list({json.dumps(value, sort_keys=True): value for value in values}.values())


def _finite(value: Any) -> bool:
    try:
        return len(json.dumps(value, allow_nan=False)) <= VALUE
    except (ValueError, TypeError, RecursionError):
        return False


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _pattern(value: Any) -> bool:
    try:
        return isinstance(value, str) and len(value) <= VALUE and re.compile(value) is not None
    except (re.error, RecursionError, OverflowError):
        return False


PLAIN: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(NUMBERS, _number),
    **dict.fromkeys(COUNTS, _count),
    "pattern": _pattern,
    "format": lambda value: isinstance(value, str),
    "uniqueItems": lambda value: isinstance(value, bool),
    "default": lambda value: value is not None and _finite(value),
    "examples": lambda value: isinstance(value, list) and _finite(value),
}
