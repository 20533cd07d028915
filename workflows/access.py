"""Whether a person is among the members of a list."""

from collections.abc import Collection, Sequence

from workflows.values import Principal

GROUPS = ("group:", "role:")  # members that stand for many people


def allowed(person: Principal, members: Sequence[str], groups: Sequence[str] = ()) -> bool:
    """True if `members` names the person: by `*`, user id, principal key, or one of their `groups`.

    `groups` holds the names of the person's other accounts too, where they were looked up."""
    names = {"*", person.user_id, person.key, *groups}
    return any(member in names for member in members)


def unresolved(person: Principal, members: Sequence[str], groups: Sequence[str] | None) -> bool:
    """True if only the person's groups, not looked up yet, can tell."""
    return groups is None and not allowed(person, members) and any(m.startswith(GROUPS) for m in members)


def same_person(one: Principal, other: Principal, names: Sequence[str] = ()) -> bool:
    """`names`: those of the other accounts of `one`, as far as they were looked up."""
    return one.account == other.account or other.account in names


Workspace = tuple[str, str]  # platform, and the workspace on it


def apart(here: Collection[Workspace], there: Collection[Workspace]) -> bool:
    """True of two workspaces of one platform, whose people share nothing. `here`: all of the same platform."""
    platforms = {platform for platform, _ in here}
    return not set(here) & set(there) and any(platform in platforms for platform, _ in there)
