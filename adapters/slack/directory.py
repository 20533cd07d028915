"""Who belongs to which user groups of a workspace, and who is a member, a guest or of another organisation."""

import asyncio
from typing import NamedTuple

from slack_sdk.errors import SlackApiError

from threadwork.adapters.chat.ttl_cache import TtlCache
from threadwork.adapters.slack.api.clients import Clients
from threadwork.adapters.slack.api.errors import code, translated
from threadwork.adapters.slack.api.membership_kind import Facts, facts
from threadwork.workflows.errors import SinkGone
from threadwork.workflows.values import Principal, Standing

NOBODY = frozenset({"user_not_found", "user_not_visible"})
KEEP = 60.0  # seconds: a person who left a group decides for so long at most


class Group(NamedTuple):
    """A user group of a workspace, with its members' ids."""

    id: str
    handle: str
    users: frozenset[str]


class SlackDirectory:
    """Satisfies `Groups`; groups are the user groups of a workspace."""

    def __init__(self, clients: Clients, keep: float = KEEP, alone: bool = True) -> None:
        """`keep`: seconds for which a workspace is not asked again. `alone`: there is one workspace, so that a handle
        names one group; of several, each calls its groups as it likes."""
        self._clients = clients
        self._alone = alone
        self._keep = keep
        self._known: TtlCache[str, list[Group]] = TtlCache()
        self._people: TtlCache[tuple[str, str], Facts] = TtlCache()
        self._asking = asyncio.Lock()

    async def groups(self, principal: Principal) -> tuple[str, ...]:
        """`group:S…` of each, and `group:handle` where there is one workspace; none for people of other platforms, and
        of workspaces that are not ours.

        Raises `ChatUnavailable`, and `SinkGone` where the app may not ask: what depends on it stays pending."""
        if principal.platform != "slack":
            return ()
        async with self._asking:
            groups = await self._of(principal.workspace)
        mine = [group for group in groups if principal.user_id in group.users]
        return tuple(
            f"group:{name}" for group in mine for name in ((group.id, group.handle) if self._alone else (group.id,))
        )

    async def standing(self, principal: Principal) -> Standing:
        """By what Slack says of the user now. Raises as `groups` does."""
        if principal.platform != "slack":
            return "unknown"
        asked = principal.workspace, principal.user_id
        known = self._people.get(asked)
        if known is None:
            known = self._people.keep(asked, await self._ask_who(*asked), self._keep)
        return known.standing(principal.workspace, principal.enterprise)

    async def _ask_who(self, workspace: str, user_id: str) -> Facts:
        """Who is not known to Slack, or to an installation of ours, is no member of it."""
        try:
            client = await self._clients.of(workspace)
        except SinkGone:
            return Facts()
        with translated(workspace):
            try:
                answer = await client.api_call("users.info", params={"user": user_id})
            except SlackApiError as error:
                if code(error) in NOBODY:
                    return Facts()
                raise
        return facts(answer["user"])

    async def _of(self, workspace: str) -> list[Group]:
        known = self._known.get(workspace)
        return self._known.keep(workspace, await self._ask(workspace), self._keep) if known is None else known

    async def _ask(self, workspace: str) -> list[Group]:
        """One call for all groups and who is in them. A workspace whose plan has no groups has none."""
        try:
            client = await self._clients.of(workspace)
        except SinkGone:
            return []
        with translated(workspace):
            try:
                answer = await client.api_call("usergroups.list", params={"include_users": True})
            except SlackApiError as error:
                if code(error) == "plan_upgrade_required":
                    return []
                raise
        groups: list[dict[str, object]] = answer["usergroups"]
        return [_group(group) for group in groups]


def _group(group: dict[str, object]) -> Group:
    users = group.get("users") or ()
    assert isinstance(users, list | tuple)
    return Group(str(group["id"]), str(group.get("handle") or ""), frozenset(str(user) for user in users))
