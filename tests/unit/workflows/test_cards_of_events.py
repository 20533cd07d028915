"""Delegated tasks on the card of their parent."""

from datetime import UTC, datetime
from typing import Any

from threadwork.adapters.wording.budget_words import exceeded
from threadwork.adapters.wording.card_words import children
from threadwork.workflows import cards_of_events as thread
from threadwork.workflows.cards import BudgetCard, QuestionCard, ThreadView
from threadwork.workflows.events import Event

STARTED = {"goal": "Do it.", "goal_ref": "goal", "agent": "a", "model": "m", "max_iterations": 5}
BY = {"platform": "local", "user_id": "local", "name": "you"}


def told(*events: tuple[str, dict[str, Any]]) -> ThreadView:
    view = ThreadView(task_id="t")
    for seq, (kind, data) in enumerate((("workflow.started", STARTED | {"by": BY}), *events), 1):
        at = datetime(2026, 1, 1, tzinfo=UTC)
        view = thread.apply(view, Event(task_id="t", seq=seq, type=kind, at=at, iteration=1, data=data))
    return view


def scout(**changes: Any) -> tuple[str, dict[str, Any]]:
    return "task.reported", {"child_task_id": "c", "agent": "scout", "status": "running"} | changes


DELEGATED = ("task.delegated", {"child_task_id": "c", "agent": "scout", "goal": "Look."})
ASKED = ("question.asked", {"question_id": "1", "question": "scout asks: Well?", "child_task_id": "c"})
EXCEEDED = ("budget.exceeded", {"unit": "tokens", "used": 5.0, "limit": 5.0, "share": 1.0, "child_task_id": "c"})
RAISED = ("budget.increased", {"by": BY, "click_id": "b", "add_tokens": 9, "tokens_limit": 99, "max_iterations": 5})


def test_the_card_has_a_line_for_each_task_at_work() -> None:
    assert children(told(DELEGATED).status) == ["↳ scout: starting"]
    working = told(DELEGATED, scout(iteration=3, doing="Running notes.read"))
    assert children(working.status) == ["↳ scout: step 3, running notes.read"]
    waiting = told(DELEGATED, scout(iteration=3, doing="", status="waiting_approval"))
    assert children(waiting.status) == ["↳ scout: step 3, waiting for approval"]
    assert children(told(DELEGATED, scout(status="completed")).status) == []


def test_what_a_delegated_task_spends_is_spent_by_its_parent_once() -> None:
    view = told(DELEGATED, scout(usd=0.25, tokens=100), scout(usd=0.5, tokens=150), scout(usd=0.5, tokens=150))
    assert (view.status.usd, view.status.tokens) == (0.5, 150)


def test_a_grant_that_is_used_up_is_a_card_of_its_own() -> None:
    own = ("budget.warning", {"unit": "tokens", "used": 50.0, "limit": 90.0, "share": 0.5})
    view = told(DELEGATED, own, (EXCEEDED[0], EXCEEDED[1] | {"agent": "scout"}))
    assert [card.key for card in view.cards] == ["budget:tokens:1", "budget:c:tokens:1"]
    assert view.status.status == "waiting_budget"
    card = view.cards[1]
    assert isinstance(card, BudgetCard)
    assert exceeded(card) == "scout: 5 of 5 tokens used."
    raised = told(DELEGATED, EXCEEDED, RAISED)
    assert [(card.state, card.limit) for card in raised.cards if isinstance(card, BudgetCard)] == [("increased", 14)]


def test_what_a_task_asked_that_has_ended_is_not_waited_for() -> None:
    view = told(DELEGATED, ASKED, EXCEEDED, scout(status="cancelled"))
    assert [card.state for card in view.cards if isinstance(card, QuestionCard | BudgetCard)] == [
        "superseded",
        "closed",
    ]
    assert view.status.status == "running"
