"""By what names lists of members may mean a person, asked of the platforms that know the person's accounts."""

import asyncio
from collections.abc import Mapping
from datetime import datetime

from threadwork.activities.ports import Groups, People
from threadwork.workflows.access import CATEGORY
from threadwork.workflows.errors import SinkGone
from threadwork.workflows.values import MACHINE, Principal, Standing


class Directories:
    """The directories of several platforms as one. What an account may do, the person's other accounts may too."""

    def __init__(self, by_platform: Mapping[str, Groups], people: People) -> None:
        self._by_platform = by_platform
        self._people = people

    async def names(self, principal: Principal) -> tuple[str, ...]:
        """User ids and keys of the person's other accounts. No platform is asked."""
        return tuple(name for other in await self._others(principal) for name in _names(other))

    async def groups(self, principal: Principal) -> tuple[str, ...]:
        """`names`, and the groups of all accounts. Raises what the platforms raise."""
        others = await self._others(principal)
        found = await asyncio.gather(self._groups(principal), *map(self._groups_of_other, others))
        names = (name for other in others for name in _names(other))
        return (*names, *(group for groups in found for group in groups))

    async def standings(self, principal: Principal) -> tuple[str, ...]:
        """What lists call the standing of any of the accounts: `*`, `guests`, `external`. Raises likewise."""
        others = await self._others(principal)
        found = await asyncio.gather(self._standing(principal), *map(self._standing_of_other, others))
        return tuple(filter(None, (CATEGORY[standing] for standing in found)))

    async def humans(self, principal: Principal, since: datetime | None = None) -> tuple[str, ...]:
        """Who counts as the same human: all accounts, and those linked at any time `since` then."""
        return await self._people.humans(principal, since)

    async def _others(self, principal: Principal) -> tuple[Principal, ...]:
        return (await self._people.accounts(principal))[1:]

    async def _groups(self, principal: Principal) -> tuple[str, ...]:
        directory = self._by_platform.get(principal.platform)
        return await directory.groups(principal) if directory else ()

    async def _groups_of_other(self, principal: Principal) -> tuple[str, ...]:
        """A platform that tells the bot nothing for good does not hold up what people do on another."""
        try:
            return await self._groups(principal)
        except SinkGone:
            return ()

    async def _standing(self, principal: Principal) -> Standing:
        directory = self._by_platform.get(principal.platform)
        if directory is None:
            return "member" if principal.platform in MACHINE else "unknown"
        return await directory.standing(principal)

    async def _standing_of_other(self, principal: Principal) -> Standing:
        try:
            return await self._standing(principal)
        except SinkGone:
            return "unknown"


def _names(other: Principal) -> tuple[str, ...]:
    return tuple(dict.fromkeys((other.user_id, *other.keys)))
