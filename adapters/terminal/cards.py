"""The cards of a thread on a terminal: pure functions from a card to what rich prints."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from threadwork.adapters.terminal.words import Exact, one_line, prose, words
from threadwork.adapters.wording.argument_words import named_arguments
from threadwork.adapters.wording.budget_words import exceeded, raised, stayed, used
from threadwork.adapters.wording.card_words import file_line, playing, revealed, who_asks
from threadwork.adapters.wording.decision_words import (
    EFFECTS,
    NEVER_EXPIRES,
    decided,
    everybody,
    joined,
    outcome,
    reach,
    tool_name,
    tool_title,
    unnamed,
    went_wrong,
    with_what,
    written_since,
)
from threadwork.adapters.wording.notification_words import in_a_line
from threadwork.workflows.cards import (
    AnswerCard,
    ApprovalCard,
    BudgetCard,
    Card,
    FileCard,
    NoticeCard,
    NotificationCard,
    QuestionCard,
    StatusCard,
)

EFFECT_STYLES = {"read_only": "green", "changes": "yellow", "destructive": "bold red"}
DECISION_STYLES = {"approved": "green", "denied": "red", "expired": "yellow", "superseded": "dim"}
LEVELS = {"info": ("•", "cyan"), "warning": ("!", "yellow"), "error": ("✗", "red")}


def render(card: Card, texts: Mapping[str, str]) -> RenderableType:
    """A card as it is now, to be printed once and for all.

    `texts`: whole texts by reference; where one is missing, the preview on the card stands for it."""
    return RENDERERS[card.kind](card, texts)


def _status(card: StatusCard, texts: Mapping[str, str]) -> RenderableType:
    goal = texts.get(card.goal_ref or "", card.goal)
    who = one_line(f"{card.agent} · {card.model}{playing(card.model)}", "dim")
    return Padding(Group(words(goal, "bold"), who), (0, 0, 0, 2))


def _approval(card: ApprovalCard, texts: Mapping[str, str]) -> RenderableType:
    if card.state != "pending":
        return _decided(card)
    effect, style = EFFECTS[card.effect], EFFECT_STYLES[card.effect]
    facts = Table.grid(padding=(0, 4, 0, 0))
    facts.add_row(Text("What", style="dim"), words(tool_title(card), "bold"))
    facts.add_row(Text("Tool", style="dim"), words(tool_name(card)))
    facts.add_row(Text(""), Text(effect, style=style))
    if card.why:
        facts.add_row(Text("Why", style="dim"), words(card.why))
    if card.since:
        facts.add_row(Text("Since", style="dim"), words(written_since(card.since)))
    with_ = Padding(arguments(texts.get(card.arguments_ref, card.arguments)), (0, 0, 0, 2))
    return Panel(
        Group(facts, Text("With", style="dim"), with_, _terms(card)),
        title=f"Approval {card.approval_id}",
        title_align="left",
        border_style=style,
    )


def arguments(text: str) -> RenderableType:
    """The arguments of a tool call as chats show them: as they will run, one a line."""
    known = named_arguments(text)
    if known is None:
        return Exact(Text(revealed(text)))
    return Group(*(Exact(Text.assemble((name, "cyan"), ":", value)) for name, value in known))


def _terms(card: ApprovalCard) -> Text:
    who = f"{everybody(card.approvers).lower() or joined(unnamed(card.approvers))} may decide"
    needed = f" · {len(card.approved_by)} of {card.quorum} have allowed it" if card.quorum > 1 else ""
    reminded = f" · reminded {clock(card.reminded_at)}" if card.reminded_at else ""
    ends = f"expires {clock(card.expires_at)}" if card.expires else NEVER_EXPIRES.lower()
    asked_too = f" · others asked too {clock(card.escalated_at)}" if card.escalated_at else ""
    return one_line(f"{who}{needed} · {ends}{reminded}{asked_too}", "dim")


def _decided(card: ApprovalCard) -> Text:
    (sign, verb), style = decided(card), "yellow" if went_wrong(card) else DECISION_STYLES[card.state]
    by = f" by {card.by.shown}" if card.by else ""
    came = f" · {outcome(card)}" if card.outcome else ""
    why = f": {card.reason}" if card.reason else ""
    what = f" · {told}" if (told := with_what(card)) else ""
    return Text.assemble((f"{sign} ", style), one_line(f"{tool_title(card)} {verb}{by}{reach(card)}{why}{what}{came}"))


def _question(card: QuestionCard, texts: Mapping[str, str]) -> RenderableType:
    if card.state == "answered":
        by = f"({card.by.shown})" if card.by else ""
        return Text.assemble(("→ ", "cyan"), one_line(card.answer, "bold"), " ", one_line(by, "dim"))
    if card.state == "superseded":
        return Text("⊘ The question is no longer open.", style="dim")
    options = [Text.assemble((f"  {n}. ", "cyan"), one_line(text)) for n, text in enumerate(card.options, 1)]
    body = Group(words(card.question), *options)
    asks = f": {one_line(who_asks(card))}" if card.server else ""
    return Panel(body, title=f"Question {card.question_id}{asks}", title_align="left", border_style="cyan")


def _budget(card: BudgetCard, texts: Mapping[str, str]) -> Text:
    said, style = {
        "warning": (f"! {used(card)}.", "yellow"),
        "exceeded": (f"! {exceeded(card)}", "bold red"),
        "increased": (f"+ {raised(card)}", "green"),
        "closed": (f"⊘ {stayed(card)}", "dim"),
    }[card.state]
    since = f" {written_since(card.since)}" if card.since and card.state == "exceeded" else ""
    return one_line(f"{said}{since}", style)


def _answer(card: AnswerCard, texts: Mapping[str, str]) -> RenderableType:
    whole = texts.get(card.answer_ref or "", card.answer)
    return Panel(prose(whole), title="Answer", title_align="left", border_style="green", padding=(1, 2))


def _notice(card: NoticeCard, texts: Mapping[str, str]) -> Text:
    sign, style = LEVELS[card.level]
    return Text.assemble((f"{sign} ", style), words(card.text, "" if card.level == "info" else style))


def _file(card: FileCard, texts: Mapping[str, str]) -> Text:
    return one_line(" · ".join(filter(None, (file_line(card), card.file.link))))


def _notification(card: NotificationCard, texts: Mapping[str, str]) -> Text:
    return one_line(in_a_line(card))


RENDERERS: dict[str, Callable[[Any, Mapping[str, str]], RenderableType]] = {
    "status": _status,
    "approval": _approval,
    "question": _question,
    "budget": _budget,
    "answer": _answer,
    "notice": _notice,
    "file": _file,
    "notification": _notification,
}


def clock(at: datetime) -> str:
    """A time of day on the reader's own clock, with the day where it is another one."""
    here, now = at.astimezone(), datetime.now().astimezone()
    return f"{here:%H:%M}" if here.date() == now.date() else f"{here:%a %d %b %H:%M}"
