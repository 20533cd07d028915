"""An approval: what is about to run, with what, why, what it costs to be wrong, and who decides."""

from slack_sdk.models.blocks import RichTextElement

from threadwork.adapters.chat.approval_words import SIGNS, Room, as_they_run
from threadwork.adapters.slack.cards.blocks import (
    Block,
    Inline,
    actions,
    bold,
    code,
    context,
    is_user,
    person,
    rich,
    section,
    when,
)
from threadwork.adapters.wording.card_words import excerpt, one_line
from threadwork.adapters.wording.decision_words import (
    DECISIONS,
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
    with_what,
    written_since,
)
from threadwork.workflows.buttons import Button, buttons
from threadwork.workflows.cards import ApprovalCard, LineSince
from threadwork.workflows.sinks import File
from threadwork.workflows.values import Principal

ROOM = Room(whole=1_500, lines=25, head=600, head_lines=10)
WHY = 1_500  # characters
MAX_NAME = 100  # characters of a person's name
MANY = 10  # people shown


def approval(task_id: str, card: ApprovalCard) -> tuple[list[Block], File | None]:
    """Its blocks, and the arguments as a file where they are too long to be shown."""
    if card.state != "pending":
        return [rich(section(*_decided(card)))], None
    shown, file = (PRIVATE, None) if card.private else as_they_run(card, ROOM)
    blocks = [
        rich(asked(card)),
        *([rich(section(bold("Why: "), excerpt(card.why, WHY)))] if card.why.strip() else []),
        rich(section(shown) if card.private else code(shown)),
        *([rich(section(*_the_rest(file)))] if file else []),
        *(since(card.since) if card.since else []),
        rich(section(*_terms(card))),
        *context(tool_name(card)),
        *actions([_sure(button, card) for button in buttons(task_id, card)]),
    ]
    return blocks, file


def spoken(card: ApprovalCard) -> str:
    """The card for a notification."""
    if card.state == "pending":
        return f"Allow {tool_title(card)}? {_effect(card)}"
    return f"{tool_title(card)} {DECISIONS[card.state][1]}" + (f" by {card.by.shown}" if card.by else "")


def asked(card: ApprovalCard, *more: Inline) -> RichTextElement:
    """The question itself, and more lines below it."""
    effect = f"\n{_effect(card)}" if _effect(card) else ""
    return section(f"{SIGNS[card.effect]} ", bold(f"Allow {tool_title(card)}?"), effect, *more)


def since(line: LineSince) -> list[Block]:
    """What somebody wrote while the card waits."""
    return [rich(section(written_since(line)))]


def _effect(card: ApprovalCard) -> str:
    """Only where it matters: that something changes goes without saying."""
    return "" if card.effect == "changes" else EFFECTS[card.effect]


def _the_rest(file: File) -> list[Inline]:
    return [bold("This is not all: "), f"the whole arguments are in the file {file.name}."]


def _terms(card: ApprovalCard) -> list[Inline]:
    """Who may decide, how many have, until when."""
    needed = f"\n{len(card.approved_by)} of {card.quorum} have allowed it" if card.quorum > 1 else ""
    so_far = f": {_names(card.approved_by)}" if needed and card.approved_by else ""
    reminded: list[Inline] = [" · reminded ", when(card.reminded_at)] if card.reminded_at else []
    asked_too: list[Inline] = [" · others asked too ", when(card.escalated_at)] if card.escalated_at else []
    ends: list[Inline] = ["\nExpires ", when(card.expires_at)] if card.expires else [f"\n{NEVER_EXPIRES}"]
    return [*_deciders(card.approvers), needed, so_far, *ends, *reminded, *asked_too]


def _sure(button: Button, card: ApprovalCard) -> Button:
    """The second question says what with: it stands over the card."""
    told = with_what(card) if button.press.verb == "approve" and button.confirm else ""
    return button.model_copy(update={"confirm": f"{button.confirm} It runs with: {told}"}) if told else button


def _deciders(approvers: tuple[str, ...]) -> list[Inline]:
    if anybody := everybody(approvers):
        return [f"{anybody} here may decide."]
    known = [member for member in approvers if is_user(member)]
    others = [*unnamed([member for member in approvers if member not in known])]
    more = len(known) + len(others) - MANY
    each: list[Inline] = [*map(person, known), *others][:MANY]
    shown = [part for one in each for part in (", ", one)][1:]
    return ["To decide: ", *shown, *([f" and {more} more"] if more > 0 else [])]


def _names(people: tuple[Principal, ...]) -> str:
    return ", ".join(map(_name, people[:MANY]))


def _name(who: Principal) -> str:
    return one_line(who.shown[:MAX_NAME])


def _decided(card: ApprovalCard) -> list[Inline]:
    """One line: what, who, when, what came of it."""
    sign, verb = decided(card)
    by = f" by {_names(people)}" if (people := deciders(card)) else ""
    at: list[Inline] = [" · ", when(card.decided_at)] if card.decided_at else []
    came = f" · {outcome(card)}" if card.outcome else ""
    what, why = (f" · {one}" if one else "" for one in (with_what(card), reason(card)))
    return [f"{sign} ", bold(tool_title(card)), f" {verb}{by}{reach(card)}", what, *at, came, why]
