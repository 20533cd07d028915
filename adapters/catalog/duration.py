"""A length of time as people write it."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from threadwork.workflows.agents import YEAR

SYNTAX = "a length of time such as 90s, 15m, 2h or 1d, or a number of seconds"
MAX_DURATION_TEXT = 50  # characters
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhdw])\s*")


def seconds(value: Any) -> Any:
    """Seconds of "90s", "1h30m" or "2d"; anything that is not a text is returned as it is. Raises ValueError."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if not text or len(text) > MAX_DURATION_TEXT or _PART.sub("", text):
        raise ValueError(f"must be {SYNTAX}")
    return sum(float(count) * _SECONDS[unit] for count, unit in _PART.findall(text))


_WRITTEN = r"^\s*(\d+(\.\d+)?(ms|[smhdw])\s*)+$"
WRITTEN: dict[str, list[dict[str, Any]]] = {  # for editors
    "anyOf": [
        {"type": "number", "exclusiveMinimum": 0, "maximum": YEAR},
        {"type": "string", "pattern": _WRITTEN},
    ]
}
Duration = Annotated[
    float, BeforeValidator(seconds), Field(gt=0, le=YEAR, allow_inf_nan=False), WithJsonSchema(WRITTEN)
]
Expiry = Annotated[
    Duration | None,
    BeforeValidator(lambda value: None if value == "never" else value),
    WithJsonSchema({"anyOf": [WRITTEN["anyOf"][0], {"type": "string", "pattern": rf"^never$|{_WRITTEN}"}]}),
]  # None: never
