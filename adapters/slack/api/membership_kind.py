"""What a person is to the workspace that installed the app, by what `users.info` tells.

Teams in payloads are another thing on Enterprise Grid and in Slack Connect: one person's differ from command to mention
to click (bolt-js#1875; bolt-python's payload tests)."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from threadwork.workflows.values import Standing


class Facts(NamedTuple):
    """Empty `teams`: Slack has not told."""

    home: str = ""  # the person's own team
    teams: frozenset[str] = frozenset()  # all workspaces and organisations the person belongs to
    guest: bool = False
    stranger: bool = False  # of another organisation, and nothing shared but a channel

    def standing(self, team: str, enterprise: str = "") -> Standing:
        """In the installation of `team`, or of the whole `enterprise`."""
        if not self.teams:
            return "unknown"
        if self.stranger or not self.teams & {team, enterprise or team}:
            return "external"
        return "guest" if self.guest else "member"


UNKNOWN = Facts()


def facts(user: Mapping[str, Any]) -> Facts:
    """From the `user` of `users.info`; on Grid it has `enterprise_user`, with all workspaces of the person."""
    grid: Mapping[str, Any] = user.get("enterprise_user") or {}
    teams = (user.get("team_id"), grid.get("enterprise_id"), *(grid.get("teams") or ()))
    return Facts(
        home=str(user.get("team_id") or ""),
        teams=frozenset(str(team) for team in teams if team),
        guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        stranger=bool(user.get("is_stranger")),
    )
