"""Buttons, and the forms behind them: one table, a command each."""

import json
from collections.abc import Awaitable, Callable
from math import ceil
from typing import Literal

from threadwork.adapters.wording import grant_words
from threadwork.bot.chat import direct, held_lines, private_arguments
from threadwork.bot.chat.amounts import amount
from threadwork.bot.chat.context import Context, Order
from threadwork.bot.chat.grants import check_may_be_granted, revoked
from threadwork.bot.chat.lists import approval_item
from threadwork.bot.chat.visibility import check_click
from threadwork.bot.intake import commands
from threadwork.workflows.buttons import DECISIONS, SEEN, Click, Verb
from threadwork.workflows.cards import ApprovalCard, QuestionCard, StatusCard
from threadwork.workflows.errors import Rejected
from threadwork.workflows.event_types import Unit
from threadwork.workflows.grants import Scope
from threadwork.workflows.inbound import ButtonClick, Response
from threadwork.workflows.tasks import Command, WaitingApproval

Maker = Callable[[Context, Click, str], Awaitable[Command]]  # `given`: what the form held
OF_NO_TASK: frozenset[Verb] = frozenset({"direct"})  # about what its own author ordered, which only they may start


async def route(context: Context, click: ButtonClick) -> Response | Order:
    """Raises `Rejected` where the button or what its form held cannot be used, or the task is none of the person's
    business."""
    press = click.press
    if press.verb == "revoke":
        return await revoked(context, f"{press.task_id}.{press.about}")
    if press.verb not in OF_NO_TASK:
        await check_click(context.ports, context.source, press.task_id)
    if press.verb in DECISIONS and not press.digest and (fresh := await _shown_anew(context, press)):
        return fresh
    if press.verb == "look" and click.given != SEEN:
        return await private_arguments.shown(context, press)
    make = MAKERS.get(press.verb)
    if make is None:
        return Response(text="This button opens a window, and does nothing else.", tone="warning")
    return Order(await make(context, press, click.given))


# --- the run -------------------------------------------------------------------------------------------


async def _pause(context: Context, press: Click, given: str) -> Command:
    return commands.pause(context.caller, press.task_id)


async def _resume(context: Context, press: Click, given: str) -> Command:
    return commands.resume(context.caller, press.task_id)


async def _stop(context: Context, press: Click, given: str) -> Command:
    up_to = None if press.about else await _seen(context, press)
    return commands.stop(context.caller, press.task_id, up_to=up_to)


async def _seen(context: Context, press: Click) -> str | None:
    """The newest reply that was shown beside the button, whole: a long id is cut where it travels in the button.

    Empty: there was none yet. None: it is not told, as on the card of a budget, which shows none."""
    if not press.newest:
        return press.newest
    newest = (await _status(context, press)).last_reply
    return newest if newest.startswith(press.newest) else press.newest


async def _status(context: Context, press: Click) -> StatusCard:
    return (await context.threads.view(press.task_id)).status


# --- approvals -----------------------------------------------------------------------------------------


async def _shown_anew(context: Context, press: Click) -> Response | None:
    """A button that does not say what was shown beside it decides nothing. None: nothing is left to decide anyway."""
    for card in (await context.threads.view(press.task_id)).cards:
        if isinstance(card, ApprovalCard) and card.approval_id == press.about and card.state == "pending":
            waiting = WaitingApproval(task=await context.ports.tasks.get(press.task_id), card=card)
            return Response(text=LOOK_AGAIN, tone="warning", items=(approval_item(waiting, context.source),))
    return None


LOOK_AGAIN = "This button is out of date, so nothing was decided. Look at the call again, and use these buttons."


def _decide(decision: Literal["approve", "deny"], scope: Scope = "once") -> Maker:
    async def make(context: Context, press: Click, given: str) -> Command:
        return commands.decide(
            context.caller,
            press.task_id,
            press.about,
            decision,
            scope=scope,
            reason="" if given == SEEN else given,
            seen=press.digest,
            up_to=await _seen(context, press),
        )

    return make


