"""An approval: what is about to run, with what, why, what it costs to be wrong, and who decides."""

from slack_sdk.models.blocks import RichTextElement

from threadwork.adapters.chat.approval_words import SIGNS, Room, as_they_run, effect, reach
from threadwork.adapters.slack.cards.blocks import (
    Block,
    Inline,
    actions,
    bold,
    code,
    mono,
    person,
    quote,
    rich,
    section,
    when,
)
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
from threadwork.workflows.sinks import File
from threadwork.workflows.values import Principal

ROOM = Room(whole=4_000, lines=60, head=1_500, head_lines=20)
RAN = 500  # characters of them once it is decided
MAX_TOOL_NAME = 200  # characters of a tool's name
WHY = 1_500  # characters
MANY = 10  # approvers shown


def approval(task_id: str, card: ApprovalCard) -> tuple[list[Block], File | None]:
    """Its blocks, and the arguments as a file where they are too long to be shown."""
    if card.state != "pending":
        return _decided(card), None
    shown, file = as_they_run(card, ROOM)
    blocks = [
        rich(asked(card)),
        *([rich(section(bold("Why: "), excerpt(card.why, WHY)))] if card.why.strip() else []),
        rich(code(shown)),
        *(
            [rich(section(bold("This is not all: "), f"the whole arguments are in the file {file.name}."))]
            if file
            else []
        ),
        rich(section(*_terms(card))),
        *actions(buttons(task_id, card)),
    ]
    return blocks, file


def spoken(card: ApprovalCard) -> str:
    """The card for a notification."""
    if card.state == "pending":
        return f"Approve {tool(card)}? {effect(card)}"
    return f"{tool(card)} {DECISIONS[card.state][1]}" + (f" by {card.by.shown}" if card.by else "")


def asked(card: ApprovalCard, *more: Inline) -> RichTextElement:
    """The question itself, and more lines below it."""
    return section(f"{SIGNS[card.effect]} ", bold("Approve "), mono(tool(card)), bold("?"), f"\n{effect(card)}", *more)


def tool(card: ApprovalCard) -> str:
    return one_line(excerpt(revealed(card.tool), MAX_TOOL_NAME)) or "a tool"


def _terms(card: ApprovalCard) -> list[Inline]:
    """Who may decide, how many have, until when."""
    needed = f"\n{len(card.approved_by)} of {card.quorum} have approved" if card.quorum > 1 else ""
    so_far = f": {_names(card.approved_by)}" if needed and card.approved_by else ""
    return [*_deciders(card.approvers), needed, so_far, "\nExpires ", when(card.expires_at)]


def _deciders(approvers: tuple[str, ...]) -> list[Inline]:
    if anybody := everybody(approvers):
        return [f"{anybody} here may decide."]
    shown = [part for member in approvers[:MANY] for part in (", ", person(member[:MAX_TOOL_NAME]))][1:]
    more = f" and {len(approvers) - MANY} more" if len(approvers) > MANY else ""
    return ["To decide: ", *shown, more]


def _names(people: tuple[Principal, ...]) -> str:
    return ", ".join(one_line(each.shown[:MAX_TOOL_NAME]) for each in people[:MANY])


def _decided(card: ApprovalCard) -> list[Block]:
    sign, verb = DECISIONS[card.state]
    by = f" by {_names((card.by,))}" if card.by else ""
    at: list[Inline] = [" · ", when(card.decided_at)] if card.decided_at else []
    outcome = f"\n{OUTCOMES.get(card.outcome, one_line(excerpt(card.outcome, WHY)))}" if card.outcome else ""
    line = section(f"{sign} ", mono(tool(card)), f" {verb}{by}{reach(card)}", *at, outcome)
    ran = code(excerpt(arguments(card.arguments), RAN, 8) or "no arguments")
    return [rich(line, *([quote(excerpt(card.reason, WHY))] if card.reason.strip() else []), ran)]
