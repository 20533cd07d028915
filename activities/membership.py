"""Whether a list of members means a person, whichever of their accounts or groups it names."""

from collections.abc import Sequence

from activities.ports import Directory
from workflows.access import allowed, unresolved
from workflows.values import Principal


async def is_among(by: Principal, members: Sequence[str], directory: Directory) -> bool:
    """Looks up only what can still tell: other accounts first, groups last, which platforms are asked for.

    Raises `ThreadworkError` where a platform does not answer."""
    if allowed(by, members) or allowed(by, members, await directory.names(by)):
        return True
    return unresolved(by, members, None) and allowed(by, members, await directory.groups(by))