async def _always(context: Context, press: Click, given: str) -> Command:
    """Nothing is given before it was chosen for whose tasks, and until when."""
    wish = grant_words.wish(given)
    if wish is None:
        raise Rejected("Choose for whose tasks it is allowed, and until when.", "Press the button again.")
    await check_may_be_granted(context.threads, press.task_id, press.about)
    return commands.decide(
        context.caller,
        press.task_id,
        press.about,
        "approve",
        scope="always",
        seen=press.digest,
        up_to=await _seen(context, press),
        grant=wish,
    )


async def _edit(context: Context, press: Click, given: str) -> Command:
    try:
        arguments = json.loads(given)
    except (ValueError, RecursionError):
        raise Rejected("These arguments are not JSON.", 'Write them like {"path": "notes.txt"}.') from None
    if not isinstance(arguments, dict):
        raise Rejected("The arguments must be a JSON object.", 'Write them like {"path": "notes.txt"}.')
    return commands.decide(
        context.caller,
        press.task_id,
        press.about,
        "approve",
        seen=press.digest,
        up_to=await _seen(context, press),
        arguments=arguments,
    )


# --- questions -----------------------------------------------------------------------------------------


async def _answer(context: Context, press: Click, given: str) -> Command:
    return commands.answer(context.caller, press.task_id, press.about, given)


async def _choose(context: Context, press: Click, given: str) -> Command:
    view = await context.threads.view(press.task_id)
    cards = (card for card in view.cards if isinstance(card, QuestionCard) and card.question_id == press.about)
    options = next((card.options for card in cards), ())
    number = int(press.detail) if press.detail.isdecimal() else 0
    if not 0 < number <= len(options):
        raise Rejected("This answer is no longer offered.", "Reply in the thread instead.")
    return commands.answer(context.caller, press.task_id, press.about, options[number - 1])


# --- budget --------------------------------------------------------------------------------------------


async def _add_half(context: Context, press: Click, given: str) -> Command:
    """What the button said; one of an older version says only that it is half."""
    if press.detail:
        return await _add_amount(context, press, press.detail)
    status = await _status(context, press)
    limit = status.tokens_limit if press.about == "tokens" else status.usd_limit
    if limit is None:
        raise Rejected("There is no such limit to raise.")
    if not limit:
        raise Rejected("Half of nothing is nothing.", "Add an amount instead.")
    if press.about == "tokens":
        return commands.add_budget(context.caller, press.task_id, tokens=ceil(limit / 2))
    return commands.add_budget(context.caller, press.task_id, usd=limit / 2)


async def _add_amount(context: Context, press: Click, given: str) -> Command:
    unit: Unit = "tokens" if press.about == "tokens" else "usd"
    usd, tokens = amount(given, unit)
    return commands.add_budget(context.caller, press.task_id, usd=usd, tokens=tokens)


# --- answers ---------------------------------------------------------------------------------------------


def _feedback(verdict: Literal["good", "bad"]) -> Maker:
    async def make(context: Context, press: Click, given: str) -> Command:
        return commands.feedback(context.caller, press.task_id, press.about, verdict, given)

    return make


MAKERS: dict[Verb, Maker] = {
    "pause": _pause,
    "resume": _resume,
    "stop": _stop,
    "approve": _decide("approve"),
    "approve_task": _decide("approve", "task"),
    "always": _always,
    "look": _decide("approve"),
    "deny": _decide("deny"),
    "deny_because": _decide("deny"),
    "edit": _edit,
    "answer": _answer,
    "choose": _choose,
    "add_half": _add_half,
    "add_amount": _add_amount,
    "take": held_lines.take,
    "direct": direct.start,
    "good": _feedback("good"),
    "bad": _feedback("bad"),
}
