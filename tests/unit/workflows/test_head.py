"""What becomes of the head of a thread: how loud it is, and a plan that is through."""

from typing import Any

import pytest

from tests.unit.workflows.test_cards_of_events import BY, STARTED, told
from threadwork.workflows import cards_of_events as thread
from threadwork.workflows.cards import ThreadView
from threadwork.workflows.events import Event
from threadwork.workflows.run_events import PlanItem

PLAN = (
    "plan.updated",
    {"items": [{"text": "Look", "state": "done"}, {"text": "Ask", "state": "doing"}, {"text": "Write"}]},
)
DONE = {"reason": "goal_achieved", "answer": "It is done."}


def states(*events: tuple[str, dict[str, Any]]) -> list[str]:
    return [item.state for item in told(PLAN, *events).status.plan]


def test_a_plan_is_through_once_the_goal_is_achieved() -> None:
    assert states() == ["done", "doing", "todo"]
    assert states(("workflow.completed", DONE)) == ["done", "done", "done"]


@pytest.mark.parametrize("reason", ["timeout_exceeded", "budget_exceeded", "max_iterations_reached"])
def test_a_plan_stays_as_it_was_where_the_run_ended_short_of_its_goal(reason: str) -> None:
    assert states(("workflow.completed", DONE | {"reason": reason})) == ["done", "doing", "todo"]
    assert states(("workflow.failed", {"error": "No key."})) == ["done", "doing", "todo"]


def test_a_new_plan_after_a_reply_is_shown_as_it_is() -> None:
    again = ("plan.updated", {"items": [{"text": "Sign"}]})
    assert states(("workflow.completed", DONE), again) == ["todo"]
    assert told(PLAN).status.plan[2] == PlanItem(text="Write")


def test_the_verbosity_comes_with_the_beginning_and_may_change_when_the_task_goes_on() -> None:
    on = {"reason": "follow_up", "model": "m", "max_iterations": 5}
    assert told().status.verbosity == "normal"
    loud = started("verbose")
    assert loud.status.verbosity == "verbose"
    assert told(("workflow.continued", on | {"verbosity": "quiet"})).status.verbosity == "quiet"
    assert told(("workflow.continued", on)).status.verbosity == "normal"


def started(verbosity: str) -> ThreadView:
    first = told()
    at = first.status.started_at
    data = STARTED | {"by": BY, "verbosity": verbosity}
    event = Event.model_validate(
        {"task_id": "t", "seq": 1, "type": "workflow.started", "at": at, "iteration": 1, "data": data}
    )
    return thread.apply(ThreadView(task_id="t"), event)
