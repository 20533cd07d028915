"""Calls that are allowed for good, asked of others, or kept from who reads the thread: as people see it."""

from collections.abc import Callable

import pytest

from tests.acceptance.slack.conftest import Opened
from tests.acceptance.slack.test_buttons import asked
from tests.fake_slack.client import FakeSlack
from tests.worker_harness import agent, call, done
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.adapters.memory.model import says
from threadwork.workflows.agents import ApprovalPolicy, Escalation
from threadwork.workflows.sinks import Sink
from threadwork.workflows.subscriptions import Subscription

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
SECRET = "hunter2"
WRITES = says("", call("notes__write", name=SECRET))


async def test_always_allow_runs_the_next_task_unasked_until_it_is_taken_back(
    fake_slack: FakeSlack, opened: Callable[..., Opened]
) -> None:
    script = [WRITES, done("One."), WRITES, done("Two."), WRITES, done("Three.")]
    async with opened(script) as app:
        card = await asked(app, fake_slack, "Allow Write (notes)?")
        await fake_slack.click("U2", card.ts, "Always allow …")
        shown = await app.window("U2", "Always allow", "notes.write", SECRET, "For whose tasks?", "For how long?")
        assert "Tasks of Ann" in shown
        assert app.harness.tools.calls == []
        await fake_slack.submit_view("U2", {"For whose tasks?": "Everybody’s tasks", "For how long?": "For a day"})
        await app.told("U2", "Allowed from now on: ", "everybody’s tasks, until")
        await app.message("Write (notes) allowed by Bob, from now on for everybody’s tasks")
        await app.message("One.")
        await fake_slack.slash("U1", "C1", "/agent", "run Write another")
        second = await app.message("Two.")
        await fake_slack.click("U1", second.thread_ts, "Details")
        await app.window("U1", "Details", "notes.write: allowed by Bob’s standing permission")
        await fake_slack.close_view("U1")
        assert len(app.harness.tools.calls) == 2
        await fake_slack.slash("U2", "C1", "/agent", "grants")
        listed = await app.told("U2", "One tool is allowed for good.", "notes.write", "[Take back]")
        await fake_slack.click("U2", listed.ts, "Take back")
        await app.told("U2", "Taken back: ")
        await fake_slack.slash("U1", "C1", "/agent", "run Write a third")
        await app.message("Allow Write (notes)?", "[Allow once]")
        assert len(app.harness.tools.calls) == 2


async def test_private_arguments_open_for_who_may_decide_and_stand_nowhere_else(
    fake_slack: FakeSlack, opened: Callable[..., Opened]
) -> None:
    only_bob = MemoryCatalog(agent(approvals=ApprovalPolicy(approvers=("slack:T1:U2",), show="private")))
    async with opened([WRITES, done("Written.")], catalog=only_bob) as app:
        card = await asked(app, fake_slack, "Allow Write (notes)?", "The arguments are shown to those who may decide.")
        await fake_slack.click("U1", card.ts, "Look and decide")
        await app.told("U1", "Its arguments are shown to those alone who may decide.")
        await fake_slack.click("U2", card.ts, "Look and decide")
        await app.window("U2", "Allow once?", f"name: {SECRET}", "[Allow once]")
        await fake_slack.submit_view("U2")
        await app.message("Write (notes) allowed by Bob", "it ran")
        await app.message("Written.")
        assert app.harness.tools.calls == [("notes.write", {"name": SECRET})]
        said = [one.model_dump_json() for one in fake_slack.messages("C1")]
        assert [one for one in said if SECRET in one] == []


async def test_a_channel_is_told_and_others_may_decide_where_nobody_did(
    fake_slack: FakeSlack, opened: Callable[..., Opened]
) -> None:
    policy = ApprovalPolicy(approvers=("slack:T1:U3",), escalate=Escalation(after=0.5, to=("slack:T1:U2", "slack:C2")))
    told = Subscription(
        subscription_id="escalate:1", sink=Sink.at("slack:C2"), on=("escalated",), source="file", agents=("default",)
    )
    catalog = MemoryCatalog(agent(approvals=policy), subscriptions=(told,))
    async with opened([WRITES, done("Written.")], catalog=catalog) as app:
        await asked(app, fake_slack, "Allow Write (notes)?", "others asked too")
        card = await app.message("Allow Write (notes)?", channel="C2")
        await fake_slack.click("U2", card.ts, "Allow once")
        await app.message("Write (notes) allowed by Bob", channel="C2")
        await app.message("Written.")
