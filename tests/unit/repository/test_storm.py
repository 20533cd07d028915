"""What the storm's checks say when something is wrong; real storms had better not show it."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from tests.chaos.storm.checks import Aftermath, check
from tests.chaos.storm.people import Click, Order
from tests.fake_run import event_of
from threadwork.workflows.approval_events import HumanApprovalReceived, HumanApprovalRequested
from threadwork.workflows.call_events import ToolCallCompleted
from threadwork.workflows.cards import ThreadView
from threadwork.workflows.run_events import WorkflowCompleted
from threadwork.workflows.run_events import WorkflowStarted as Started
from threadwork.workflows.tasks import TaskRecord
from threadwork.workflows.values import LOCAL, Status, Termination

GOAL = "storm-07-once-a"
NOW = datetime(2026, 1, 5, tzinfo=UTC)
EVENTS = (
    Started(goal=GOAL, goal_ref="goal", agent="default", model="m", by=LOCAL, max_iterations=50),
    HumanApprovalRequested(
        approval_id="1", tool="storm.write", arguments_preview="", arguments_ref="a", digest="d", expires_at=NOW
    ),
    HumanApprovalReceived(approval_id="1", decision="approve", by=LOCAL, click_id="c"),
    ToolCallCompleted(call_id="1", tool="storm.write", output_preview="", output_ref="o"),
    WorkflowCompleted(reason=Termination.GOAL_ACHIEVED, answer="Ready."),
)


def card(readable: str = "A card.") -> Any:
    return SimpleNamespace(readable=readable)


class Left(Aftermath):
    """One task as it should be; a test spoils it."""

    def __init__(self) -> None:
        record = TaskRecord(
            task_id="t", goal=GOAL, agent="default", by=LOCAL, status=Status.COMPLETED, created_at=NOW, updated_at=NOW
        )
        self.stored = [event_of("t", number, payload) for number, payload in enumerate(EVENTS, 1)]
        self.sight: Any = SimpleNamespace(
            tasks={"t": record},
            cards={"t": [("status/0", card()), ("approval:1/0", card()), ("answer:1/0", card())]},
            marks=lambda task_id: [mark for mark, _ in self.sight.cards.get(task_id, [])],
            look=self._nothing,
            store=SimpleNamespace(events=self, views=self),
        )
        self.crowd: Any = SimpleNamespace(clicks=[Click("t", "Allow once", True)], orders=[Order(GOAL, True)])
        self.model: Any = SimpleNamespace(answered={321})
        self.ran = [f"{GOAL}-0"]
        self.new: list[Any] = []
        self.spent = [SimpleNamespace(task_id="t", tokens=321, nanos=5, result={"outcome": "ok"})]
        self.total = SimpleNamespace(task_id="t", spent_tokens=321, spent_nanos=5)
        self.events, self.kinds = {}, {}

    async def _nothing(self) -> None: ...

    async def read(self, task_id: str, after: int = 0, limit: int = 0) -> Any:
        return [event for event in self.stored if event.seq > after]

    async def load(self, task_id: str) -> ThreadView | None:
        return None

    async def rows(self, query: Any) -> list[Any]:
        tables = {table.name for table in query.get_final_froms()}
        named = {"intake": self.new, "spend": self.spent, "tasks": [self.total], "calls": self.spent}
        return named[min(tables)]

    def becomes(self, **changes: Any) -> None:
        self.sight.tasks["t"] = self.sight.tasks["t"].model_copy(update=changes)

    def again(self, number: int, **changes: Any) -> None:
        """An event for the second time."""
        old = self.stored[number]
        self.stored.append(old.model_copy(update={"seq": len(self.stored) + 1, "data": old.data | changes}))


async def wrong(left: Left) -> list[str]:
    return [result.name for result in await check(left) if result.wrong]


async def test_nothing_is_said_of_what_is_as_it_should_be() -> None:
    assert await wrong(Left()) == []


def spoilt(name: str, spoil: Callable[[Left], Any]) -> Any:
    return pytest.param(name, spoil, id=name.replace(" ", "_"))


SPOILT = [
    spoilt("each task ended as it should", lambda left: left.becomes(status=Status.RUNNING)),
    spoilt("each task ended as it should", lambda left: left.becomes(status=Status.FAILED)),
    spoilt("each order is there once", lambda left: left.crowd.orders.append(Order("storm-08-once-a", True))),
    spoilt("each order is there once", lambda left: left.sight.tasks.update(u=left.sight.tasks["t"])),
    spoilt("events without a gap", lambda left: left.stored.pop(3)),
    spoilt("each card once", lambda left: left.sight.cards["t"].append(("approval:1/0", card()))),
    spoilt("each card once", lambda left: left.sight.cards["t"].pop()),
    spoilt("each card once", lambda left: left.sight.cards["t"].append(("answer:1/1", card()))),
    spoilt(
        "no live button on what has ended",
        lambda left: left.sight.cards.update(t=[("status/0", card("It runs. [Stop]")), *left.sight.cards["t"][1:]]),
    ),
    spoilt("destructive calls at most once, as approved", lambda left: left.ran.append(left.ran[0])),
    spoilt("destructive calls at most once, as approved", lambda left: left.ran.append("storm-09-deny-a-0")),
    spoilt("destructive calls at most once, as approved", lambda left: left.ran.append("storm-09-edited-a-0")),
    spoilt("destructive calls at most once, as approved", lambda left: left.ran.clear()),
    spoilt("each click once, none lost", lambda left: left.again(2, click_id="other")),
    spoilt("each click once, none lost", lambda left: left.again(2, approval_id="2")),
    spoilt("each click once, none lost", lambda left: left.crowd.clicks.append(Click("t", "Stop", True))),
    spoilt("each command taken up", lambda left: left.new.append(SimpleNamespace(intake_id=1, task_id="t"))),
    spoilt("the ledger is exact", lambda left: setattr(left.total, "spent_tokens", 320)),
    spoilt("the ledger is exact", lambda left: left.model.answered.clear()),
    spoilt("the ledger is exact", lambda left: left.spent.append(left.spent[0])),
]


@pytest.mark.parametrize(("name", "spoil"), SPOILT)
async def test_what_is_wrong_is_said(name: str, spoil: Callable[[Left], Any]) -> None:
    left = Left()
    spoil(left)
    assert name in await wrong(left)
