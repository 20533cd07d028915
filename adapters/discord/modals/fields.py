"""What a form is made of, as Discord takes it: labels, each with one input."""

from collections.abc import Mapping, Sequence
from typing import Any

from threadwork.adapters.discord.cards.components import cut

LABEL, HINT, TITLE = 45, 100, 45  # characters; documented
MAX_INPUT = 4_000  # characters of an input; documented
CHOICES = 25  # options of a list; documented
VALUE = 100  # characters of an option; documented
FIELDS = 5  # inputs of a form; documented

Field = dict[str, Any]
Window = dict[str, Any]
Filled = dict[str, Any]  # what came back of a form, as Discord describes it
Values = Mapping[str, str]


def window(title: str, custom_id: str, fields: Sequence[Field]) -> Window:
    return {"title": cut(title, TITLE), "custom_id": custom_id, "components": list(fields[:FIELDS])}


def typed_in(
    name: str, label: str, value: str = "", lines: bool = False, needed: bool = True, hint: str = "", example: str = ""
) -> Field:
    """A line, or several, to type; `value` stands there already."""
    component = {
        "type": 4,
        "style": 2 if lines else 1,
        "max_length": MAX_INPUT,
        "required": needed,
        **({"value": value[:MAX_INPUT]} if value else {}),
        **({"placeholder": cut(example, 100)} if example else {}),
    }
    return asked(name, label, component, hint)


def chosen(
    name: str,
    label: str,
    options: Sequence[tuple[str, str]],
    first: str = "",
    needed: bool = True,
    hint: str = "",
) -> list[Field]:
    """One of the options (value, description). Without any that Discord takes, nothing is asked."""
    made = [_option(value, told, value == first) for value, told in options if 0 < len(value) <= VALUE][:CHOICES]
    return _select(name, label, made, needed, hint)


def picked(name: str, label: str, options: Sequence[tuple[str, str]], first: str) -> list[Field]:
    """One of the options (value, what people read), which must be few and short."""
    made = [{"label": cut(told, 100), "value": value, "default": value == first} for value, told in options]
    return _select(name, label, made, needed=True, hint="")


def _select(name: str, label: str, made: list[dict[str, Any]], needed: bool, hint: str) -> list[Field]:
    component = {"type": 3, "options": made, "required": needed, "min_values": int(needed), "max_values": 1}
    return [asked(name, label, component, hint)] if made else []


def _option(value: str, told: str, first: bool) -> dict[str, Any]:
    described = {"description": cut(told, 100)} if told else {}
    return {"label": cut(value, 100), "value": value, **described, **({"default": True} if first else {})}


def asked(name: str, label: str, component: Field, hint: str = "") -> Field:
    described = {"description": cut(hint, HINT)} if hint else {}
    return {"type": 18, "label": cut(label, LABEL), **described, "component": {**component, "custom_id": name}}
