"""Delegated tasks and budgets in the thread: lines of the status card, and cards that ask for more."""

from threadwork.workflows import events as e
from threadwork.workflows.cards import ApprovalCard, BudgetCard, ChildLine
from threadwork.workflows.events import EventType
from threadwork.workflows.fold import Fold

CHILDREN = 10  # delegated tasks the status card knows; people are shown those at work


def delegated(fold: Fold, p: e.TaskDelegated) -> None:
    line = ChildLine(task_id=p.child_task_id, agent=p.agent, goal=p.goal)
    fold.head(children=(*fold.status.children, line)[-CHILDREN:])
    fold.log(f"↳ {p.agent} started")


def reported(fold: Fold, p: e.TaskReported) -> None:
    """What a child has spent is part of what the task has."""
    lines = {line.task_id: line for line in fold.status.children}
    if (line := lines.get(p.child_task_id)) is None:
        return
    status = fold.status
    lines[line.task_id] = line.model_copy(
        update=p.model_dump(include={"iteration", "doing", "usd", "tokens"}) | {"status": p.status}
    )
    fold.head(
        children=tuple(lines.values()),
        usd=round(status.usd + p.usd - line.usd, 9),
        tokens=status.tokens + p.tokens - line.tokens,
    )
    if p.approval_id and isinstance(card := fold.card(f"approval:{p.approval_id}"), ApprovalCard):
        fold.change(card.key, outcome=card.outcome or p.outcome)
    if p.status.ended:
        fold.child_ended(p.child_task_id)


def _grant_exceeded(fold: Fold, p: e.BudgetExceeded, child: str) -> None:
    number = len([card for card in fold.of(BudgetCard) if card.child == child and card.state != "exceeded"]) + 1
    card = BudgetCard(
        key=f"budget:{child}:{p.unit}:{number}",
        unit=p.unit,
        used=p.used,
        limit=p.limit,
        state="exceeded",
        child=child,
        agent=p.agent or "",
    )
    fold.put(card)


def budget_told(fold: Fold, p: e.BudgetWarning | e.BudgetExceeded) -> None:
    if isinstance(p, e.BudgetExceeded) and p.child_task_id:
        return _grant_exceeded(fold, p, p.child_task_id)
    state = "exceeded" if p.type is EventType.BUDGET_EXCEEDED else "warning"
    own = [card for card in fold.of(BudgetCard) if not card.child]
    key = f"budget:{p.unit}:{len([c for c in own if c.state in ('increased', 'closed')]) + 1}"
    fold.put(BudgetCard(key=key, unit=p.unit, used=p.used, limit=p.limit, state=state))
    return None


def budget_increased(fold: Fold, p: e.BudgetIncreased) -> None:
    fold.head(usd_limit=p.usd_limit, tokens_limit=p.tokens_limit, max_iterations=p.max_iterations)
    who = p.by.shown
    fold.log(f"+ budget raised by {who}")
    for card in fold.of(BudgetCard):
        if card.child:
            more = p.add_usd if card.unit == "usd" else p.add_tokens
            if card.state == "exceeded" and more:
                fold.change(card.key, state="increased", by=p.by, limit=card.limit + more)
            continue
        limit = p.usd_limit if card.unit == "usd" else p.tokens_limit
        if card.state in ("warning", "exceeded") and limit is not None and limit > card.limit:
            fold.change(card.key, state="increased", by=p.by, limit=limit)
