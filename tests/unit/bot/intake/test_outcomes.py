"""What became of a click."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.fake_run import ANN, Front, caller, event_of
from threadwork.bot.dependencies import BotDependencies
from threadwork.bot.intake import commands, outcomes
from threadwork.bot.intake.outcome_words import Subject
from threadwork.bot.intake.outcomes import RECORDED, Outcome, Refused, await_outcome
from threadwork.bot.intake.worker import intake_running
from threadwork.workflows.approval_events import HumanApprovalIgnored, HumanApprovalReceived, HumanApprovalRequested
from threadwork.workflows.errors import NotFound, Rejected
from threadwork.workflows.events import Event
from threadwork.workflows.run_events import ClickRefused, PlanUpdated, WorkflowCompleted, WorkflowPaused
from threadwork.workflows.tasks import Command
from threadwork.workflows.values import LOCAL, Status, Termination


async def settle(ports: BotDependencies, command: Command, timeout: float = 30.0) -> Outcome:
    return await await_outcome(ports, await commands.write_down(ports, command), timeout)


def asked() -> HumanApprovalRequested:
    facts = {"tool": "notes.write", "arguments_preview": "{}", "arguments_ref": "args:1", "digest": "d1"}
    return HumanApprovalRequested(approval_id="1", **facts, effect="changes", expires_at=datetime.now(UTC))


@pytest.fixture
async def front() -> AsyncIterator[Front]:
    front = Front()
    async with intake_running(front.intake_worker):
        yield front


async def test_every_click_is_answered_with_a_sentence(front: Front) -> None:
    task_id, who = await front.task(), caller
    await front.fake_run.tell(task_id, asked())
    said = [
        (await settle(front.ports, command)).detail
        for command in (
            commands.pause(who(), task_id),
            commands.resume(who(), task_id),
            commands.decide(who(), task_id, "1", "approve"),
            commands.decide(who(), task_id, "2", "approve", scope="task"),
            commands.decide(who(), task_id, "3", "deny"),
            commands.answer(who(), task_id, "1", "staging"),
            commands.reply(who(), task_id, "And then?"),
            commands.add_budget(who(), task_id, usd=0.5),
            commands.stop(who(), task_id),
        )
    ]
    task = "“Do it.”"
    assert said == [
        f"Paused: {task}.",
        f"Resumed: {task}.",
        f"Allowed once: `Write (notes)` for {task}.",
        f"Allowed for this task: a call for {task}.",
        f"Denied: a call for {task}.",
        "Your answer was received: “staging”.",
        "Your reply was received.",
        "The budget of “Do it.” is $1.50 now.",
        f"Stopped: {task}.",
    ]


async def test_an_answer_comes_as_soon_as_the_event_is_there(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcomes, "FIRST_LOOK", 60)
    task_id = await front.task()
    async with asyncio.timeout(30):
        assert (await settle(front.ports, commands.pause(caller(), task_id), timeout=120)).outcome == "accepted"


async def test_without_any_hint_the_answer_is_found_too(front: Front) -> None:
    task_id = await front.task()
    front.fake_run.silent = True
    waiting = asyncio.create_task(settle(front.ports, commands.pause(caller("k1"), task_id)))
    await front.fake_run.heard("pause_execution")
    await front.fake_run.tell(task_id, WorkflowPaused(by=LOCAL, click_id="k1"), hint=False)
    assert (await waiting).outcome == "accepted"


async def test_the_events_of_others_are_no_answer(front: Front) -> None:
    task_id = await front.task()
    front.fake_run.silent = True
    waiting = asyncio.create_task(settle(front.ports, commands.pause(caller("k1"), task_id), timeout=0.5))
    await front.fake_run.heard("pause_execution")
    await front.fake_run.tell(task_id, PlanUpdated(items=()), WorkflowPaused(by=ANN, click_id="k2"))
    assert (await waiting).outcome == "recorded"


async def test_news_that_do_not_name_the_click_cause_no_look(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcomes, "FIRST_LOOK", 60)
    task_id = await front.task()
    front.fake_run.silent = True
    looks: list[int] = []

    class Counted:
        async def read(self, task_id: str, after: int = 0, limit: int = 1_000) -> list[Event]:
            looks.append(after)
            return list(await front.store.events.read(task_id, after, limit))

    ports = replace(front.ports, events=Counted())  # type: ignore[arg-type]
    waiting = asyncio.create_task(settle(ports, commands.pause(caller("k1"), task_id), timeout=30))
    await front.fake_run.heard("pause_execution")
    for _ in range(10):
        await front.fake_run.tell(task_id, PlanUpdated(items=()))
        await turns(10)
    assert looks == []
    await front.fake_run.tell(task_id, WorkflowPaused(by=LOCAL, click_id="k1"))
    assert (await waiting).detail.startswith("Paused: ")


async def turns(times: int) -> None:
    """Of the loop: all is in memory, so whoever was woken has looked by then."""
    for _ in range(times):
        await asyncio.sleep(0)


async def test_without_a_reaction_the_click_is_recorded(front: Front) -> None:
    task_id = await front.task()
    front.fake_run.silent = True
    outcome = await settle(front.ports, commands.pause(caller(), task_id), timeout=0.1)
    assert (outcome.outcome, outcome.detail) == ("recorded", RECORDED)


async def test_an_objection_of_the_run_is_the_answer(front: Front) -> None:
    task_id = await front.task()
    front.fake_run.objection = "It is paused already."
    with pytest.raises(Refused, match="It is paused already"):
        await settle(front.ports, commands.pause(caller(), task_id))


async def test_an_ignored_decision_says_why(front: Front) -> None:
    task_id = await front.task()
    front.fake_run.silent = True
    waiting = asyncio.create_task(settle(front.ports, commands.decide(caller("k1"), task_id, "3", "approve")))
    await front.fake_run.heard("decide_approval")
    why = "Allowed already by Ann at 12:00 UTC."
    await front.fake_run.tell(task_id, HumanApprovalIgnored(approval_id="3", by=LOCAL, click_id="k1", reason=why))
    with pytest.raises(Refused, match="already by Ann at 12:00"):
        await waiting


async def test_an_approval_that_is_not_enough_says_so(front: Front) -> None:
    task_id = await front.task()
    front.fake_run.silent = True
    waiting = asyncio.create_task(settle(front.ports, commands.decide(caller("k1"), task_id, "3", "approve")))
    await front.fake_run.heard("decide_approval")
    received = HumanApprovalReceived(approval_id="3", decision="approve", by=LOCAL, click_id="k1", final=False)
    await front.fake_run.tell(task_id, received)
    assert "Somebody else must allow" in (await waiting).detail


async def test_a_click_after_the_end_is_refused(front: Front) -> None:
    task_id = await front.task()
    await front.fake_run.tell(task_id, WorkflowCompleted(reason=Termination.GOAL_ACHIEVED), status=Status.COMPLETED)
    front.fake_run.running.clear()
    with pytest.raises(Refused, match=r"Too late: the task has ended \(done\)"):
        await settle(front.ports, commands.pause(caller(), task_id))


async def test_a_repeated_click_is_answered_like_the_first_and_counts_once(front: Front) -> None:
    task_id = await front.task()
    answers = [await settle(front.ports, commands.pause(caller("k1"), task_id)) for _ in range(2)]
    assert answers[0] == answers[1]
    assert front.fake_run.signals() == ["pause_execution"]


async def test_a_repeated_click_that_was_refused_is_refused_again(front: Front) -> None:
    task_id = await front.task()
    front.fake_run.objection = "It is not paused."
    for _ in range(2):
        with pytest.raises(Refused, match="It is not paused"):
            await settle(front.ports, commands.resume(caller("k1"), task_id))


async def test_a_key_used_for_another_click_is_refused(front: Front) -> None:
    task_id = await front.task()
    await settle(front.ports, commands.pause(caller("k1"), task_id))
    with pytest.raises(Rejected, match="something else"):
        await settle(front.ports, commands.resume(caller("k1"), task_id))


async def test_a_click_on_an_unknown_task_is_refused(front: Front) -> None:
    with pytest.raises(NotFound):
        await settle(front.ports, commands.pause(caller(), "t-none"))


async def test_a_new_task_has_no_outcome_but_itself(front: Front) -> None:
    with pytest.raises(TypeError):
        await settle(front.ports, await commands.run(front.ports, caller(), "Do it."))


def test_what_the_run_refuses_without_a_reason_is_still_a_sentence() -> None:
    with pytest.raises(Refused, match=r"It had no effect\."):
        outcomes.outcome_of(event_of("t1", 1, ClickRefused(click_id="k1", reason="")), Subject())
