"""What cards that people decide on say, and what their buttons ask for."""

import pytest

from tests.adapters.card_cases import APPROVAL, EXCEEDED, changed
from threadwork.bot.chat.amounts import amount
from threadwork.workflows.approval_events import HumanApprovalReminded
from threadwork.workflows.budget_events import BudgetWarning
from threadwork.workflows.buttons import buttons
from threadwork.workflows.cards import AnswerCard, BudgetCard, ThreadView
from threadwork.workflows.cards_of_events import apply
from threadwork.workflows.errors import Rejected
from threadwork.workflows.event_types import Payload
from threadwork.workflows.events import Event
from threadwork.workflows.run_events import WorkflowCompleted, WorkflowStarted
from threadwork.workflows.values import Principal, Termination

LOCAL = Principal(platform="local", workspace="local", user_id="local", name="you")
STARTED = WorkflowStarted(goal="g", goal_ref="g", agent="default", model="openai/gpt", max_iterations=5, by=LOCAL)
DONE = WorkflowCompleted(reason=Termination.GOAL_ACHIEVED, answer="Ready.")


def folded(*payloads: Payload, view: ThreadView | None = None) -> ThreadView:
    made = view or ThreadView(task_id="t1")
    for number, payload in enumerate(payloads, made.seq + 1):
        data = payload.model_dump(mode="json", exclude_none=True)
        at = APPROVAL.expires_at.replace(minute=number)
        made = apply(made, Event(task_id="t1", seq=number, type=payload.type, at=at, iteration=1, data=data))
    return made


def test_a_reminder_is_seen_on_the_card() -> None:
    view = ThreadView(task_id="t1", cards=(APPROVAL,))
    (card,) = folded(HumanApprovalReminded(approval_id="1", expires_at=APPROVAL.expires_at), view=view).cards
    assert card == changed(APPROVAL, reminded_at=APPROVAL.expires_at.replace(minute=1))


def test_the_warning_of_a_budget_has_no_buttons_once_the_run_has_ended() -> None:
    warned = folded(STARTED, BudgetWarning(unit="usd", used=0.9, limit=1.0, share=0.9))
    assert buttons("t1", warned.cards[0])
    ended = folded(DONE, view=warned)
    assert buttons("t1", ended.cards[0]) == ()


def test_the_first_answer_says_how_long_it_took_and_by_which_model() -> None:
    answer = folded(STARTED, DONE).cards[0]
    assert isinstance(answer, AnswerCard)
    assert (answer.seconds, answer.usd, answer.model) == (60, 0, "openai/gpt")


@pytest.mark.parametrize(
    ("unit", "limit", "label", "adds"),
    [
        ("usd", 1.0, "Add $0.50", (0.5, 0)),
        ("usd", 1.25, "Add $0.625", (0.625, 0)),
        ("usd", 0.005, "Add $0.0025", (0.0025, 0)),
        ("tokens", 200_000, "Add 100,000 tokens", (0, 100_000)),
        ("tokens", 3_000_000_001, "Add 1,500,000,001 tokens", (0, 1_500_000_001)),
    ],
)
def test_a_budget_is_raised_by_what_its_button_says(
    unit: str, limit: float, label: str, adds: tuple[float, int]
) -> None:
    card = BudgetCard.model_validate(EXCEEDED.model_dump() | {"unit": unit, "limit": limit, "used": limit})
    button = buttons("t1", card)[0]
    assert button.label == label
    assert amount(button.press.detail, card.unit) == adds


def test_tokens_are_whole() -> None:
    with pytest.raises(Rejected, match="whole number of tokens"):
        amount("2.50", "tokens")
    assert amount("2.5k", "tokens") == (0, 2_500)
