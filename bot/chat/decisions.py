"""Approvals decided by a command instead of a button."""

from collections.abc import Awaitable, Callable
from typing import Literal

from bot import handlers
from bot.chat.choice import Chosen, chosen
from bot.chat.clicks import outcome
from bot.chat.commands import SLASH, parse_task
from bot.chat.lists import approval_list
from bot.chat.request import Request
from bot.chat.rights import waiting_for
from workflows.cards import ApprovalCard
from workflows.errors import Rejected
from workflows.talk import Response

Word = Literal["approve", "deny"]


def decide_command(word: Word) -> Callable[[Request, str], Awaitable[Response]]:
    """`approve|deny [task] [number] [reason…]`."""

    async def handle(request: Request, rest: str) -> Response:
        if not rest.strip() and not request.origin.sink.thread:
            return await _only_one(request, word)
        found = await chosen(request, parse_task(rest), word)
        return await _decide(request, word, found) if isinstance(found, Chosen) else found

    return handle


async def _only_one(request: Request, word: Word) -> Response:
    """Without any more words: the one approval that waits for the person, or the list."""
    waiting = await waiting_for(request.ports, request.origin.by, request.origin.sink)
    if len(waiting) != 1:
        return approval_list(waiting)
    return await _settled(request, word, waiting[0].task.task_id, waiting[0].card.approval_id, "")


async def _decide(request: Request, word: Word, found: Chosen) -> Response:
    view = await request.threads.view(found.task.task_id)
    known = {card.approval_id: card for card in view.cards if isinstance(card, ApprovalCard)}
    first, _, reason = found.rest.partition(" ")
    number = first.strip("`#")
    if number in known:
        return await _settled(request, word, found.task.task_id, number, reason)
    if number.isdecimal():  # taken for a reason it would decide about something else
        raise Rejected(f"There is no approval {number[:9]} there.", f"`{SLASH} approvals` shows what waits for you.")
    pending = [card.approval_id for card in known.values() if card.state == "pending"]
    if len(pending) != 1:
        raise Rejected(_unclear(pending), f"`{SLASH} approvals` shows what waits for you.")
    return await _settled(request, word, found.task.task_id, pending[0], found.rest)


def _unclear(pending: list[str]) -> str:
    if not pending:
        return "Nothing waits for an approval there."
    return f"Several approvals wait there; say which: {', '.join(pending)}."


async def _settled(request: Request, word: Word, task_id: str, approval_id: str, reason: str) -> Response:
    return await outcome(request, handlers.decide(request.caller, task_id, approval_id, word, reason=reason.strip()))
