"""The cards of a thread as Discord's messages: pure functions from a card to embeds, split at Discord's limits.

Embeds, not Components V2. An embed has a field nobody sees that the history returns (its `url`, which leads nowhere
without a title): the mark stands there on every message, plain answers included, where V2 has a place for it only
in buttons. V2 cannot be taken back from a message once it is set, so a card could never be edited into another form;
an embed is edited in place at will. And in embeds nothing pings and no address is fetched for a preview. The price is
that a bot needs Embed Links, and that who may manage messages can hide an embed, and the mark with it."""

from collections.abc import Callable
from typing import Any

from threadwork.adapters.chat.question_words import labelled, listed
from threadwork.adapters.discord.cards.approval_card import approval, since
from threadwork.adapters.discord.cards.components import cut
from threadwork.adapters.discord.cards.context import whose
from threadwork.adapters.discord.cards.embeds import Tone, embed, part
from threadwork.adapters.discord.cards.status_card import status
from threadwork.adapters.discord.cards.tables import drawn
from threadwork.adapters.discord.cards.text import bold, channels, escaped, markdown, mono, quote
from threadwork.adapters.discord.cards.usage import typed_here
from threadwork.adapters.wording.answer_words import made_with
from threadwork.adapters.wording.budget_words import exceeded, raised, stayed, used
from threadwork.adapters.wording.card_words import excerpt, file_line, one_line, stored_file, who_asks
from threadwork.adapters.wording.markdown_shapes import shaped, with_tables
from threadwork.adapters.wording.markdown_split import split_markdown
from threadwork.adapters.wording.notification_words import goal_line, notification
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

PIECE = 3_900  # characters of Markdown in a message; an embed's description takes 4,096
LONG = 11_000  # characters from which on a text is a file: above three messages
HEAD = 1_800  # characters of such a text that are shown
NOTICE, NOTICE_LINES = 1_500, 40  # characters and lines
MAX_NAME = 100  # characters of a person's name
LEVELS: dict[str, tuple[str, Tone]] = {"info": ("", "quiet"), "warning": ("⚠️ ", "warning"), "error": ("🔴 ", "bad")}


def render(task_id: str, card: Card, link: str = "") -> list[Part]:
    """A card as one message or more, in order. `link`: the task's page in Temporal; empty: there is none.

    `Part.content` is `{"content", "embeds", "components"}`, for posting and for editing alike."""
    return RENDERERS[card.kind](task_id, card, link)


def _status(task_id: str, card: StatusCard, link: str) -> list[Part]:
    made = part(status(card, link), buttons(task_id, card))
    return [made.model_copy(update={"state": card.status})]


def _approval(task_id: str, card: ApprovalCard, link: str) -> list[Part]:
    return [approval(task_id, card)]


def _question(task_id: str, card: QuestionCard, link: str) -> list[Part]:
    question = markdown(one_line(excerpt(card.question, NOTICE)))
    if card.state == "superseded":
        return [part(embed([f"⊘ No longer open: {question}"]))]
    if card.state == "answered":
        by = f" ({escaped(one_line(excerpt(card.by.shown, MAX_NAME)))})" if card.by else ""
        said = bold(one_line(excerpt(card.answer, NOTICE // 2)))
        return [part(embed([f"> {question}", f"→ {said}{by}"], "good"))]
    return [_open_question(task_id, card)]


def _open_question(task_id: str, card: QuestionCard) -> Part:
    asked, file = _asked(card)
    made = part(
        embed([asked], "ask"), labelled(card.options, buttons(task_id, card), cut), above=f"❓ {bold(who_asks(card))}"
    )
    return made.model_copy(update={"file": file})


def _asked(card: QuestionCard) -> tuple[str, File | None]:
    """The question, and its options where they are written out."""
    options = listed(card.options)
    shown = "\n\n".join(filter(None, (markdown(card.question).strip(), escaped(options))))
    if len(shown) <= PIECE:
        return shown, None
    return _headed("\n\n".join(filter(None, (card.question, options))), "question.md")


def _budget(task_id: str, card: BudgetCard, link: str) -> list[Part]:
    above, said, tone = BUDGETS[card.state](card)
    waits = [since(card.since)] if card.since and card.state == "exceeded" else []
    return [part(embed([*waits, said], tone), buttons(task_id, card), above)]


BUDGETS: dict[str, Callable[[BudgetCard], tuple[str, str, Tone]]] = {  # above the embed, in it, its tone
    "warning": lambda card: ("", f"⚠️ {used(card)}.", "warning"),
    "exceeded": lambda card: (
        f"🔴 {escaped(exceeded(card))}",
        "The task waits: add to the budget, or stop it.",
        "bad",
    ),
    "increased": lambda card: ("", f"✓ {escaped(raised(card))}", "good"),
    "closed": lambda card: ("", f"⊘ {stayed(card)}", "quiet"),
}


def _answer(task_id: str, card: AnswerCard, link: str) -> list[Part]:
    pieces, file = _prose(shaped(with_tables(card.answer, drawn)), "answer.md", card.answer)
    numbers = [f"{number} of {len(pieces)}" if len(pieces) > 1 else "" for number in range(1, len(pieces) + 1)]
    numbers[-1] = " · ".join(filter(None, (numbers[-1], made_with(card))))
    *first, last = (embed([piece], "good", footer=number) for piece, number in zip(pieces, numbers, strict=True))
    return [*map(part, first), part(last, buttons(task_id, card)).model_copy(update={"file": file})]


def _prose(text: str, name: str, written: str) -> tuple[list[str], File | None]:
    """Markdown as pieces of a message each; a very long one as its head, and a file of it as it was `written`."""
    if len(text) <= LONG and len(safe := markdown(text)) <= LONG:
        return split_markdown(safe, PIECE) or ["(empty)"], None
    shown, file = _headed(written, name)
    return [shown], file


def _headed(text: str, name: str) -> tuple[str, File]:
    shown = split_markdown(markdown(text[: HEAD * 2]), HEAD)[:1]
    rest = f"**This is not all:** the whole text ({len(text):,} characters) is in the file {name}."
    return "\n\n".join((*shown, rest)), File(name=name, text=text)


def _notice(task_id: str, card: NoticeCard, link: str) -> list[Part]:
    sign, tone = LEVELS[card.level]
    said = channels(escaped(typed_here(excerpt(card.text, NOTICE, NOTICE_LINES))))
    return [part(embed([f"{sign}{said or '…'}"], tone))]


def _file(task_id: str, card: FileCard, link: str) -> list[Part]:
    where = [mono(card.file.link)] if card.file.link else []
    return [part(embed([escaped(file_line(card)), *where])).model_copy(update={"file": stored_file(card)})]


def _notification(task_id: str, card: NotificationCard, link: str) -> list[Part]:
    said = notification(card)
    lines = [
        bold(goal_line(card.context)),
        *([quote(said.text)] if said.text else []),
        *([f"→ {bold(said.outcome)}"] if said.outcome else []),
        whose(card.context),
    ]
    return [part(embed(lines, said.tone), above=f"{said.sign} **{escaped(said.headline)}**")]


RENDERERS: dict[str, Callable[[str, Any, str], list[Part]]] = {
    "status": _status,
    "approval": _approval,
    "question": _question,
    "budget": _budget,
    "answer": _answer,
    "notice": _notice,
    "file": _file,
    "notification": _notification,
}
