"""Who belongs to what, asked of the platform that knows the person."""

from collections.abc import Mapping

from activities.ports import Directory
from workflows.values import Principal


class Directories:
    """The directories of several platforms as one. People of other platforms have no groups."""

    def __init__(self, by_platform: Mapping[str, Directory]) -> None:
        self._by_platform = by_platform

    async def groups(self, principal: Principal) -> tuple[str, ...]:
        directory = self._by_platform.get(principal.platform)
        return await directory.groups(principal) if directory else ()
