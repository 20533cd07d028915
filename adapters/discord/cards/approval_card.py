"""An approval: what is about to run, with what, why, what it costs to be wrong, and who decides."""

from collections.abc import Iterator

from discord.utils import format_dt

from threadwork.adapters.chat.approval_words import SIGNS, Room, as_they_run, effect, reach
from threadwork.adapters.discord.cards.context import whose
from threadwork.adapters.discord.cards.embeds import Tone, embed, part
from threadwork.adapters.discord.cards.text import code, escaped, mono, person, quote
from threadwork.adapters.wording.card_words import (
    DECISIONS,
    OUTCOMES,
    arguments,
    everybody,
    excerpt,
    one_line,
    revealed,
)
from threadwork.workflows.buttons import buttons
from threadwork.workflows.cards import ApprovalCard
from threadwork.workflows.sinks import File, Part
from threadwork.workflows.values import Principal

ROOM = Room(whole=1_500, lines=40, head=900, head_lines=15)
RAN, RAN_LINES = 400, 8  # of them once it is decided
TOOL = 200  # characters of a tool's name
WHY, WHY_LINES = 500, 12  # characters and lines
MAX_NAME = 50  # characters of a person's name
MANY = 8  # people shown
TONES: dict[str, Tone] = {"read_only": "busy", "changes": "warning", "destructive": "bad"}
ENDED: dict[str, Tone] = {"approved": "good", "denied": "bad", "expired": "quiet", "superseded": "quiet"}


def approval(task_id: str, card: ApprovalCard) -> Part:
    """Its message; the arguments are a file where they are too long to be shown."""
    if card.state != "pending":
        return part(embed([*_decided(card), *_whose(card)], ENDED[card.state]))
    shown, file = as_they_run(card, ROOM)
    asked = embed([*_asked(card, shown, file), *_whose(card)], TONES[card.effect])
    made = part(asked, buttons(task_id, card), above=f"{SIGNS[card.effect]} **Approve** {_tool(card)}**?**")
    return made.model_copy(update={"file": file})


def _asked(card: ApprovalCard, shown: str, file: File | None) -> Iterator[str]:
    yield effect(card)
    if card.why.strip():
        yield f"**Why:** {escaped(excerpt(card.why, WHY, WHY_LINES))}"
    yield code(shown)
    if file:
        yield f"**This is not all:** the whole arguments are in the file {file.name}."
    yield from _terms(card)


def _terms(card: ApprovalCard) -> Iterator[str]:
    """Who may decide, how many have, until when."""
    yield _deciders(card.approvers)
    if card.quorum > 1:
        so_far = f": {_names(card.approved_by)}" if card.approved_by else ""
        yield f"{len(card.approved_by)} of {card.quorum} have approved{so_far}"
    yield f"Expires {format_dt(card.expires_at, 'R')}"


def _deciders(approvers: tuple[str, ...]) -> str:
    if anybody := everybody(approvers):
        return f"{anybody} here may decide."
    more = f" and {len(approvers) - MANY} more" if len(approvers) > MANY else ""
    return f"To decide: {', '.join(person(excerpt(member, MAX_NAME)) for member in approvers[:MANY])}{more}"


def _names(people: tuple[Principal, ...]) -> str:
    return ", ".join(escaped(one_line(excerpt(each.shown, MAX_NAME))) for each in people[:MANY])


def _decided(card: ApprovalCard) -> Iterator[str]:
    sign, verb = DECISIONS[card.state]
    by = f" by {_names((card.by,))}" if card.by else ""
    at = f" · {format_dt(card.decided_at, 'R')}" if card.decided_at else ""
    yield f"{sign} {_tool(card)} {verb}{by}{reach(card)}{at}"
    if card.outcome:
        yield OUTCOMES.get(card.outcome) or escaped(one_line(excerpt(card.outcome, WHY)))
    if card.reason.strip():
        yield quote(excerpt(card.reason, WHY, WHY_LINES))
    yield code(excerpt(arguments(card.arguments), RAN, RAN_LINES) or "no arguments")


def _whose(card: ApprovalCard) -> list[str]:
    return [whose(card.context, goal=True)] if card.context else []


def _tool(card: ApprovalCard) -> str:
    return mono(excerpt(revealed(card.tool), TOOL) or "a tool")
