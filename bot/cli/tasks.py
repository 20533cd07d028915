"""Single acts on tasks: each says what it came to, and is done."""

import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Literal

from threadwork.adapters.terminal.plain_cards import plain_arguments
from threadwork.bot.cli.reach import connected
from threadwork.bot.cli.run import named, only_open, say, tell
from threadwork.bot.client.api import ApiClient, Outcome, TaskPage
from threadwork.bot.settings import Settings
from threadwork.bot.terminal.plain import PlainSession
from threadwork.bot.terminal.talk import chosen
from threadwork.workflows.cards import ApprovalCard, QuestionCard
from threadwork.workflows.errors import NotFound, Rejected
from threadwork.workflows.grants import GrantWish, Scope

DECIDED = {"approve": "Allowed", "deny": "Denied"}
PIPED = 1_000  # columns where nobody looks: goals are previews of 400 characters
NONE = {  # whether only open ones were wanted, and those of a task
    (False, False): "There are no tasks yet.",
    (True, False): "There are no open tasks.",
    (False, True): "That task delegated none.",
    (True, True): "None that it delegated is open.",
}
Click = Callable[[ApiClient, str], Awaitable[Outcome]]


async def list_tasks(settings: Settings, only_open: bool, limit: int, parent: str | None = None) -> int:
    """A table, newest first."""
    from rich.console import Console

    from threadwork.adapters.terminal.lists import task_table

    async with connected(settings) as client:
        tasks = await client.tasks(only_open, limit, parent)
    if tasks:
        console = Console() if sys.stdout.isatty() else Console(width=PIPED)
        console.print(task_table(tasks, datetime.now(UTC), console.width), markup=False, highlight=False)
    else:
        tell(NONE[only_open, parent is not None])
    return 0


async def events(settings: Settings, task: str | None, follow: bool) -> int:
    """JSON lines, since the first event; with `follow` on to the end of the task."""
    async with connected(settings) as client:
        task_id = await named(client, task)
        if follow:
            await PlainSession(client, task_id, say, tell, as_json=True, decides=False).run()
            return 0
        for event in await client.stored(task_id):
            tell(event.model_dump_json())
    return 0


async def click(settings: Settings, task: str | None, act: Click, certain: bool = False) -> int:
    """One request about a task, and what came of it.

    Where none is named it is the newest open one; with `certain` none but the only open one."""
    async with connected(settings) as client:
        outcome = await act(client, await (only_open if certain else named)(client, task))
    tell(outcome.detail or outcome.outcome.capitalize() + ".")
    return 0


async def decide(
    settings: Settings,
    task: str | None,
    approval: str | None,
    decision: Literal["approve", "deny"],
    reason: str = "",
    scope: Scope | None = None,
    grant: GrantWish | None = None,
) -> int:
    """Decides on the call as it stands at this moment, and says which it was."""

    async def act(client: ApiClient, task_id: str) -> Outcome:
        page = await client.task(task_id)
        card = _pending(page, approval, decision)
        seen = partial(client.decide, digest=card.digest, up_to=page.thread.status.last_reply or None)
        outcome = await seen(task_id, card.approval_id, decision, reason, scope, grant=grant)
        said = f"{DECIDED[decision]}: {_call(page, card)}"
        return outcome.model_copy(
            update={"detail": f"{said}\n{outcome.detail}" if outcome.outcome == "recorded" else said}
        )

    return await click(settings, task, act, certain=True)


async def answer(settings: Settings, task: str, text: str) -> int:
    """Answers the oldest open question; a number stands for an option."""

    async def act(client: ApiClient, task_id: str) -> Outcome:
        question = _open_question(await client.task(task_id))
        return await client.answer(task_id, question.question_id, chosen(text, question.options))

    return await click(settings, task, act)


def _pending(page: TaskPage, approval: str | None, decision: str) -> ApprovalCard:
    """The approval that was named. Raises `Rejected` with what waits where none was: one that came up in the meantime
    is not meant by whoever had another before their eyes."""
    cards = [card for card in page.thread.cards if isinstance(card, ApprovalCard)]
    if approval:
        return _named(cards, approval)
    pending = [card for card in cards if card.state == "pending"]
    if not pending:
        raise Rejected("No approval is waiting on this task.")
    listed = "".join(f"\n  {card.approval_id}  {_call(page, card)}" for card in pending)
    said = "1 approval is" if len(pending) == 1 else f"{len(pending)} approvals are"
    way = f"threadwork {decision} {page.task.task_id} {pending[0].approval_id}"
    raise Rejected(f"{said} waiting; nothing was decided:{listed}", f"\nDecide by its number: {way}")


def _call(page: TaskPage, card: ApprovalCard) -> str:
    return f"{card.tool} {plain_arguments(page.texts.get(card.arguments_ref, card.arguments))}"


def _named(cards: list[ApprovalCard], approval: str) -> ApprovalCard:
    """One that was decided is as good: what became of it is for the API to say."""
    for card in cards:
        if card.approval_id == approval:
            return card
    raise NotFound(f"There is no approval {approval} on this task.")


def _open_question(page: TaskPage) -> QuestionCard:
    for card in page.thread.cards:
        if isinstance(card, QuestionCard) and card.state == "open":
            return card
    raise Rejected("No question is open on this task.", 'To say something anyway: threadwork reply <task> "…"')
