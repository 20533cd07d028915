"""What a person fills in: the fields of a view or message, and the state that Slack makes of it."""

from collections.abc import Callable, Iterator
from typing import Any

Json = dict[str, Any]


class Impossible(Exception):
    """No person could do this: there is no such button, field, message or window."""


def fields(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Every block and element that holds a value."""
    for block in blocks:
        inside = [block.get("element"), block.get("accessory"), *(block.get("elements") or ())]
        for element in inside:
            if isinstance(element, dict) and element.get("type") in STATES:
                yield block, element


def filled(blocks: list[Json], values: Json, strict: bool = True) -> Json:
    """`state.values`. `values`: by action id, block id or label. `strict`: as on submit, what is needed must be there.

    Raises `Impossible` where Slack's own window would not let a person go on."""
    left, state = dict(values), dict[str, Json]()
    for block, element in fields(blocks):
        keys = (element.get("action_id"), block["block_id"], (block.get("label") or {}).get("text"))
        key = next((key for key in keys if key in left), None)
        value = left.pop(key) if key is not None else None
        held = STATES[element["type"]](element, value)
        if strict and block["type"] == "input" and not block.get("optional") and _empty(held):
            raise Impossible(f"{keys[2]} has to be filled in.")
        state.setdefault(block["block_id"], {})[element["action_id"]] = {"type": element["type"], **held}
    if left:
        raise Impossible(f"There is no field {', '.join(left)}.")
    return state


def _empty(held: Json) -> bool:
    return all(value in (None, "", []) for value in held.values())


def _text(element: Json, value: Any) -> Json:
    given = element.get("initial_value") if value is None else str(value)
    if given and len(given) > (element.get("max_length") or 3_000):
        raise Impossible(f"{len(given)} characters do not fit the field.")
    if given and len(given) < (element.get("min_length") or 0):
        raise Impossible("The field wants more characters.")
    return {"value": given or None}


def options(element: Json) -> list[Json]:
    groups = element.get("option_groups") or ()
    return [*(element.get("options") or ()), *(option for group in groups for option in group["options"])]


def option(element: Json, wanted: Any) -> Json:
    for one in options(element):
        if wanted in (one.get("value"), one["text"]["text"]):
            return one
    raise Impossible(f"There is no option {wanted!r}.")


def _one(element: Json, value: Any) -> Json:
    return {"selected_option": option(element, value) if value is not None else element.get("initial_option")}


def _several(element: Json, value: Any) -> Json:
    chosen = [option(element, one) for one in value] if value is not None else element.get("initial_options") or []
    return {"selected_options": chosen}


def _picked(name: str) -> Callable[[Json, Any], Json]:
    def pick(element: Json, value: Any) -> Json:
        return {f"selected_{name}": value if value is not None else element.get(f"initial_{name}")}

    return pick


def _files(element: Json, value: Any) -> Json:
    return {"files": value or []}


STATES: dict[str, Callable[[Json, Any], Json]] = {
    "plain_text_input": _text,
    "number_input": _text,
    "email_text_input": _text,
    "url_text_input": _text,
    "static_select": _one,
    "external_select": _one,
    "radio_buttons": _one,
    "checkboxes": _several,
    "multi_static_select": _several,
    "users_select": _picked("user"),
    "multi_users_select": _picked("users"),
    "channels_select": _picked("channel"),
    "multi_channels_select": _picked("channels"),
    "conversations_select": _picked("conversation"),
    "multi_conversations_select": _picked("conversations"),
    "datepicker": _picked("date"),
    "timepicker": _picked("time"),
    "datetimepicker": _picked("date_time"),
    "file_input": _files,
}
