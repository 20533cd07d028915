"""What a form of a tool server has in it: its words as people see them, and what makes it unfit for a thread."""

import json
import re
from collections.abc import Mapping
from typing import Any

from threadwork.workflows.texts import LOST, clean, deeper_than
from threadwork.workflows.values import preview

NESTED, FIELDS, SIZE = 32, 100, 100_000  # levels, fields, characters of JSON
MARKUP = re.compile(r"[*`~<>|]")
MAX_FIELD_NAME = 60  # characters of a field's name that are shown


def said(params: Mapping[str, Any]) -> str:
    return line(str(params.get("message", "")))


def line(text: str) -> str:
    """The server's words on one line; a link in them shows where it leads."""
    return " ".join(clean(text).split()).replace("](", "] (")


def shown_name(name: str) -> str:
    """A field's name as people see it and write it before their answer; the server's own may have odd characters."""
    return preview(MARKUP.sub("", line(name)), MAX_FIELD_NAME)


def fields(params: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """By the server's own names."""
    schema = params.get("requestedSchema")
    given = schema.get("properties") if isinstance(schema, dict) else None
    return {str(n): f for n, f in given.items() if isinstance(f, dict)} if isinstance(given, dict) else {}


def choices(field: Mapping[str, Any]) -> list[Any]:
    """The answers that a server takes; empty where it takes others too."""
    if field.get("type") == "boolean":
        return ["Yes", "No"]
    if isinstance(field.get("enum"), list):
        return list(field["enum"])
    titled = field.get("oneOf") or field.get("anyOf")
    found = titled if isinstance(titled, list) else []
    return [one["const"] for one in found if isinstance(one, dict) and "const" in one]


def unfit(params: Mapping[str, Any]) -> str:
    """Why a form can be neither stored nor answered; empty for one that can."""
    if deeper_than(params, NESTED):
        return f"its form is nested more than {NESTED} levels deep"
    names = [*fields(params)]
    if len(names) > FIELDS:
        return f"its form has more than {FIELDS} fields"
    try:
        size = len(json.dumps(params, ensure_ascii=False).encode())
    except UnicodeEncodeError:  # half a pair: no store and no answer can hold it
        size = 0
    if size > SIZE:
        return f"its form is larger than {SIZE // 1_000} kB"
    if not size or any(LOST in name for name in names):
        return "its form has characters that no answer can give back"
    if len({shown_name(name).lower() for name in names}) < len(names):
        return "two fields of its form have the same name, as people would write it"
    return ""
