"""Whether a person is among the members of a list, and whether two people are one."""

from collections.abc import Collection, Sequence

from threadwork.workflows.values import MACHINE, Principal

GROUPS = ("group:", "role:")  # members that stand for many people
CATEGORIES = ("*", "guests", "external")  # members that stand for everybody of a standing
CATEGORY = {"": "*", "member": "*", "guest": "guests", "external": "external", "unknown": ""}  # by standing


def category(person: Principal) -> str:
    """`*` for members, else `guests` or `external`; empty where nobody has told yet."""
    return "*" if person.platform in MACHINE else CATEGORY[person.standing]


def allowed(person: Principal, members: Sequence[str], groups: Sequence[str] = ()) -> bool:
    """True if `members` names the person: by user id, a key, their standing, or one of their `groups`.

    `groups` holds the names of the person's other accounts too, and the standing, where they were looked up."""
    names = {category(person), person.user_id, *person.keys, person.home_key, *groups} - {""}
    return any(member in names for member in members)


def hangs_on_groups(person: Principal, members: Sequence[str]) -> bool:
    """True if only the person's groups, not looked up yet, can tell."""
    return not allowed(person, members) and any(member.startswith(GROUPS) for member in members)


def hangs_on_standing(person: Principal, members: Sequence[str]) -> bool:
    """True if what the person is there, not known yet, or what their other accounts are, can tell."""
    if category(person) == "*" or allowed(person, members):
        return False
    return any(member in CATEGORIES for member in members)


def same_account(one: Principal, other: Principal, names: Sequence[str] = ()) -> bool:
    """Whether what `other` may do as its own, `one` may. `names`: of the other accounts of `one`, as far as known.

    Principals recorded before standings were hold whichever team a payload had named: their ids must do."""
    if one.account == other.account or other.account in names:
        return True
    return bool(one.standing) and not other.standing and one.human == other.human


def same_human(one: Principal, other: Principal, humans: Sequence[str] = ()) -> bool:
    """Whether they count as one where people must differ. `humans`: of all accounts that are, or were, `one`'s."""
    return one.human == other.human or other.human in humans


def named_only(members: Sequence[str]) -> tuple[str, ...]:
    """Without those that stand for a whole standing: they name nobody."""
    return tuple(member for member in members if member not in CATEGORIES)


Workspace = tuple[str, str]  # platform, and the workspace on it


def apart(here: Collection[Workspace], there: Collection[Workspace]) -> bool:
    """True of two workspaces of one platform, whose people share nothing. `here`: all of the same platform."""
    platforms = {platform for platform, _ in here}
    return not set(here) & set(there) and any(platform in platforms for platform, _ in there)


def together(one: Principal, other: Principal) -> bool:
    """Whether one of the people where `one` is shares what goes on where `other` is: `*` reaches no further."""
    if one.platform in MACHINE:
        return True
    places = [{(who.platform, who.enterprise or who.workspace)} for who in (one, other)]
    return one.platform == other.platform and not apart(*places)
