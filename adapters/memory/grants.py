"""Tools that people allowed for good, in memory."""

from collections.abc import Collection

from threadwork.adapters.memory.state import MemoryState
from threadwork.workflows.domain.failures import no_grant
from threadwork.workflows.domain.grant_records import grants_given, renewed, revocation
from threadwork.workflows.events import Event
from threadwork.workflows.grants import Grant
from threadwork.workflows.values import Principal


class MemoryGrants:
    """Satisfies `Grants`; the twin of `SqlGrants`."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def of_tools(self, agent: str, tools: Collection[str]) -> list[Grant]:
        """Those that stand, of an agent's tools, the oldest first."""
        found = [one for one in self._standing() if one.agent == agent and one.tool in tools]
        return sorted(found, key=lambda one: (one.given_at, one.grant_id))

    async def all(self, standing: bool = True, limit: int = 500) -> list[Grant]:
        """The newest first. `standing`: without those that were revoked or are over."""
        wanted = self._standing() if standing else list(self._state.grants.values())
        by_id = sorted(wanted, key=lambda one: one.grant_id)
        return sorted(by_id, key=lambda one: one.given_at, reverse=True)[:limit]

    async def get(self, grant_id: str) -> Grant:
        """Raises `NotFound`."""
        if grant_id not in self._state.grants:
            raise no_grant(grant_id)
        return self._state.grants[grant_id]

    async def revoke(self, grant_id: str, by: Principal) -> bool:
        """From now on no call is claimed by it. False: it stood no more. Raises `NotFound`."""
        grant = await self.get(grant_id)
        if not grant.stands(self._state.clock()):
            return False
        self._state.grants[grant_id] = _revoked(grant, by, self._state)
        return True

    def _standing(self) -> list[Grant]:
        now = self._state.clock()
        return [one for one in self._state.grants.values() if one.stands(now)]


def keep_grants(state: MemoryState, task_id: str, events: list[Event]) -> None:
    """Store what the events give; the same by the same people is renewed."""
    for grant in grants_given(task_id, events):
        standing = [one for one in state.grants.values() if one.stands(grant.given_at)]
        for one in renewed(grant, standing):
            state.grants[one.grant_id] = _revoked(one, grant.by[-1], state)
        state.grants.setdefault(grant.grant_id, grant)


def grant_stands(state: MemoryState, grant_id: str) -> bool:
    grant = state.grants.get(grant_id)
    return grant is not None and grant.stands(state.clock())


def _revoked(grant: Grant, by: Principal, state: MemoryState) -> Grant:
    return Grant.model_validate(grant.model_dump() | revocation(by, state.clock()))
