"""What becomes of a window once its submission was acknowledged."""

from collections.abc import Callable
from typing import Any

from tests.fake_slack import blocks
from tests.fake_slack.journal import Delivery
from tests.fake_slack.world import World

Json = dict[str, Any]
TROUBLE = "We had some trouble connecting. Try again?"


def followed(world: World, user: str, view: Json, delivery: Delivery) -> None:
    """Do as the acknowledgement says; without one the window stays and says that something went wrong."""
    if not delivery.acked:
        view["errors"] = {"": TROUBLE}
        return
    action = delivery.body.get("response_action", "close")
    if action not in ACTIONS:
        world.journal.breach("acknowledgement", f"There is no response_action {action!r}.")
        return
    ACTIONS[action](world, user, view, delivery.body)


def _close(world: World, user: str, view: Json, body: Json) -> None:
    stack = world.windows.stacks.get(user, [])
    stack[:] = [one for one in stack if one["id"] != view["id"]]


def _clear(world: World, user: str, view: Json, body: Json) -> None:
    world.windows.stacks.pop(user, None)


def _errors(world: World, user: str, view: Json, body: Json) -> None:
    inputs = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
    given = body.get("errors") or {}
    if not given or given.keys() - inputs:
        world.journal.breach("acknowledgement", f"errors {given} are not about inputs of the view.")
    view["errors"] = given


def _update(world: World, user: str, view: Json, body: Json) -> None:
    if _fine(world, body.get("view")):
        world.windows.replace(world.state.teams[view["team_id"]], view, body["view"])


def _push(world: World, user: str, view: Json, body: Json) -> None:
    if _fine(world, body.get("view")):
        world.windows.push(world.state.teams[view["team_id"]], user, body["view"])


def _fine(world: World, view: Any) -> bool:
    found = blocks.view_problems(view)
    for problem in found:
        world.journal.breach("acknowledgement", problem)
    return not found


ACTIONS: dict[str, Callable[[World, str, Json, Json], None]] = {
    "close": _close,
    "clear": _clear,
    "errors": _errors,
    "update": _update,
    "push": _push,
}
