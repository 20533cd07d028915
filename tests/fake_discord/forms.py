"""What a person fills in: the fields of a modal, and what Discord makes of them; menus and buttons of a message."""

from typing import Any

from tests.fake_discord.content import BUTTON, LINK, SELECTS, nodes
from tests.fake_discord.user_session import Impossible

Json = dict[str, Any]
ROW, MENU, INPUT, TEXT, LABEL = 1, 3, 4, 10, 18  # kinds of a component
LONGEST = 4_000  # characters of a field


def filled(components: list[Json], values: Json) -> list[Json]:
    """`values`: by custom_id or label; what is left out keeps what the field held.

    Raises `Impossible` where Discord's own window would not let a person go on."""
    left = dict(values)
    made = [_row(row, left) for row in components if row["type"] != TEXT]
    if left:
        raise Impossible(f"There is no field {', '.join(left)}.")
    return made


def _row(row: Json, left: Json) -> Json:
    if row["type"] == LABEL:
        return {"type": LABEL, "id": row.get("id", 0), "component": _field(row["component"], row["label"], left)}
    return {"type": ROW, "id": row.get("id", 0), "components": [_field(one, one.get("label"), left)
                                                               for one in row["components"]]}  # fmt: skip


def _field(field: Json, label: str | None, left: Json) -> Json:
    key = next((key for key in (field["custom_id"], label) if key in left), None)
    given = left.pop(key) if key is not None else None
    made = {"type": field["type"], "id": field.get("id", 0), "custom_id": field["custom_id"]}
    if field["type"] == INPUT:
        return {**made, "value": _written(field, label, given)}
    return {**made, "values": _chosen(field, label, given)}


def _written(field: Json, label: str | None, given: Any) -> str:
    value = str(field.get("value") or "") if given is None else str(given)
    least, most = field.get("min_length") or 0, field.get("max_length") or LONGEST
    if not value and field.get("required", True):
        raise Impossible(f"{label or field['custom_id']} has to be filled in.")
    if len(value) > most or (value and len(value) < least):
        raise Impossible(f"{len(value)} characters do not fit {label or field['custom_id']} ({least} to {most}).")
    return value


def _chosen(field: Json, label: str | None, given: Any) -> list[str]:
    wanted = [given] if isinstance(given, str) else given
    options = field.get("options") or []
    if wanted is None:
        wanted = [one["value"] for one in options if one.get("default")]
    values = [_option(options, one) if options else str(one) for one in wanted]
    least, most = field.get("min_values", 1), field.get("max_values", 1)
    if not values and not field.get("required", True):
        return []
    if not least <= len(values) <= most:
        raise Impossible(f"{label or field['custom_id']} wants {least} to {most} options.")
    return values


def _option(options: list[Json], wanted: Any) -> str:
    for one in options:
        if wanted in (one["value"], one["label"]):
            return str(one["value"])
    raise Impossible(f"There is no option {wanted!r}.")


def clicked(components: list[Json], wanted: str, choice: Any) -> Json:
    """`data` of a click. `wanted`: a custom_id or a label. `choice`: of a menu. Raises `Impossible`."""
    there = [one for one in nodes(components) if one["type"] in (BUTTON, *SELECTS)]
    by_id = [one for one in there if one.get("custom_id") == wanted]
    found = by_id or [one for one in there if label(one) == wanted]
    if len(found) != 1:
        shown = ", ".join(f"[{label(one)}]" for one in there) or "none"
        raise Impossible(f"{len(found)} buttons are {wanted!r}; there are {shown}.")
    (button,) = found
    if button.get("disabled") or button.get("style") == LINK:
        raise Impossible(f"[{label(button)}] cannot be clicked, or is a link.")
    made: Json = {"component_type": button["type"], "custom_id": button["custom_id"], "id": button.get("id", 0)}
    return made if button["type"] == BUTTON else {**made, "values": _chosen(button, wanted, choice)}


def label(component: Json) -> str:
    """What stands on a button, or in a menu nobody has touched."""
    emoji = (component.get("emoji") or {}).get("name") or ""
    written = str(component.get("label") or component.get("placeholder") or "")
    return " ".join(part for part in (emoji, written) if part)
