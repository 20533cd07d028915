"""Approvals that nobody decides: who is asked too, and what silence comes to."""

from typing import Any

import pytest
from temporalio.client import Client

from tests.replay.stories.stages import CAT, harness, writes
from tests.worker_harness import ANN, BOB, done
from threadwork.workflows.agents import ApprovalPolicy, Escalation

TO = ("U2", "slack:C9")


async def test_others_may_decide_once_nobody_did_and_are_said(temporal: Client) -> None:
    policy = ApprovalPolicy(approvers=("U1",), escalate=Escalation(after=0.3, to=TO), expire=None)
    on = harness(temporal, writes("a"), done(), policy=policy)
    async with on.workers():
        task = await on.start(by=CAT)
        asked = await task.happened("human_approval.requested")
        await task.decide(asked, "approve", by=BOB, click_id="early")
        await task.happened("human_approval.ignored")
        told = await task.happened("human_approval.escalated")
        await task.decide(asked, "approve", by=BOB)
        await task.result()
    assert (told.data["approvers"], told.data["escalated_to"]) == (["U1", "U2"], ["U2", "slack:C9"])
    assert asked.data["expires_at"].startswith("9999"), "it never expires"
    [record] = await on.store.approvals.of_task(task.task_id)
    assert record.approvers == ("U1", "U2")
    assert len(on.tools.calls) == 1


@pytest.mark.parametrize(
    ("policy", "happens"),
    [
        ({"on_expiry": "stop"}, ["human_approval.expired", "tool_call.failed", "workflow.cancelled"]),
        (
            {"on_expiry": "escalate", "escalate": Escalation(to=TO)},
            ["human_approval.escalated", "human_approval.expired", "tool_call.failed", "workflow.completed"],
        ),
        ({}, ["human_approval.expired", "tool_call.failed", "workflow.completed"]),
    ],
)
async def test_silence_is_a_denial_the_end_or_others_who_are_asked_once(
    temporal: Client, policy: dict[str, Any], happens: list[str]
) -> None:
    on = harness(temporal, writes("a"), done(), policy=ApprovalPolicy(approvers=("U1",), expire=0.5, **policy))
    async with on.workers():
        task = await on.start(by=CAT)
        await task.result()
    seen = [kind for kind in await task.types() if kind in happens]
    assert seen == happens
    assert on.tools.calls == []
    if policy.get("on_expiry") == "stop":
        end = await task.happened("workflow.cancelled")
        assert (end.data["reason"], "by" in end.data) == ("Nobody decided in time on notes.write.", False)


async def test_whoever_was_asked_first_may_still_decide_after_the_escalation(temporal: Client) -> None:
    policy = ApprovalPolicy(approvers=("U1",), expire=0.5, on_expiry="escalate", escalate=Escalation(to=("U2",)))
    on = harness(temporal, writes("a"), done(), policy=policy.model_copy(update={"expire": 2.0}))
    async with on.workers():
        task = await on.start(by=CAT)
        asked = await task.happened("human_approval.requested")
        await task.happened("human_approval.reminded")
        await task.happened("human_approval.escalated")
        await task.decide(asked, "approve", by=ANN)
        await task.result()
    assert len(on.tools.calls) == 1
