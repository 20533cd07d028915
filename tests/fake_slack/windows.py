"""Views: the stack of modals that a person has open, and a person's App Home."""

import secrets
from typing import Any

from tests.fake_slack.seed_data import APP, Team
from tests.fake_slack.state import State

Json = dict[str, Any]
DEEPEST = 3  # modals on each other


class Windows:
    def __init__(self, state: State) -> None:
        self.stacks: dict[str, list[Json]] = {}  # a person's open modals, the top one last
        self.homes: dict[tuple[str, str], Json] = {}  # by workspace and person
        self._state = state

    def made(self, team: Team, given: Json, **more: Any) -> Json:
        """A view as Slack gives it back: with ids, a hash and an empty state."""
        view = {
            "id": self._state.number("V"),
            "team_id": team.id,
            "app_id": APP,
            "app_installed_team_id": team.id,
            "bot_id": team.bot_id,
            "callback_id": "",
            "private_metadata": "",
            "external_id": "",
            "clear_on_close": False,
            "notify_on_close": False,
            "submit_disabled": False,
            "title": None,
            "submit": None,
            "close": None,
            "previous_view_id": None,
            **given,
            "blocks": self._state.version("", given["blocks"]).blocks,
            "hash": f"{self._state.stamp()}.{secrets.token_hex(4)}",
            "state": {"values": {}},
            **more,
        }
        view.setdefault("root_view_id", view["id"])
        return view

    def open(self, team: Team, user: str, given: Json) -> Json:
        view = self.made(team, given)
        self.stacks[user] = [view]
        return view

    def push(self, team: Team, user: str, given: Json) -> Json:
        below = self.stacks[user][-1]
        view = self.made(team, given, root_view_id=below["root_view_id"], previous_view_id=below["id"])
        self.stacks[user].append(view)
        return view

    def replace(self, team: Team, old: Json, given: Json) -> Json:
        kept = {name: old[name] for name in ("id", "root_view_id", "previous_view_id")}
        view = self.made(team, given, **kept)
        for stack in self.stacks.values():
            stack[:] = [view if one["id"] == old["id"] else one for one in stack]
        return view

    def publish(self, team: Team, user: str, given: Json) -> Json:
        view = self.made(team, given, **({"id": old["id"]} if (old := self.homes.get((team.id, user))) else {}))
        self.homes[team.id, user] = view
        return view

    def find(self, view_id: str = "", external_id: str = "") -> tuple[str, Json] | None:
        """Who has the view open, and the view."""
        for user, stack in self.stacks.items():
            for view in stack:
                if view["id"] == view_id or (external_id and view["external_id"] == external_id):
                    return user, view
        return None

    def taken(self, external_id: str) -> bool:
        return bool(external_id and self.find(external_id=external_id))
