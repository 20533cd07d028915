"""The cards of a thread as Slack's messages: pure functions from a card to blocks, split at Slack's limits."""

from collections.abc import Callable
from typing import Any

from threadwork.adapters.chat.question_words import labelled, listed
from threadwork.adapters.chat.status_words import summary, title
from threadwork.adapters.slack.cards import approval_card, status_card
from threadwork.adapters.slack.cards.blocks import (
    Block,
    actions,
    bold,
    code,
    context,
    cut,
    feedback,
    mono,
    packed,
    prose,
    quote,
    rich,
    section,
    table,
)
from threadwork.adapters.slack.cards.context import whose
from threadwork.adapters.slack.cards.plain_text import read
from threadwork.adapters.slack.cards.text import fallback, markdown
from threadwork.adapters.wording.answer_words import made_with
from threadwork.adapters.wording.budget_words import exceeded, raised, stayed, used
from threadwork.adapters.wording.card_words import excerpt, file_line, one_line, stored_file, who_asks
from threadwork.adapters.wording.markdown_shapes import Table, aligned, pieces, plain_rows, shaped
from threadwork.adapters.wording.markdown_split import split_markdown
from threadwork.adapters.wording.notification_words import goal_line, notification
from threadwork.adapters.wording.plain_words import plain
from threadwork.workflows.buttons import buttons
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
from threadwork.workflows.sinks import File, Part

PIECE = 9_000  # characters of Markdown in a message; with what stands around it, Slack takes about 12,000
LONG = 30_000  # characters from which on a text is a file
HEAD = 3_000  # characters of such a text that are shown
NOTICE = 2_500  # characters
LEVELS = {"info": "", "warning": "⚠️ ", "error": "🔴 "}
Drawn = tuple[list[Block], str, File | None]  # blocks, what a notification says, a text too long for them


def render(task_id: str, card: Card, link: str = "") -> list[Part]:
    """A card as one message or more, in order. `link`: the task's page in Temporal; empty: there is none.

    `Part.content` is `{"text", "blocks"}` for `chat.postMessage` and `chat.update`."""
    blocks, spoken, file = RENDERERS[card.kind](task_id, card, link)
    parts = [_part(message, spoken) for message in packed(blocks)]
    head = {"state": card.status, "title": title(card)} if isinstance(card, StatusCard) else {}
    return [parts[0].model_copy(update={"file": file, **head}), *parts[1:]]


def _part(blocks: list[Block], spoken: str) -> Part:
    return Part(content={"text": fallback(spoken), "blocks": blocks}, text=read(blocks))


def _status(task_id: str, card: StatusCard, link: str) -> Drawn:
    return status_card.status(task_id, card, link), summary(card), None


def _approval(task_id: str, card: ApprovalCard, link: str) -> Drawn:
    blocks, file = approval_card.approval(task_id, card)
    blocks = [*blocks, *whose(card.context, goal=True)] if card.context else blocks
    return blocks, approval_card.spoken(card), file


def _question(task_id: str, card: QuestionCard, link: str) -> Drawn:
    question = one_line(excerpt(card.question, NOTICE))
    if card.state == "superseded":
        return [prose(markdown(f"⊘ No longer open: {question}"))], "A question is no longer open.", None
    if card.state == "answered":
        by = f" ({one_line(card.by.shown[:100])})" if card.by else ""
        said = rich(section("→ ", bold(excerpt(card.answer, NOTICE) or "…"), by))
        return [prose(markdown(f"> {question}")), said], "A question is answered.", None
    asked, file = _prose("\n\n".join(filter(None, (card.question, listed(card.options)))), "question.md")
    return (
        [
            rich(section("❓ ", bold(who_asks(card)))),
            *asked,
            *actions(labelled(card.options, buttons(task_id, card), cut)),
        ],
        plain(card.question[:HEAD]),
        file,
    )


def _budget(task_id: str, card: BudgetCard, link: str) -> Drawn:
    said = BUDGETS[card.state](card)
    waits = approval_card.since(card.since) if card.since and card.state == "exceeded" else []
    return [rich(section(said)), *waits, *actions(buttons(task_id, card))], said, None


BUDGETS: dict[str, Callable[[BudgetCard], str]] = {
    "warning": lambda card: f"⚠️ {used(card)}.",
    "exceeded": lambda card: f"🔴 {exceeded(card)}\nThe task waits: add to the budget, or stop it.",
    "increased": lambda card: f"✓ {raised(card)}",
    "closed": lambda card: f"⊘ {stayed(card)}",
}


def _answer(task_id: str, card: AnswerCard, link: str) -> Drawn:
    good, bad = buttons(task_id, card)
    said, file = _shown(card.answer)
    return [*said, *context(made_with(card)), feedback(good, bad)], plain(card.answer[:HEAD]), file


def _shown(answer: str) -> tuple[list[Block], File | None]:
    """Markdown as Slack can, tables as tables; a very long one as its head, and a file that is as it was written."""
    if len(answer) > LONG:
        return _prose(answer, "answer.md")
    blocks: list[Block] = []
    for piece in pieces(shaped(answer)):
        if isinstance(piece, Table):
            blocks += table(plain_rows(piece)) or [rich(code(aligned(plain_rows(piece))[:PIECE]))]
        elif piece.strip():
            blocks += _prose(piece.strip("\n"), "answer.md")[0]
    return blocks or [prose("(empty)")], None


def _prose(text: str, name: str) -> tuple[list[Block], File | None]:
    """Markdown as blocks of one message each; a very long one as its head, and a file."""
    if len(text) <= LONG and len(safe := markdown(text)) <= LONG:
        return [prose(piece) for piece in split_markdown(safe, PIECE)] or [prose("(empty)")], None
    head = split_markdown(markdown(text[: HEAD * 2]), HEAD)[:1]
    rest = rich(section(bold("This is not all: "), f"the whole text ({len(text):,} characters) is in the file {name}."))
    return [*map(prose, head), rest], File(name=name, text=text)


def _notice(task_id: str, card: NoticeCard, link: str) -> Drawn:
    said = LEVELS[card.level] + (excerpt(card.text, NOTICE) or "…")
    return [rich(section(said))], said, None


def _file(task_id: str, card: FileCard, link: str) -> Drawn:
    said = file_line(card)
    where = ("\n", mono(one_line(card.file.link) or "…")) if card.file.link else ()
    return [rich(section(said, *where))], said, stored_file(card)


def _notification(task_id: str, card: NotificationCard, link: str) -> Drawn:
    said = notification(card)
    lines = rich(
        section(f"{said.sign} ", bold(said.headline), f" · {goal_line(card.context)}"),
        *([quote(said.text)] if said.text else []),
        *([section("→ ", bold(said.outcome))] if said.outcome else []),
    )
    return [lines, *whose(card.context)], f"{said.headline}: {goal_line(card.context)}", None


RENDERERS: dict[str, Callable[[str, Any, str], Drawn]] = {
    "status": _status,
    "approval": _approval,
    "question": _question,
    "budget": _budget,
    "answer": _answer,
    "notice": _notice,
    "file": _file,
    "notification": _notification,
}
