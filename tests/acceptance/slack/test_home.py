"""The page that a person has for themselves in the app."""

from collections.abc import Callable

import pytest

from tests.acceptance.slack.conftest import Opened
from tests.fake_slack.client import FakeSlack
from tests.slack_harness import Transport
from tests.worker_harness import agent, call, done
from threadwork.adapters.memory.model import says
from threadwork.workflows.agents import ApprovalPolicy

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


async def test_the_page_shows_what_runs_waits_and_was_spent_and_decides_from_there(
    fake_slack: FakeSlack, opened: Callable[..., Opened], transport: Transport
) -> None:
    script = [says("", call("notes__write", name="b"), cost_nanos=250_000_000), done("It is written.")]
    named = agent(approvals=ApprovalPolicy(approvers=("U1", "U2")))
    async with opened(script, transport, agent=named) as app:
        await fake_slack.open_home("U1")
        await app.page("U1", "No task of yours is running.", "$0.00", "[Start a task]")

        await fake_slack.slash("U1", "C1", "/agent", "run Write a note")
        await app.message("Allow Write (notes)?")
        await fake_slack.open_home("U1")
        await app.page("U1", "Your tasks", "Write a note", "Waiting for you", "$0.25", "[Pause]", "[Open]")
        await fake_slack.open_home("U2")
        bobs = await app.page("U2", "Waiting for you", "Allow Write (notes)?", "name: b", "[Allow once] [Deny]")
        assert "[Pause]" not in bobs

        await fake_slack.click_in_home("U2", "Allow once")
        await app.window("U2", "Allowed once: ")
        await app.page("U2", "No task of yours is running.")
        await app.message("It is written.")
        await fake_slack.click_in_home("U1", "Allow once")
        await app.window("U1", "Allowed already by ")


async def test_the_page_starts_a_task_whose_thread_is_with_the_bot(
    fake_slack: FakeSlack, opened: Callable[..., Opened]
) -> None:
    async with opened([done("Hello.")]) as app:
        await fake_slack.open_home("U1")
        await app.page("U1", "[Start a task]")
        await fake_slack.click_in_home("U1", "Start a task")
        await app.window("U1", "What should the agent do?")
        await fake_slack.submit_view("U1", {"goal": "Say hello"})
        await app.message("Say hello", "Done", channel="D1")
        await app.message("Hello.", channel="D1")
