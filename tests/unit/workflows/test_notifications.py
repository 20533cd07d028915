"""What a subscribed channel is shown of a task, and which channels are told of which tasks."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.fake_run import event_of
from threadwork.activities.delivery.card_selection import without_new_words
from threadwork.workflows.approval_events import (
    HumanApprovalReceived,
    HumanApprovalRequested,
    QuestionAnswered,
    QuestionAsked,
)
from threadwork.workflows.budget_events import BudgetExceeded, BudgetIncreased, BudgetWarning
from threadwork.workflows.cards import ApprovalCard, Card, Context, NotificationCard, ThreadView
from threadwork.workflows.cards_of_events import apply
from threadwork.workflows.event_types import Payload
from threadwork.workflows.notifications import notified
from threadwork.workflows.run_events import (
    FollowUpReceived,
    SinkFailed,
    WorkflowCancelled,
    WorkflowCompleted,
    WorkflowContinued,
    WorkflowFailed,
    WorkflowStarted,
)
from threadwork.workflows.sinks import NARROWED, NOTHING_NEW, Sink
from threadwork.workflows.subscriptions import KINDS, Subscription, told_to
from threadwork.workflows.tasks import TaskOrder
from threadwork.workflows.values import Principal, Termination

ANN = Principal(platform="slack", workspace="T1", user_id="U1", name="Ann")
BOB = Principal(platform="discord", workspace="7", user_id="99", name="Bob")
HOME = Sink(platform="slack", workspace="T1", channel="C1")
OPS = Sink(platform="discord", workspace="7", channel="9")
WHOSE = Context(task_id="t1", goal="Tidy up", agent="default", by=ANN, thread=HOME)

STARTED = WorkflowStarted(goal="Tidy up", goal_ref="g", agent="default", model="m", by=ANN, max_iterations=5)
ASKED = HumanApprovalRequested(
    approval_id="1",
    tool="notes.write",
    arguments_preview="{}",
    arguments_ref="a",
    digest="d",
    effect="changes",
    approvers=("*",),
    quorum=1,
    expires_at=datetime(2030, 1, 1, tzinfo=UTC),
)
APPROVED = HumanApprovalReceived(approval_id="1", decision="approve", by=BOB, click_id="k", digest="d")
QUESTION = QuestionAsked(question_id="1", question="Which one?")
ANSWERED = QuestionAnswered(question_id="1", answer="The old one", by=BOB)
WARNED = BudgetWarning(unit="usd", used=0.5, limit=1, share=0.5)
EXCEEDED = BudgetExceeded(unit="usd", used=1, limit=1, share=1)
RAISED = BudgetIncreased(by=BOB, click_id="k", add_usd=1, usd_limit=2, max_iterations=5)
DONE = WorkflowCompleted(reason=Termination.GOAL_ACHIEVED, answer="All tidy.")
USED_UP = WorkflowCompleted(reason=Termination.MAX_ITERATIONS_REACHED, answer="")
FAILED = WorkflowFailed(error="No key.")
STOPPED = WorkflowCancelled(reason="Lunch", by=BOB)
REPLY = FollowUpReceived(message_id="m", by=ANN, preview="Again", ref="r")


def view(*payloads: Payload) -> ThreadView:
    made = ThreadView(task_id="t1")
    for seq, payload in enumerate((STARTED, *payloads), 1):
        made = apply(made, event_of("t1", seq, payload))
    return made


def shown(kinds: Any, *payloads: Payload, told: tuple[str, ...] = ()) -> tuple[Card, ...]:
    return notified(view(*payloads), kinds, told, WHOSE)


def keys(kinds: Any, *payloads: Payload, told: tuple[str, ...] = ()) -> list[str]:
    return [card.key for card in shown(kinds, *payloads, told=told)]


# --- what is shown ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "payload", "key"),
    [
        ("failed", FAILED, "end:2"),
        ("failed", USED_UP, "end:2"),
        ("approval", ASKED, "approval:1"),
        ("question", QUESTION, "question:1"),
        ("budget", EXCEEDED, "budget:usd:1"),
        ("completed", DONE, "end:2"),
        ("stopped", STOPPED, "end:2"),
    ],
)
def test_a_channel_is_told_of_its_kinds_and_of_no_other(kind: str, payload: Payload, key: str) -> None:
    assert keys([kind], payload) == [key]
    assert keys(["everything"], payload) == [key]
    others = [other for other in KINDS if other not in (kind, "everything")]
    assert keys(others, payload) == []


def test_a_warning_of_the_budget_calls_nobody() -> None:
    assert keys(["everything"], WARNED) == []


def test_an_approval_is_the_card_itself_with_the_task_it_is_about() -> None:
    (card,) = shown(["approval"], ASKED)
    assert isinstance(card, ApprovalCard)
    assert (card.tool, card.state, card.context) == ("notes.write", "pending", WHOSE)


def test_what_was_told_stays_and_says_what_became_of_it() -> None:
    (approval,) = shown(["approval"], ASKED, APPROVED, told=("approval:1",))
    assert isinstance(approval, ApprovalCard)
    assert (approval.state, approval.by) == ("approved", BOB)
    (question,) = shown(["question"], QUESTION, ANSWERED, told=("question:1",))
    assert isinstance(question, NotificationCard)
    assert (question.about.state, question.about.answer) == ("answered", "The old one")  # type: ignore[union-attr]
    (budget,) = shown(["budget"], EXCEEDED, RAISED, told=("budget:usd:1",))
    assert budget.about.state == "increased"  # type: ignore[union-attr]


def test_what_was_settled_before_it_was_told_is_not_told_any_more() -> None:
    assert keys(["everything"], ASKED, APPROVED, QUESTION, ANSWERED, EXCEEDED, RAISED) == []


def test_an_end_is_told_with_its_text() -> None:
    (failed,) = shown(["failed"], FAILED)
    assert isinstance(failed, NotificationCard)
    assert (failed.about.text, failed.about.went_on) == ("No key.", False)  # type: ignore[union-attr]
    (stopped,) = shown(["stopped"], STOPPED)
    assert (stopped.about.by, stopped.about.text) == (BOB, "Lunch")  # type: ignore[union-attr]


def test_an_end_that_a_reply_took_back_says_so_where_it_was_told_and_is_told_nowhere_else() -> None:
    (card,) = shown(["failed"], FAILED, REPLY, told=("end:2",))
    assert card.about.went_on  # type: ignore[union-attr]
    assert keys(["everything"], FAILED, REPLY) == []


def test_the_next_end_is_another_card() -> None:
    went_on = WorkflowContinued(reason="woken", max_iterations=5, model="m")
    assert keys(["everything"], FAILED, REPLY, went_on, DONE, told=("end:2",)) == ["end:2", "end:5"]


def test_a_dead_channel_is_no_new_beginning() -> None:
    (card,) = shown(["completed"], DONE, SinkFailed(sink="discord:7/9", error="gone"))
    assert not card.about.went_on  # type: ignore[union-attr]


def test_a_channel_that_is_subscribed_no_longer_is_told_nothing_new_and_what_it_was_told_is_kept_true() -> None:
    assert keys(NOTHING_NEW, ASKED, APPROVED, DONE, told=("approval:1",)) == ["approval:1"]


# --- which channels ----------------------------------------------------------------------------------------


def subscribed(sink: Sink = OPS, **changes: Any) -> Subscription:
    return Subscription(**{"subscription_id": "s1", "sink": sink, **changes})


def order(**changes: Any) -> TaskOrder:
    return TaskOrder(**{"goal": "Tidy up", "agent": "ops", "by": ANN, "sink": HOME, **changes})


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, True),
        ({"agents": ("ops",)}, True),
        ({"agents": ("o*", "other")}, True),
        ({"agents": ("other",)}, False),
        ({"requesters": ("U1",)}, True),
        ({"requesters": ("slack:T1:U1",)}, True),
        ({"requesters": ("U2",)}, False),
        ({"channels": ("C1",)}, True),
        ({"channels": ("C2",)}, False),
        ({"failure": "The channel is gone."}, False),
    ],
)
def test_a_subscription_is_about_the_tasks_it_names(changes: dict[str, Any], wanted: bool) -> None:
    assert subscribed(**changes).wants(order(), "ops") is wanted


def test_the_only_agent_is_known_by_its_name_where_the_order_says_default() -> None:
    assert subscribed(agents=("ops",)).wants(order(agent="default"), "ops")


def test_a_task_without_a_thread_is_told_to_all_but_those_who_name_a_channel() -> None:
    assert subscribed().wants(order(sink=None), "ops")
    assert not subscribed(channels=("C1",)).wants(order(sink=None), "ops")


def test_what_a_channel_was_promised_before_is_known_so_that_it_is_told_of_its_loss() -> None:
    neighbours = Sink(platform="slack", workspace="T2", channel="C9")
    assert not subscribed(neighbours).was_told(order())
    assert subscribed(neighbours).was_told(order(by=ANN.model_copy(update={"workspace": "T2"})))
    assert subscribed().was_told(order(sink=None))
    assert subscribed(by=ANN).was_told(order(private=True))
    assert not subscribed(by=BOB).was_told(order(private=True))


def test_the_channel_of_a_subscription_that_lost_a_task_is_among_those_that_are_told_something() -> None:
    (sink,) = told_to([], [HOME], told=(), narrowed=[subscribed(on=("failed",))])
    assert (sink.place, sink.kinds) == (OPS.place, (NARROWED,))
    both = told_to([subscribed(on=("failed",))], [HOME], told=(), narrowed=[subscribed()])
    assert [one.kinds for one in both] == [("failed", NARROWED)]


def test_a_channel_is_one_sink_with_all_its_kinds_whoever_left_its_workspace_out() -> None:
    bare = OPS.model_copy(update={"workspace": ""})
    wanted = [subscribed(on=("failed",)), subscribed(bare, on=("failed", "approval"), source="file")]
    (sink,) = told_to(wanted, [HOME], told=())
    assert (sink.workspace, sink.kinds) == ("7", ("failed", "approval"))
    assert sink.key != OPS.key


def test_a_channel_that_was_told_keeps_its_key_so_that_nothing_is_told_twice() -> None:
    before = OPS.model_copy(update={"workspace": "", "kinds": NOTHING_NEW})
    (sink,) = told_to([subscribed(on=("failed",))], [HOME], told=[before])
    assert sink.key == before.key
    assert "failed" in sink.kinds
    assert told_to([], [HOME], told=[before]) == [before]


def test_the_channel_a_task_lives_in_is_not_told_twice_but_another_thread_of_it_is() -> None:
    thread = HOME.model_copy(update={"thread": "17.1"})
    assert told_to([subscribed(HOME), subscribed(thread)], [thread], told=()) == []
    other = HOME.model_copy(update={"thread": "18.1"})
    assert [sink.thread for sink in told_to([subscribed(other)], [thread], told=())] == ["18.1"]


@pytest.mark.parametrize("address", ["slack:C1", "slack:T1/C1", "slack:T1/C1#17.1", "discord:9"])
def test_an_address_is_read_as_it_is_written(address: str) -> None:
    assert Sink.at(address).address == address


def test_a_sink_is_known_again_by_its_key() -> None:
    assert Sink.keyed(HOME.key) == HOME
    told = OPS.model_copy(update={"kinds": ("failed",)})
    assert Sink.keyed(told.key).key == told.key
    assert Sink.keyed(told.key).kinds == NOTHING_NEW


def test_threads_of_a_channel_share_its_key_and_a_place_is_the_same_whoever_left_its_workspace_out() -> None:
    thread = HOME.model_copy(update={"thread": "17.1"})
    assert (thread.channel_key, thread.key) == ("slack:T1:C1", "slack:T1:C1:17.1")
    assert thread.channel_key == HOME.channel_key
    assert thread.place != HOME.place
    assert HOME.model_copy(update={"workspace": ""}).place == HOME.place


def test_what_a_channel_was_told_is_kept_true_without_a_new_word_once_it_may_be_told_no_more() -> None:
    edited = APPROVED.model_copy(update={"edited_ref": "e", "reason": "because of the merger"})
    (approval,) = shown(NOTHING_NEW, ASKED, edited, told=("approval:1",))
    assert isinstance(approval, ApprovalCard)
    silent = without_new_words(approval.model_copy(update={"reason": "because of the merger", "edited": True}))
    assert isinstance(silent, ApprovalCard)
    assert (silent.state, silent.by, silent.reason, silent.arguments_ref) == ("approved", BOB, "", "")
    assert "merger" not in silent.model_dump_json()
    (question,) = shown(NOTHING_NEW, QUESTION, ANSWERED, told=("question:1",))
    told = without_new_words(question).about  # type: ignore[union-attr]
    assert (told.state, told.answer) == ("answered", "")  # type: ignore[union-attr]
