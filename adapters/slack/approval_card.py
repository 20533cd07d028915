"""An approval: what is about to run, with what, why, what it costs to be wrong, and who decides."""

from slack_sdk.models.blocks import RichTextElement

from adapters.card_words import DECISIONS, EFFECTS, OUTCOMES, arguments, excerpt, one_line
from adapters.slack.blocks import Block, Inline, actions, bold, code, mono, person, quote, rich, section, when
from workflows.buttons import buttons
from workflows.cards import ApprovalCard
from workflows.chat import File
from workflows.values import Principal

WHOLE, LINES = 4_000, 60  # characters and lines of arguments that a message shows; above that they are a file
HEAD, HEAD_LINES = 1_500, 20  # of them that are then shown
RAN = 500  # characters of them once it is decided
NAME = 200  # characters of a tool's name
WHY = 1_500  # characters
MANY = 10  # approvers shown
SIGNS = {"read_only": "🔵", "changes": "🟠", "destructive": "🔴"}


def approval(task_id: str, card: ApprovalCard) -> tuple[list[Block], File | None]:
    """Its blocks, and the arguments as a file where they are too long to be shown."""
    if card.state != "pending":
        return _decided(card), None
    shown, file = _shown(arguments(card.arguments), card.approval_id)
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
    return one_line(excerpt(card.tool, NAME)) or "a tool"


def effect(card: ApprovalCard) -> str:
    """What it costs to be wrong, as a sentence."""
    words = EFFECTS[card.effect]
    return f"{words[0].upper()}{words[1:]}."


def _shown(text: str, approval_id: str) -> tuple[str, File | None]:
    if len(text) <= WHOLE and text.count("\n") < LINES:
        return text or "no arguments", None
    name = "".join(sign for sign in approval_id if sign.isalnum())[:20]
    return excerpt(text, HEAD, HEAD_LINES), File(name=f"arguments-{name}.txt", text=text)


def _terms(card: ApprovalCard) -> list[Inline]:
    """Who may decide, how many have, until when."""
    needed = f"\n{len(card.approved_by)} of {card.quorum} have approved" if card.quorum > 1 else ""
    so_far = f": {_names(card.approved_by)}" if needed and card.approved_by else ""
    return [*_deciders(card.approvers), needed, so_far, "\nExpires ", when(card.expires_at)]


def _deciders(approvers: tuple[str, ...]) -> list[Inline]:
    if "*" in approvers:
        return ["Anyone here may decide."]
    shown = [part for member in approvers[:MANY] for part in (", ", person(member[:NAME]))][1:]
    more = f" and {len(approvers) - MANY} more" if len(approvers) > MANY else ""
    return ["To decide: ", *shown, more]


def _names(people: tuple[Principal, ...]) -> str:
    return ", ".join(one_line(each.shown[:NAME]) for each in people[:MANY])


def _decided(card: ApprovalCard) -> list[Block]:
    sign, verb = DECISIONS[card.state]
    by = f" by {_names((card.by,))}" if card.by else ""
    scope = " for the rest of the task" if card.state == "approved" and card.scope == "task" else ""
    edited = ", with other arguments" if card.edited else ""
    at: list[Inline] = [" · ", when(card.decided_at)] if card.decided_at else []
    outcome = f"\n{OUTCOMES.get(card.outcome, one_line(excerpt(card.outcome, WHY)))}" if card.outcome else ""
    line = section(f"{sign} ", mono(tool(card)), f" {verb}{by}{scope}{edited}", *at, outcome)
    ran = code(excerpt(arguments(card.arguments), RAN, 8) or "no arguments")
    return [rich(line, *([quote(excerpt(card.reason, WHY))] if card.reason.strip() else []), ran)]
