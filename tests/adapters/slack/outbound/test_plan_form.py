"""A plan is Slack's own block; where a workspace refuses it, the card goes out as a list, once, in the same pass."""

from typing import Any

import pytest

from tests.adapters.card_cases import RUNNING
from tests.adapters.slack.outbound_harness import MARK, ROOM
from tests.adapters.slack.scripted_web_api import Scripted, answer
from tests.fake_slack.client import FakeSlack
from threadwork.activities.delivery.reconciler import Reconciler
from threadwork.adapters.memory.store import MemoryStore
from threadwork.adapters.slack.cards.card_renderers import render
from threadwork.adapters.slack.chat import SlackChat
from threadwork.adapters.slack.outbound import plan_form
from threadwork.workflows.cards import ThreadView
from threadwork.workflows.errors import Rejected
from threadwork.workflows.run_events import PlanItem
from threadwork.workflows.sinks import Part

pytest_plugins = ["tests.fake_slack.fixture"]

(CARD,) = render("t", RUNNING)


def kinds(sent: dict[str, Any]) -> list[str]:
    return [block["type"] for block in sent["blocks"]]


def plans(slack: Scripted, method: str = "chat.postMessage") -> list[bool]:
    """For each call, whether it had a plan block."""
    return ["plan" in kinds(sent) for sent in slack.of(method)]


@pytest.mark.parametrize("error", ["invalid_blocks", "invalid_blocks_format"])
async def test_a_refused_plan_is_a_list_in_the_same_call_and_from_then_on(
    chat: SlackChat, slack: Scripted, error: str
) -> None:
    slack.answers["chat.postMessage"] = [answer(error=error)]
    ts = await chat.post(ROOM, CARD, MARK)
    await chat.edit(ROOM, ts, CARD, MARK)
    assert plans(slack) == [True, False]
    assert plans(slack, "chat.update") == [False]
    first, second = slack.of("chat.postMessage")
    assert (first["text"], first["metadata"]) == (second["text"], second["metadata"])
    assert "Group them by cause" in str(second["blocks"])


async def test_another_workspace_still_gets_the_block_and_so_does_this_one_after_a_day(
    chat: SlackChat, slack: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(chat, "_plans", plan_form.PlanForm(lambda: now[0]))
    slack.answers["chat.postMessage"] = [answer(error="invalid_blocks")]
    await chat.post(ROOM, CARD, MARK)
    await chat.post(ROOM.in_workspace("T2"), CARD, MARK)
    now[0] = plan_form.REFUSED_FOR - 1
    await chat.post(ROOM, CARD, MARK)
    now[0] = plan_form.REFUSED_FOR
    await chat.post(ROOM, CARD, MARK)
    assert plans(slack) == [True, False, True, False, True]


async def test_what_is_refused_as_a_list_too_is_no_fault_of_the_plan(chat: SlackChat, slack: Scripted) -> None:
    slack.answers["chat.postMessage"] = [answer(error="invalid_blocks"), answer(error="invalid_blocks")]
    with pytest.raises(Rejected):
        await chat.post(ROOM, CARD, MARK)
    await chat.post(ROOM, CARD, MARK)
    assert plans(slack) == [True, False, True]


async def test_a_refusal_of_a_message_without_a_plan_is_not_tried_again(chat: SlackChat, slack: Scripted) -> None:
    slack.answers["chat.postMessage"] = [answer(error="invalid_blocks")]
    with pytest.raises(Rejected):
        await chat.post(ROOM, render("t", RUNNING.model_copy(update={"plan": ()}))[0], MARK)
    assert slack.counts["chat.postMessage"] == 1


@pytest.fixture
async def reconciler(real: SlackChat) -> Reconciler:
    store = MemoryStore()
    fence = await store.leases.lease("t", ROOM.key, "test", 60)
    made = Reconciler(real, store.deliveries, store.doubts, store.rates, store.transcript, "t", ROOM, fence or 0)
    await made.load()
    return made


@pytest.mark.parametrize("unknown", [(), ("plan",)])
async def test_a_plan_of_fifty_tasks_is_one_message_whatever_the_workspace_takes(
    reconciler: Reconciler, fake_slack: FakeSlack, unknown: tuple[str, ...]
) -> None:
    fake_slack.change(unknown_blocks=unknown)
    for done in (0, 25, 50):
        plan = tuple(PlanItem(text="Step " * 30, state="done" if n < done else "todo") for n in range(50))
        view = ThreadView(task_id="t", seq=done + 1, status=RUNNING.model_copy(update={"plan": plan}))
        passed = await reconciler.reconcile(view)
        assert (passed.undelivered, passed.troubled) == (0, False)
    (message,) = fake_slack.messages("C1")
    assert ("plan" in [block["type"] for block in message.blocks]) is not bool(unknown)


def test_at_most_fifty_tasks_are_told_apart_and_the_oldest_finished_ones_are_counted() -> None:
    plan = tuple(PlanItem(text=f"Step {n}", state="done" if n < 20 else "todo") for n in range(60))
    titles = [task["title"] for task in _plan_of(render("t", RUNNING.model_copy(update={"plan": plan}))[0])]
    assert len(titles) == 50
    assert (titles[0], titles[1], titles[-1]) == ("11 more done", "Step 11", "Step 59")
    ahead = tuple(PlanItem(text=f"Step {n}") for n in range(80))
    assert _plan_of(render("t", RUNNING.model_copy(update={"plan": ahead}))[0])[-1]["title"] == "31 more to come"


def _plan_of(part: Part) -> list[dict[str, Any]]:
    (block,) = [block for block in part.content["blocks"] if block["type"] == "plan"]
    assert block["block_id"] == "plan"
    tasks: list[dict[str, Any]] = block["tasks"]
    return tasks
