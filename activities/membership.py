"""Whether a list of members means a person, whichever of their accounts, groups or standings it names."""

from collections.abc import Sequence

from threadwork.activities.ports import Directory
from threadwork.workflows.access import allowed, hangs_on_groups, hangs_on_standing
from threadwork.workflows.values import Principal


async def is_among(by: Principal, members: Sequence[str], directory: Directory) -> bool:
    """Looks up only what can still tell: other accounts first, groups last, which platforms are asked for.

    Raises `ThreadworkError` where a platform does not answer."""
    if allowed(by, members) or allowed(by, members, await directory.names(by)):
        return True
    if hangs_on_standing(by, members) and allowed(by, members, await directory.standings(by)):
        return True
    return hangs_on_groups(by, members) and allowed(by, members, await directory.groups(by))
