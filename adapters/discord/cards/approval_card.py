"""An approval: what is about to run, with what, why, what it costs to be wrong, and who decides."""

from collections.abc import Iterator

from discord.utils import format_dt

from threadwork.adapters.chat.approval_words import SIGNS, Room, as_they_run
from threadwork.adapters.discord.cards.context import whose
from threadwork.adapters.discord.cards.embeds import Tone, embed, part
from threadwork.adapters.discord.cards.text import bold, code, escaped, is_known, mono, person
from threadwork.adapters.wording.card_words import excerpt, one_line
from threadwork.adapters.wording.decision_words import (
    EFFECTS,
    NEVER_EXPIRES,
    PRIVATE,
    decided,
    deciders,
    everybody,
    outcome,
    reach,
    reason,
    tool_name,
    tool_title,
    unnamed,
    went_wrong,
    with_what,
    written_since,
)
from threadwork.workflows.buttons import buttons
from threadwork.workflows.cards import ApprovalCard, LineSince
from threadwork.workflows.sinks import File, Part
from threadwork.workflows.values import Principal

ROOM = Room(whole=1_500, lines=25, head=600, head_lines=10)
WHY, WHY_LINES = 500, 12  # characters and lines
MAX_NAME = 50  # characters of a person's name
MANY = 8  # people shown
TONES: dict[str, Tone] = {"read_only": "busy", "changes": "warning", "destructive": "bad"}
ENDED: dict[str, Tone] = {"approved": "good", "denied": "bad", "expired": "quiet", "superseded": "quiet"}


def approval(task_id: str, card: ApprovalCard) -> Part:
    """Its message; the arguments are a file where they are too long to be shown."""
    if card.state != "pending":
        tone = "warning" if went_wrong(card) else ENDED[card.state]
        return part(embed([_decided(card), *_whose(card)], tone))
    shown, file = (PRIVATE, None) if card.private else as_they_run(card, ROOM)
    asked = embed([*_asked(card, shown, file), *_whose(card)], TONES[card.effect], footer=tool_name(card))
    made = part(asked, buttons(task_id, card), above=f"{SIGNS[card.effect]} **Allow** {mono(tool_title(card))}**?**")
    return made.model_copy(update={"file": file})


def since(line: LineSince) -> str:
    """What somebody wrote while the card waits."""
    return escaped(written_since(line))


def _asked(card: ApprovalCard, shown: str, file: File | None) -> Iterator[str]:
    if card.effect != "changes":  # that something changes goes without saying
        yield EFFECTS[card.effect]
    if card.why.strip():
        yield f"**Why:** {escaped(excerpt(card.why, WHY, WHY_LINES))}"
    yield shown if card.private else code(shown)
    if file:
        yield f"**This is not all:** the whole arguments are in the file {file.name}."
    if card.since:
        yield since(card.since)
    yield from _terms(card)


def _terms(card: ApprovalCard) -> Iterator[str]:
    """Who may decide, how many have, until when."""
    yield _deciders(card.approvers)
    if card.quorum > 1:
        so_far = f": {_names(card.approved_by)}" if card.approved_by else ""
        yield f"{len(card.approved_by)} of {card.quorum} have allowed it{so_far}"
    reminded = f" · reminded {format_dt(card.reminded_at, 'R')}" if card.reminded_at else ""
    ends = f"Expires {format_dt(card.expires_at, 'R')}" if card.expires else NEVER_EXPIRES
    asked_too = f" · others asked too {format_dt(card.escalated_at, 'R')}" if card.escalated_at else ""
    yield f"{ends}{reminded}{asked_too}"


def _deciders(approvers: tuple[str, ...]) -> str:
    if anybody := everybody(approvers):
        return f"{anybody} here may decide."
    known = [member for member in approvers if is_known(member)]
    others = unnamed([member for member in approvers if member not in known])
    shown = [*map(person, known), *(escaped(excerpt(other, MAX_NAME)) for other in others)]
    more = f" and {len(shown) - MANY} more" if len(shown) > MANY else ""
    return f"To decide: {', '.join(shown[:MANY])}{more}"


def _names(people: tuple[Principal, ...]) -> str:
    return ", ".join(map(_name, people[:MANY]))


def _name(who: Principal) -> str:
    return escaped(one_line(excerpt(who.shown, MAX_NAME)))


def _decided(card: ApprovalCard) -> str:
    """One line: what, who, when, what came of it."""
    sign, verb = decided(card)
    by = f" by {_names(people)}" if (people := deciders(card)) else ""
    at = format_dt(card.decided_at, "R") if card.decided_at else ""
    came = escaped(outcome(card)) if card.outcome else ""
    what = f"{sign} {bold(tool_title(card))} {verb}{by}{reach(card)}"
    return " · ".join(filter(None, (what, escaped(with_what(card)), at, came, escaped(reason(card)))))


def _whose(card: ApprovalCard) -> list[str]:
    return [whose(card.context, goal=True)] if card.context else []
