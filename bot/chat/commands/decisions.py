"""Approvals decided by a command instead of a button: only what is named, and was shown where it is decided."""

from typing import Literal

from threadwork.adapters.wording import argument_words, card_words
from threadwork.adapters.wording.decision_words import written_since
from threadwork.bot.chat.choice import named
from threadwork.bot.chat.context import Context, Order
from threadwork.bot.chat.exact_words import USAGE, parse_decision
from threadwork.bot.chat.lists import about, approval_item, approval_list, short
from threadwork.bot.chat.places import offers
from threadwork.bot.chat.private_arguments import LOOK_FIRST
from threadwork.bot.chat.rights import waiting_for
from threadwork.bot.chat.rooms import known_there
from threadwork.bot.chat.shown import newest_shown, shown_digest
from threadwork.bot.chat.windows import whole_arguments
from threadwork.bot.intake import commands
from threadwork.workflows.buttons import Button, buttons
from threadwork.workflows.cards import ApprovalCard, ThreadView
from threadwork.workflows.command_name import SLASH
from threadwork.workflows.errors import Rejected
from threadwork.workflows.inbound import Response
from threadwork.workflows.sinks import Sink
from threadwork.workflows.tasks import TaskRecord, WaitingApproval

Decision = Literal["approve", "deny"]
ASKED = 1_200  # characters of the arguments that are asked about once more; what is longer is shown in its thread
ASKED_BY = ("approve", "deny")  # verbs of the buttons below such a question


async def handle(context: Context, word: str, rest: str) -> Response | Order:
    """`approve <task> <number>`, `deny <task> <number>: <reason>`; in a thread its task is meant. Else a list."""
    words = parse_decision(word, rest)
    in_thread = context.ports.tasks.in_thread
    task = await named(context, words.task) if words.task else await in_thread(context.source.sink)
    if task is None or not words.number:
        return await _waiting(context, word, task)
    return await _decide(context, _decision(word), task, words.number, words.reason)


def _decision(word: str) -> Decision:
    return "approve" if word == "approve" else "deny"


async def _waiting(context: Context, word: str, task: TaskRecord | None) -> Response:
    """What the person may decide, of the task if one was named. Nothing is decided, even if one alone waits."""
    waiting = await waiting_for(context.ports, context.source.by, context.source.sink)
    mine = [one for one in waiting if task is None or one.task.task_id == task.task_id]
    return approval_list(mine, context.source, how=f" Press a button, or write `{SLASH} {word} {USAGE[word]}`.")


async def _decide(context: Context, decision: Decision, task: TaskRecord, number: str, reason: str) -> Response | Order:
    view = await context.threads.view(task.task_id)
    card = _card(view, task, number)
    here = known_there(task, context.source.by, context.source.sink)
    place = here or context.source.sink
    shown = await shown_digest(context.ports, task, card, place)
    if card.state == "pending":  # of others the run says what became of them
        if not shown:
            return _not_shown(context, task, card)
        if decision == "approve" and card.private:
            item = approval_item(WaitingApproval(task=task, card=card), context.source)
            return Response(text=LOOK_FIRST, tone="warning", items=(item,))
        if decision == "approve" and card.effect == "destructive":
            return await _asked_again(context, task, card)
    up_to = await _newest_seen(context, task, card, place, view.status.last_reply)
    return Order(
        commands.decide(context.caller, task.task_id, number, decision, reason=reason, seen=shown, up_to=up_to)
    )


async def _newest_seen(context: Context, task: TaskRecord, card: ApprovalCard, place: Sink, newest: str) -> str:
    """The newest reply that whoever types has seen. In its thread they see what stands above their line; elsewhere what
    the card shows there. Empty: not the newest one."""
    if not newest or not card.asked_at:
        return newest
    source = context.source
    own = await context.ports.tasks.in_thread(source.sink) if source.sink.thread else None
    if own is None or own.task_id != task.task_id:
        return await newest_shown(context.ports, task, card, place, newest)
    channel, _, _ = source.key.rpartition(":")
    is_later = newest.rpartition(":")[0] == channel and newest > source.key
    return "" if is_later else newest


def _card(view: ThreadView, task: TaskRecord, number: str) -> ApprovalCard:
    for card in view.cards:
        if isinstance(card, ApprovalCard) and card.approval_id == number:
            return card
    said = f"There is no approval {number} of “{short(task.goal)}” ({task.task_id})."
    raise Rejected(said, f"`{SLASH} approvals` shows what waits for you.")


def _not_shown(context: Context, task: TaskRecord, card: ApprovalCard) -> Response:
    """Where others can read it, what it is about stays in its own thread."""
    what = f"Approval {card.approval_id} of “{short(task.goal)}” ({task.task_id})"
    text = f"{what} was not shown here, so nothing was decided."
    item = approval_item(WaitingApproval(task=task, card=card), context.source)
    return Response(
        text=text, tone="warning", items=(about(task, "Look at it in its thread.") if context.aloud else item,)
    )


async def _asked_again(context: Context, task: TaskRecord, card: ApprovalCard) -> Response:
    """Words are typed quickly: what may not be undone is approved by a button, beside what will run."""
    whole = await whole_arguments(context.ports, task.task_id, card)
    shown = argument_words.arguments(whole) or "no arguments"
    fits = len(shown) <= ASKED and "```" not in shown and not (whole == card.arguments and whole.endswith("…"))
    code = shown if fits else card_words.excerpt(shown, ASKED).replace("```", "'''")
    since = f"{written_since(card.since)}\n" if card.since else ""
    text = (
        f"Approve `{card.tool}` for “{short(task.goal)}” ({task.task_id})? It may not be possible to undo this.\n"
        f"{since}```\n{code}\n```\nNothing is approved yet."
    )
    way = (
        "Press a button to decide."
        if fits
        else "This is only a part. Open the thread to see all of it, and decide there."
    )
    row = _asking(task.task_id, card) if fits and offers(task, context.source) else ()
    return Response(text=text, tone="warning", items=(about(task, way).model_copy(update={"buttons": row}),))


def _asking(task_id: str, card: ApprovalCard) -> tuple[Button, ...]:
    """The question stands above them: they ask no further one."""
    row = (button for button in buttons(task_id, card) if button.press.verb in ASKED_BY)
    return tuple(button.model_copy(update={"confirm": ""}) for button in row)
