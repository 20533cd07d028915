"""Approvals decided by a command instead of a button: only what is named, and was shown where it is decided."""

from collections.abc import Awaitable, Callable
from typing import Literal

from adapters.wording import card_words
from bot.chat.choice import meant
from bot.chat.clicks import outcome
from bot.chat.commands import SLASH
from bot.chat.exact_words import USAGE, parse_decision
from bot.chat.home import whole_arguments
from bot.chat.lists import about, approval_item, approval_list, short
from bot.chat.places import offers
from bot.chat.request import Request
from bot.chat.rights import waiting_for
from bot.chat.rooms import known_there
from bot.chat.shown import shown_digest
from bot.intake import commands as handlers
from workflows.buttons import Button, buttons
from workflows.cards import ApprovalCard
from workflows.errors import Rejected
from workflows.inbound import Response
from workflows.tasks import TaskRecord, WaitingApproval

Word = Literal["approve", "deny"]
ASKED = 1_200  # characters of the arguments that are asked about once more; what is longer is shown in its thread
ASKED_BY = ("approve", "deny")  # verbs of the buttons below such a question


def decide_command(word: Word) -> Callable[[Request, str], Awaitable[Response]]:
    """`approve <task> <number>`, `deny <task> <number>: <reason>`; in a thread its task is meant. Else a list."""

    async def handle(request: Request, rest: str) -> Response:
        words = parse_decision(word, rest)
        task = await meant(request, words.task)
        if task is None or not words.number:
            return await _waiting(request, word, task)
        return await _decide(request, word, task, words.number, words.reason)

    return handle


async def _waiting(request: Request, word: Word, task: TaskRecord | None) -> Response:
    """What the person may decide, of the task if one was named. Nothing is decided, even if one alone waits."""
    waiting = await waiting_for(request.ports, request.origin.by, request.origin.sink)
    mine = [one for one in waiting if task is None or one.task.task_id == task.task_id]
    return approval_list(mine, request.origin, how=f" Press a button, or write {USAGE[word]}.")


async def _decide(request: Request, word: Word, task: TaskRecord, number: str, reason: str) -> Response:
    card = await _card(request, task, number)
    here = known_there(task, request.origin.by, request.origin.sink)
    shown = await shown_digest(request.ports, task, card, here or request.origin.sink)
    if card.state == "pending":  # of others the run says what became of them
        if not shown:
            return _not_shown(request, task, card)
        if word == "approve" and card.effect == "destructive":
            return await _asked_again(request, task, card)
    return await outcome(
        request, handlers.decide(request.caller, task.task_id, number, word, reason=reason, seen=shown)
    )


async def _card(request: Request, task: TaskRecord, number: str) -> ApprovalCard:
    for card in (await request.threads.view(task.task_id)).cards:
        if isinstance(card, ApprovalCard) and card.approval_id == number:
            return card
    said = f"There is no approval {number} of “{short(task.goal)}” ({task.task_id})."
    raise Rejected(said, f"`{SLASH} approvals` shows what waits for you.")


def _not_shown(request: Request, task: TaskRecord, card: ApprovalCard) -> Response:
    """Where others can read it, what it is about stays in its own thread."""
    what = f"Approval {card.approval_id} of “{short(task.goal)}” ({task.task_id})"
    text = f"{what} was not shown here, so nothing was decided."
    item = approval_item(WaitingApproval(task=task, card=card), request.origin)
    return Response(
        text=text, tone="warning", items=(about(task, "Look at it in its thread.") if request.aloud else item,)
    )


async def _asked_again(request: Request, task: TaskRecord, card: ApprovalCard) -> Response:
    """Words are typed quickly: what may not be undone is approved by a button, beside what will run."""
    whole = await whole_arguments(request.ports, task.task_id, card)
    shown = card_words.arguments(whole) or "no arguments"
    fits = len(shown) <= ASKED and "```" not in shown and not (whole == card.arguments and whole.endswith("…"))
    code = shown if fits else card_words.excerpt(shown, ASKED).replace("```", "'''")
    text = (
        f"Approve `{card.tool}` for “{short(task.goal)}” ({task.task_id})? It may not be possible to undo this.\n"
        f"```\n{code}\n```\nNothing is approved yet."
    )
    way = (
        "Press a button to decide."
        if fits
        else "This is only a part. Open the thread to see all of it, and decide there."
    )
    row = _asking(task.task_id, card) if fits and offers(task, request.origin) else ()
    return Response(text=text, tone="warning", items=(about(task, way).model_copy(update={"buttons": row}),))


def _asking(task_id: str, card: ApprovalCard) -> tuple[Button, ...]:
    """The question stands above them: they ask no further one."""
    row = (button for button in buttons(task_id, card) if button.press.verb in ASKED_BY)
    return tuple(button.model_copy(update={"confirm": ""}) for button in row)
