"""auth.test, apps.connections.open and oauth.v2.access: who is calling, and how an app gets in."""

from typing import Any

from tests.fake_slack import shapes
from tests.fake_slack.call import Call

Json = dict[str, Any]


def auth_test(call: Call) -> Json:
    return {
        "url": f"https://{call.team.domain}.slack.com/",
        "team": call.team.name,
        "user": "threadwork",
        "team_id": call.team.id,
        "user_id": call.team.bot_user,
        "bot_id": call.team.bot_id,
        "is_enterprise_install": False,
        **({"enterprise_id": call.team.enterprise} if call.team.enterprise else {}),
    }


def connections_open(call: Call) -> Json:
    ticket = call.world.sockets.ticket()
    return {"url": f"{shapes.BASE['url'].replace('http', 'ws', 1)}/link/?ticket={ticket}&app_id=A1"}


METHODS = {"auth.test": auth_test, "apps.connections.open": connections_open}
