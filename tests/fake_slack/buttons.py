"""Finding the button that a person means, and the action that a click on it is."""

from typing import Any

from tests.fake_slack.blocks import nodes
from tests.fake_slack.forms import STATES, Impossible, option

Json = dict[str, Any]
SIDES = ("positive_button", "negative_button")


def action(blocks: list[Json], wanted: str, choice: Any, stamp: str) -> Json:
    """`wanted`: an action id or a label, also of what stands in an overflow. `choice`: the option, where it is a
    menu. Raises `Impossible`."""
    found = list(_clickable(blocks))
    if menu := _holding(found, wanted):
        wanted, choice = menu["action_id"], wanted
    by_id = [one for one in found if one[1]["action_id"] == wanted]
    chosen = by_id or [one for one in found if one[2] == wanted]
    if len(chosen) != 1:
        labels = ", ".join(f"[{label}]" for _, _, label, _ in found) or "none"
        raise Impossible(f"{len(chosen)} buttons are {wanted!r}; there are {labels}.")
    block, element, _, face = chosen[0]
    made = {"action_id": element["action_id"], "block_id": block["block_id"], "type": element["type"]}
    made |= {name: face[name] for name in ("text", "value", "style", "url", "confirm") if name in face}
    if element["type"] == "overflow" or element["type"] in STATES:
        made |= _choice(element, choice)
    return {**made, "action_ts": stamp}


def _choice(element: Json, choice: Any) -> Json:
    if element["type"] == "overflow":
        return {"selected_option": option(element, choice)}
    return STATES[element["type"]](element, choice)


def _holding(found: list[tuple[Json, Json, str, Json]], wanted: str) -> Json | None:
    """The overflow that has such an entry, which nobody sees before it is opened."""
    menus = [element for _, element, _, _ in found if element["type"] == "overflow"]
    holding = [menu for menu in menus if any(one["text"]["text"] == wanted for one in menu["options"])]
    return holding[0] if len(holding) == 1 else None


def _clickable(blocks: list[Json]) -> list[tuple[Json, Json, str, Json]]:
    """Block, element, label, and what carries text and value, of everything that can be clicked."""
    found = []
    for block in blocks:
        for node in nodes(block):
            if not node.get("action_id"):
                continue
            faces = [node[side] for side in SIDES if side in node] or [node]
            found += [(block, node, str((face.get("text") or {}).get("text", "")), face) for face in faces]
    return found
