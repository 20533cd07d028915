"""The arguments of a tool call as people read them before they allow it: as they will run, nothing hidden."""

import json
import re
from typing import Any

from threadwork.adapters.wording.card_words import INVISIBLE, revealed

_HIDDEN = re.compile(INVISIBLE)
_NUMBER = re.compile(r"[-+.\d][-+.\de_]*", re.I)


def arguments(text: str) -> str:
    """The arguments of a tool call (JSON) as they will run, one a line; a text of several lines stands below its
    name, each line behind a bar, so that it cannot be taken for another argument."""
    known = named_arguments(text)
    return revealed(text) if known is None else "\n".join(f"{name}:{value}" for name, value in known)


def named_arguments(text: str) -> list[tuple[str, str]] | None:
    """Name and value of each, as people are shown them: after the colon follows a blank and the value, or lines of it.
    None: it is no object with anything in it."""
    try:
        known = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(known, dict) or not known:
        return None
    return [(_name(name), _value(value)) for name, value in known.items()]


def editable(text: str, indent: int | None = None) -> str:
    """The arguments of a tool call as JSON that means the same, with escapes for what nobody would see in a form.
    What is no JSON stays as it is."""
    try:
        written = json.dumps(json.loads(text), ensure_ascii=False, indent=indent)
    except (ValueError, RecursionError):
        return text
    return _HIDDEN.sub(lambda found: json.dumps(found[0])[1:-1], written)


def arguments_in_a_line(text: str) -> str:
    """The arguments of a tool call on one line: `name="a.md" text="…"`."""
    try:
        known = json.loads(text)
    except (ValueError, RecursionError):
        known = None
    if not isinstance(known, dict):
        return revealed(text).replace("\n", "\\n")
    return " ".join(f"{_name(name)}={_json(value)}" for name, value in known.items())


def _name(name: str) -> str:
    """A name that could be taken for more than one is written as JSON."""
    plain = re.fullmatch(r"[^\s:=\"'│]+(?: [^\s:=\"'│]+)*", name)
    return revealed(name) if plain else _json(name)


def _value(value: Any) -> str:
    if isinstance(value, str) and "\n" in value:
        return "".join(f"\n│ {line}" for line in revealed(value).split("\n"))
    return f" {value if _is_plain(value) else _json(value)}"


def _is_plain(value: Any) -> bool:
    """A text that nobody could take for a number or a list, or for another text, so that it needs no quotes."""
    if not isinstance(value, str) or not value or value != value.strip() or value[0] in "\"'[{│":
        return False
    if "\\" in value or "\t" in value or "  " in value or revealed(value) != value:
        return False
    return value not in ("true", "false", "null") and not _NUMBER.fullmatch(value)


def _json(value: Any) -> str:
    return revealed(json.dumps(value, ensure_ascii=False))
