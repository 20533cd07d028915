"""users.*, usergroups.*, bots.*."""

from typing import Any

from tests.fake_slack import shapes
from tests.fake_slack.call import Call
from tests.fake_slack.seed_data import APP, Group

Json = dict[str, Any]


def user(call: Call) -> Json:
    """People of other workspaces are known where they share a channel."""
    found = call.world.state.users.get(call.get("user"))
    if found is None:
        raise call.refusal("user_not_found")
    shared = (c for c in call.world.state.channels.values() if call.team.id in c.teams and found.id in c.members)
    if found.team != call.team.id and not any(shared):
        raise call.refusal("user_not_visible", "user_not_found")
    return {"user": shapes.user(found, call.team.id)}


def groups(call: Call) -> Json:
    found = [group for group in call.world.state.groups.values() if group.team == call.team.id]
    users = bool(call.get("include_users"))
    return {"usergroups": [_group(group) | ({"users": list(group.users)} if users else {}) for group in found]}


def group_users(call: Call) -> Json:
    found = call.world.state.groups.get(call.get("usergroup"))
    if found is None or found.team != call.team.id:
        raise call.refusal("no_such_subteam")
    return {"users": list(found.users)}


def bot(call: Call) -> Json:
    if call.get("bot", call.team.bot_id) != call.team.bot_id:
        raise call.refusal("bot_not_found")
    return {"bot": {"id": call.team.bot_id, "name": "threadwork", "app_id": APP, "user_id": call.team.bot_user}}


def _group(group: Group) -> Json:
    return {
        "id": group.id,
        "team_id": group.team,
        "is_usergroup": True,
        "name": group.handle.title(),
        "handle": group.handle,
        "date_delete": 0,
        "user_count": str(len(group.users)),
    }


METHODS = {
    "users.info": user,
    "usergroups.list": groups,
    "usergroups.users.list": group_users,
    "bots.info": bot,
}
