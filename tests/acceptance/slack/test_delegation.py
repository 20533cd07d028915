"""A task that gives work to other agents, as people see it in its thread."""

from collections.abc import Callable

import pytest

from tests.acceptance.slack.conftest import Opened
from tests.fake_slack.client import FakeSlack
from tests.worker_harness import agent, call, done
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.adapters.memory.model import MemoryModel, says
from threadwork.workflows.agents import ApprovalPolicy
from threadwork.workflows.models import Delta, ModelRequest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
LEAD = agent(name="default", delegates=("scout", "writer"), approvals=ApprovalPolicy(approvers=("U9",)))
SCOUT = agent(name="scout")
WRITER = agent(name="writer", approvals=ApprovalPolicy(approvers=("U2",)))


def tell(request: ModelRequest) -> Delta:
    goal = str(request.messages[1]["content"])
    begins = not any(m["role"] == "assistant" for m in request.messages)
    if goal == "Write it down." and begins:
        return says("It belongs there.", call("notes__write", name="b"))
    if goal == "Find it." and begins:
        return says("", call("ask_user", question="Old or new?", options=["Old", "New"]))
    if begins:
        find = call("delegate_task", agent="scout", goal="Find it.")
        return says("", find, call("delegate_task", agent="writer", goal="Write it down."))
    return done(f"{goal} Done.")


async def test_two_work_for_one_and_ask_in_its_thread(fake_slack: FakeSlack, opened: Callable[..., Opened]) -> None:
    async with opened(MemoryModel(tell), catalog=MemoryCatalog(LEAD, SCOUT, WRITER)) as app:
        await fake_slack.slash("U1", "C1", "/agent", "run Mind the notes")
        card = await app.message("Allow Write (notes, writer)?", "name: b")
        await app.message("Mind the notes", "↳ scout: step 1", "↳ writer: step 1, waiting for approval")
        question = await app.message("scout asks: Old or new?")
        assert card.thread_ts == question.thread_ts
        await fake_slack.click("U1", card.ts, "Allow once")
        await app.told("U1", "not yours to decide")
        await fake_slack.click("U2", card.ts, "Edit and allow")
        await app.window("U2", "Edit and allow", "name: [b]")
        await fake_slack.submit_view("U2", {"name": "c"})
        await app.told("U2", "Allowed once: ")
        await app.message("✓ Write (notes, writer) allowed by", "with other arguments")
        await fake_slack.click("U1", question.ts, "New")
        await app.told("U1", "answer")
        await app.message("Mind the notes Done.")
        assert app.harness.tools.calls == [("notes.write", {"name": "c"})]
        await fake_slack.slash("U1", "C1", "/agent", "list")
        listed = await app.told("U1", "Mind the notes")
        assert "Find it." not in listed.readable
