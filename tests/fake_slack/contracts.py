"""Slack's published contracts of its methods: which arguments there are, and which errors."""

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from tests.chat_platform.answers import Answer, Interrupted

METHODS = Path(__file__).resolve().parents[1] / "contracts" / "slack" / "methods"
NESTED = {"blocks", "attachments", "unfurled_attachments", "metadata", "view", "chunks", "files"}
EVERYWHERE = {"invalid_arguments", "invalid_auth", "internal_error"}  # answered by any method, listed by few
BY_THE_SDKS = {"team_id": {"required": False, "type": "string"}}  # Bolt sends it with every call of every method
ALTERNATIVES = {"chat.appendStream": {"markdown_text"}}  # called required, though `chunks` serve instead
TIMESTAMP = re.compile(r"\d{1,12}(\.\d{1,6})?")


@cache
def contract(method: str) -> dict[str, Any] | None:
    """None: no such method."""
    path = METHODS / f"{method}.json"
    return json.loads(path.read_text()) if path.is_file() else None


def errors(method: str) -> set[str]:
    found = contract(method)
    return EVERYWHERE | set(found["errors"] if found else ())


def breach(error: str, problem: str) -> Interrupted:
    """A refusal that is the client's own fault. `problem`: a sentence for people."""
    body = {"ok": False, "error": error, "response_metadata": {"messages": [f"[ERROR] {problem}"]}}
    return Interrupted(Answer(outcome="refused", body=body, violation=problem))


def arguments(method: str, raw: dict[str, Any]) -> dict[str, Any]:
    """The arguments decoded, nested ones too. Raises `Interrupted` for what breaks the contract."""
    found = contract(method)
    assert found
    given = {name: value for name, value in raw.items() if value is not None}
    specs = BY_THE_SDKS | found["args"]
    if unknown := sorted(given.keys() - specs.keys()):
        raise breach("invalid_arguments", f"{method} knows no argument {', '.join(unknown)}.")
    required = {name for name, spec in specs.items() if spec["required"]} - ALTERNATIVES.get(method, set())
    if missing := sorted(name for name in required if given.get(name) in (None, "")):
        raise breach("invalid_arguments", f"{method} needs {', '.join(missing)}.")
    return {name: _decoded(method, name, specs[name].get("type"), value) for name, value in given.items()}


def _decoded(method: str, name: str, type_: Any, value: Any) -> Any:
    if name == "file_ids":  # in chat.update's own words: with commas, or as JSON
        return value.split(",") if isinstance(value, str) and value[:1] != "[" else _nested(method, name, value)
    if name in NESTED:
        return _nested(method, name, value)
    kinds = type_ if isinstance(type_, list) else [type_]
    for kind in kinds:
        decode: Callable[[Any], Any] = DECODERS.get(kind, _string)
        decoded = decode(value)
        if decoded is not None:
            return decoded
    raise breach("invalid_arguments", f"{method}: {name} must be {' or '.join(map(str, kinds))}, not {value!r:.80}.")


def _nested(method: str, name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value) if value else None
    except ValueError:
        error = "invalid_blocks_format" if name == "blocks" and name in errors(method) else "invalid_arguments"
        raise breach(error, f"{method}: {name} is no JSON.") from None


def _boolean(value: Any) -> bool | None:
    return {"true": True, "1": True, "false": False, "0": False}.get(str(value).lower())


def _number(value: Any) -> int | None:
    return int(value) if not isinstance(value, bool) and re.fullmatch(r"-?\d+", str(value)) else None


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _timestamp(value: Any) -> str | None:
    return str(value) if not isinstance(value, bool) and TIMESTAMP.fullmatch(str(value)) else None


def _array(value: Any) -> list[Any] | None:
    if isinstance(value, str) and value.startswith("["):
        value = json.loads(value)
    return value if isinstance(value, list) else None


DECODERS: dict[Any, Callable[[Any], Any]] = {
    "boolean": _boolean,
    "number": _number,
    "integer": _number,
    "timestamp": _timestamp,
    "array": _array,
}
