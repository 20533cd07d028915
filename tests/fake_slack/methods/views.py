"""views.*: modals and the App Home."""

from typing import Any

from tests.fake_slack import blocks
from tests.fake_slack.call import Call
from tests.fake_slack.windows import DEEPEST

Json = dict[str, Any]


def opened(call: Call) -> Json:
    given = _view(call, "modal")
    user = call.world.triggers.exchange(call)
    return {"view": call.world.windows.open(call.team, user, given)}


def push(call: Call) -> Json:
    given = _view(call, "modal")
    user = call.world.triggers.exchange(call)
    stack = call.world.windows.stacks.get(user)
    if not stack:
        raise call.refusal("not_found")
    if len(stack) >= DEEPEST:
        raise call.refusal("push_limit_reached")
    return {"view": call.world.windows.push(call.team, user, given)}


def update(call: Call) -> Json:
    given = _view(call, "modal")
    found = call.world.windows.find(call.get("view_id", ""), call.get("external_id", ""))
    if found is None:
        raise call.refusal("not_found")
    _, old = found
    if call.get("hash") not in (None, old["hash"]):
        raise call.refusal("hash_conflict")
    return {"view": call.world.windows.replace(call.team, old, given)}


def publish(call: Call) -> Json:
    given = _view(call, "home")
    if not call.world.settings.home_tab:
        raise call.refusal("not_enabled")
    user = call.get("user_id")
    if user not in call.world.state.users:
        raise call.breach(f"there is nobody {user}.")
    old = call.world.windows.homes.get((call.team.id, user))
    if call.get("hash") is not None and (old is None or call.get("hash") != old["hash"]):
        raise call.refusal("hash_conflict")
    return {"view": call.world.windows.publish(call.team, user, given)}


def _view(call: Call, type_: str) -> Json:
    given = call.get("view")
    if blocks.too_large(given):
        raise call.breach("the view is over 250 kB.", "view_too_large")
    if found := blocks.view_problems(given):
        raise call.breach(" ".join(found))
    if given["type"] != type_:
        raise call.breach(f"a {given['type']} view does not go here.")
    taken = call.method in ("views.open", "views.push") and call.world.windows.taken(given.get("external_id", ""))
    if taken:
        raise call.refusal("duplicate_external_id")
    return dict(given)


METHODS = {"views.open": opened, "views.push": push, "views.update": update, "views.publish": publish}
