"""A decision in words: what a tool does, what it costs to be wrong, who may decide, and what came of it."""

import re
from collections.abc import Sequence

from threadwork.adapters.wording.argument_words import named_arguments
from threadwork.adapters.wording.card_words import excerpt, one_line, revealed
from threadwork.adapters.wording.grant_words import until, whose
from threadwork.workflows.cards import ApprovalCard, LineSince
from threadwork.workflows.event_types import Effect
from threadwork.workflows.values import Principal

EFFECTS: dict[Effect, str] = {
    "read_only": "It changes nothing.",
    "changes": "It changes something.",
    "destructive": "It may not be possible to undo this.",
}
DECISIONS = {  # sign and words of an approval that is decided
    "approved": ("✓", "allowed"),
    "denied": ("✗", "denied"),
    "expired": ("⊘", "not allowed: nobody decided in time"),
    "superseded": ("⊘", "withdrawn"),
}
DECIDED = {"approved": "Allowed", "denied": "Denied"}  # by a person
OUTCOMES = {  # of a call that was approved
    "ok": "it ran",
    "error": "it failed",
    "denied": "it was not allowed to run",
    "unknown": "it may have taken effect: check before you run it again",
}
WENT_WRONG = ("error", "denied", "unknown")  # of outcomes
MAX_TOOL_NAME = 200  # characters of a tool's name
MAX_TITLE = 80  # characters of what it is called
SINCE = 300  # characters of a line
MAX_OUTCOME = 200  # characters
SAY_LITTLE = ("true", "false", "null")  # of values of arguments
MAX_WITH = 60  # characters of arguments in a line
MAX_REASON = 300  # characters
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_ID = re.compile(r"[A-Z][A-Z0-9]{6,}|\d{6,}")  # of a group, a role or a person on either platform


def tool_name(card: ApprovalCard) -> str:
    """As the server calls it: what counts."""
    return one_line(excerpt(revealed(card.tool), MAX_TOOL_NAME)) or "a tool"


def tool_title(card: ApprovalCard) -> str:
    """What it does in words: `Write note (notes)`. Its server's own title, where the server is trusted."""
    whose, _, name = tool_name(card).rpartition("/")
    server, _, tool = name.rpartition(".")
    readable = one_line(excerpt(revealed(card.title), MAX_TITLE)) or _readable(tool) or name
    beside = ", ".join(filter(None, (server, whose)))
    return f"{readable} ({beside})" if beside else readable


def _readable(tool: str) -> str:
    words = " ".join(_CAMEL.sub(" ", tool).replace("_", " ").replace("-", " ").split())
    return words[:1].upper() + words[1:]


def everybody(members: Sequence[str]) -> str:
    """Who is meant by `*` in a list, and by what stands beside it; empty where it is not in the list."""
    also = [word for name, word in (("guests", "guest"), ("external", "external person")) if name in members]
    first, last = ", ".join(("Any member", *also[:-1])), also[-1:]
    return " or ".join((first, *last)) if "*" in members else ""


def unnamed(members: Sequence[str]) -> list[str]:
    """Members that a surface has no mention for: names as they are, ids counted. `ann`, `the group ops`, `2 people`."""
    kinds = [_kind(member) for member in members]
    named = [_named(member) for member, kind in zip(members, kinds, strict=True) if not kind]
    return [
        *(
            f"{kinds.count(kind)} {many}" if kinds.count(kind) > 1 else one
            for kind, one, many in COUNTED
            if kind in kinds
        ),
        *named,
    ]


COUNTED = (("person", "one person", "people"), ("group", "a group", "groups"), ("role", "a role", "roles"))


def _kind(member: str) -> str:
    """What a member without a name is; empty where it has one."""
    kind, colon, name = member.partition(":")
    if colon and kind not in ("group", "role"):
        return "person"
    return (kind if colon else "person") if _ID.fullmatch((name or kind).rpartition(":")[2].strip()) else ""


def _named(member: str) -> str:
    kind, colon, name = one_line(member).partition(":")
    return f"the {kind} {name[:MAX_TITLE]}" if colon else kind[:MAX_TITLE]


def joined(names: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


NEVER_EXPIRES = "Waits until somebody decides"
PRIVATE = "The arguments are shown to those who may decide."


def written_since(line: LineSince) -> str:
    """What somebody wrote while a card waits: `Alice wrote since: “…”`."""
    return f"{one_line(line.by.shown[:MAX_TITLE])} wrote since: “{one_line(excerpt(line.text, SINCE))}”"


def decided(card: ApprovalCard) -> tuple[str, str]:
    """Sign and words of a decision: a call that was allowed and did not come off is no success."""
    sign, words = DECISIONS[card.state]
    return ("⚠️" if went_wrong(card) else sign), words


def went_wrong(card: ApprovalCard) -> bool:
    """Whether a call that was allowed did not come off, or nobody knows."""
    return card.state == "approved" and card.outcome in WENT_WRONG


def deciders(card: ApprovalCard) -> tuple[Principal, ...]:
    """Whose word it was: all of a quorum that allowed it, else the last one's."""
    if card.state == "approved" and card.quorum > 1:
        return card.approved_by
    return (card.by,) if card.by else ()


def with_what(card: ApprovalCard) -> str:
    """Its short arguments in a few words, so that one call is told from the next: `draft-1.md`."""
    known = None if card.private or card.edited else named_arguments(card.arguments)
    short = [value.strip() for _, value in known or () if "\n" not in value and value.strip() not in SAY_LITTLE]
    return one_line(excerpt(", ".join(short), MAX_WITH))


def reason(card: ApprovalCard) -> str:
    """Why, in the words of whoever decided, or in ours where nobody did; empty where nothing was said."""
    said = one_line(excerpt(card.reason, MAX_REASON)).strip()
    return f"“{said}”" if said and card.state in ("approved", "denied") else said


def outcome(card: ApprovalCard) -> str:
    """What the call came to, in the middle of a line; empty while nobody knows."""
    return OUTCOMES.get(card.outcome) or one_line(excerpt(card.outcome, MAX_OUTCOME))


def reach(card: ApprovalCard) -> str:
    """How far a decision reaches: `` for this task, with other arguments``, or nothing."""
    scope = " for this task" if card.state == "approved" and card.scope == "task" else ""
    if card.state == "approved" and card.grant:
        scope = f", from now on for {', '.join(filter(None, (whose(card.grant), until(card.grant))))}"
    return scope + (", with other arguments" if card.edited else "")
