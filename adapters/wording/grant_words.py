"""A standing permission in words: whose tasks it is for, until when, and the choice of both."""

from datetime import datetime

from threadwork.adapters.wording.card_words import one_line
from threadwork.workflows.cards import ApprovalCard
from threadwork.workflows.grants import Grant, GrantScope, GrantWish
from threadwork.workflows.slash_name import SLASH

DAY = 86_400  # seconds
MAX_NAME = 40  # characters of a person's name
LASTING: dict[str, tuple[str, float | None]] = {  # what is chosen: the words for it, and seconds
    "day": ("For a day", DAY),
    "week": ("For a week", 7 * DAY),
    "month": ("For 30 days", 30 * DAY),
    "revoked": ("Until somebody takes it back", None),
}
FIRST_SCOPE, FIRST_LASTING = "person", "week"  # what is chosen before anybody chooses: little
WHAT_IT_MEANS = "Every later call of it by this agent runs without asking, whatever its arguments are."


def take_back() -> str:
    return f"`{SLASH} grants` lists it and takes it back."


def scopes(card: ApprovalCard | None) -> list[tuple[GrantScope, str]]:
    """Whose tasks may be chosen, and the words for them. `card`: with its context."""
    context = card.context if card else None
    name = one_line(context.by.shown)[:MAX_NAME] if context and context.by else "whoever asked"
    in_channel: list[tuple[GrantScope, str]] = [("channel", "Tasks in the same channel")]
    return [
        ("person", f"Tasks of {name}"),
        *(in_channel if context and context.thread else []),
        ("everybody", "Everybody’s tasks"),
    ]


def lasting() -> list[tuple[str, str]]:
    return [(name, words) for name, (words, _) in LASTING.items()]


def chosen(scope: str, until: str) -> str:
    """What a form held, as a click carries it."""
    return f"{scope} {until}"


def wish(given: str) -> GrantWish | None:
    """What `chosen` made. None: nothing of the kind."""
    scope, _, until = given.partition(" ")
    if scope not in ("person", "channel", "everybody") or until not in LASTING:
        return None
    return GrantWish.model_validate({"scope": scope, "seconds": LASTING[until][1]})


def whose(grant: Grant) -> str:
    """`everybody’s tasks`, `Alice’s tasks`, `tasks in the same channel`."""
    words = {"channel": "tasks in the same channel", "everybody": "everybody’s tasks"}
    return words.get(grant.scope) or f"{one_line(grant.shown)[:MAX_NAME] or 'one person'}’s tasks"


def until(grant: Grant) -> str:
    """`until 12 Dec`; empty where it has no end."""
    return f"until {day(grant.until)}" if grant.until else ""


def day(at: datetime) -> str:
    return f"{at.day} {at:%b %Y}"


def givers(grant: Grant) -> str:
    names = [one_line(one.shown)[:MAX_NAME] for one in grant.by]
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
