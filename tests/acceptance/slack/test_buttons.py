"""Every button and the form behind it: what it does, and what whoever pressed it is told."""

import re
from collections.abc import Callable

import pytest

from tests.acceptance.slack.conftest import Opened
from tests.acceptance.slack.test_entrances import read
from tests.app_harness import PATIENCE
from tests.fake_slack.client import FakeSlack
from tests.fake_slack.screen_views import Seen
from tests.slack_harness import AppHarness, Transport
from tests.worker_harness import agent, call, done
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.adapters.memory.model import says
from threadwork.bot.intake import outcomes
from threadwork.workflows.agents import ApprovalPolicy, BudgetSpec

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
WRITES = says("", call("notes__write", name="b", tries=2))
CLOCK = re.compile(r" at \d\d:\d\d UTC\.")


async def asked(app: AppHarness, slack: FakeSlack, *words: str) -> Seen:
    """Ann's task, as soon as a card in its thread says so."""
    await slack.slash("U1", "C1", "/agent", "run Write a note")
    return await app.message(*words)


async def test_pause_resume_and_details(fake_slack: FakeSlack, opened: Callable[..., Opened]) -> None:
    plan = call("update_plan", items=[{"text": "Look around", "state": "done"}, {"text": "Write", "state": "doing"}])
    async with opened([says("", plan), WRITES]) as app:
        root = (await asked(app, fake_slack, "Allow Write (notes)?")).thread_ts
        await fake_slack.click("U2", root, "Details")
        shown = await app.window("U2", "Details", "Goal\nWrite a note", "Waiting for approval", "Look around")
        assert f"Task {(await app.task()).task_id} · Open in Temporal" in shown.replace("\n", "")
        await fake_slack.click("U2", root, "Pause")
        await app.told("U2", "Paused: ")
        await app.message("Write a note", "🟡 Paused", "[Resume] [Stop] [Details]")
        await fake_slack.click("U1", root, "Resume")
        await app.told("U1", "Resumed: ")
        await app.message("Write a note", "🟣 Waiting for approval", "[Pause] [Stop] [Details]")


# --- approvals -------------------------------------------------------------------------------------------


async def test_deny_and_who_comes_later_is_told_by_whom_and_when(
    fake_slack: FakeSlack, opened: Callable[..., Opened]
) -> None:
    async with opened([WRITES, says("", call("ask_user", question="What now?"))]) as app:
        card = await asked(app, fake_slack, "Allow Write (notes)?")
        await fake_slack.slash("U1", "C1", "/agent", "approvals")
        stale = await app.told("U1", "An approval waits for you.", "[Allow once]")
        await fake_slack.click("U2", card.ts, "Deny")
        await app.told("U2", "Denied: ")
        await app.message("✗ Write (notes) denied by")
        await app.message("What now?")
        await fake_slack.click("U1", stale.ts, "Allow once")
        assert CLOCK.search((await app.told("U1", "⚠️ Denied already by")).readable)
        await fake_slack.click("U1", stale.ts, "Edit and allow")
        await app.told("U1", "Nothing is left to decide here")


async def test_deny_with_a_reason_that_the_agent_reads(
    fake_slack: FakeSlack, opened: Callable[..., Opened], transport: Transport
) -> None:
    async with opened([WRITES, done("Then not.")], transport) as app:
        card = await asked(app, fake_slack, "Allow Write (notes)?")
        await fake_slack.click("U2", card.ts, "Deny with a reason")
        await app.window("U2", "Deny with a reason", "notes.write", "Why not?", "[Cancel] [Deny]")
        await fake_slack.submit_view("U2", {"Why not?": "The name is taken"})
        await app.told("U2", "Denied: ")
        await app.message("Write (notes) denied by", "The name is taken")
        await app.message("Then not.")
        assert "Reason: The name is taken" in read(app)


async def test_edit_and_approve_takes_only_what_fits(fake_slack: FakeSlack, opened: Callable[..., Opened]) -> None:
    async with opened([WRITES, done("Written.")]) as app:
        card = await asked(app, fake_slack, "Allow Write (notes)?")
        await fake_slack.click("U2", card.ts, "Edit and allow")
        await app.window("U2", "Edit and allow", "name: [b]", "tries: [2]", "[Cancel] [Allow]")
        await fake_slack.submit_view("U2", {"name": "c", "tries": "many"})
        await app.window("U2", "! This must be a whole number.")
        await fake_slack.submit_view("U2", {"name": "c", "tries": "3"})
        await app.told("U2", "Allowed once: ")
        decided = await app.message("✓ Write (notes) allowed by", "with other arguments", "it ran")
        assert fake_slack.views("U2") == []
        assert app.harness.tools.calls == [("notes.write", {"name": "c", "tries": 3})]
    assert decided.ts == card.ts


async def test_approved_for_the_rest_of_the_task_is_not_asked_again(
    fake_slack: FakeSlack, opened: Callable[..., Opened]
) -> None:
    async with opened([WRITES, says("", call("notes__write", name="c")), done("Both are written.")]) as app:
        card = await asked(app, fake_slack, "Allow Write (notes)?")
        await fake_slack.click("U2", card.ts, "Allow for this task")
        await app.window("U2", "Allow for this task", "notes.write", "name: b", "runs without asking again", "[Allow]")
        assert app.harness.tools.calls == []
        await fake_slack.submit_view("U2")
        await app.told("U2", "Allowed for this task: ")
        await app.message("Write (notes) allowed by", "for this task")
        await app.message("Both are written.")
        assert len(app.harness.tools.calls) == 2


async def test_who_may_not_decide_is_told_so_and_the_card_waits_on(
    fake_slack: FakeSlack, opened: Callable[..., Opened]
) -> None:
    only_bob = MemoryCatalog(agent(approvals=ApprovalPolicy(approvers=("slack:T1:U2",))))
    async with opened([WRITES, done("Written.")], catalog=only_bob) as app:
        card = await asked(app, fake_slack, "Allow Write (notes)?", "To decide: one person")
        await fake_slack.click("U1", card.ts, "Allow once")
        await app.told("U1", "⚠️ This is not yours to decide.")
        await fake_slack.click("U2", card.ts, "Allow once")
        await app.message("Write (notes) allowed by", "it ran")


async def test_after_the_end_every_button_says_that_it_is_too_late(
    fake_slack: FakeSlack, opened: Callable[..., Opened]
) -> None:
    async with opened([WRITES]) as app:
        root = (await asked(app, fake_slack, "Allow Write (notes)?")).thread_ts
        await fake_slack.slash("U1", "C1", "/agent", "approvals")
        approvals = await app.told("U1", "An approval waits for you.")
        await fake_slack.slash("U1", "C1", "/agent", "status")
        status = await app.told("U1", "[Pause] [Stop] [Details]")
        await fake_slack.click("U1", root, "Stop")
        await app.message("Stopped by", "Reply to continue.")
        await (await app.task()).result()
        for times, (seen, button) in enumerate(((status, "Pause"), (status, "Stop"), (approvals, "Allow once")), 1):
            await fake_slack.click("U1", seen.ts, button)
            await app.told("U1", "Too late", times=times)
        await fake_slack.click("U1", status.ts, "Details")
        await app.window("U1", "Write a note", "Stopped")


async def test_the_buttons_outlive_a_restart_of_everything(
    fake_slack: FakeSlack, opened: Callable[..., Opened], transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "OUTCOME_TIMEOUT", PATIENCE)  # Temporal first asks the worker that is gone
    async with opened([WRITES], transport) as app:
        card = await asked(app, fake_slack, "Allow Write (notes)?")
    async with opened([done("It is written.")], transport) as app:
        await fake_slack.click("U2", card.ts, "Allow once")
        await app.told("U2", "Allowed once: ")
        await app.message("Write (notes) allowed by", "it ran")
        await app.message("It is written.")
        (root,) = [m for m in fake_slack.messages("C1") if m.bot and not m.thread_ts and not m.visible_to]
        await fake_slack.click("U2", root.ts, "Details")
        await app.window("U2", "Goal\nWrite a note")


# --- questions, budgets and answers ------------------------------------------------------------------------


async def test_a_question_is_answered_by_an_option_or_in_ones_own_words(
    fake_slack: FakeSlack, opened: Callable[..., Opened]
) -> None:
    questions = [
        says("", call("ask_user", question="Which colour?", options=["Red", "Blue"])),
        says("", call("ask_user", question="Which shade?")),
    ]
    async with opened([*questions, done("Painted.")]) as app:
        card = await asked(app, fake_slack, "The agent asks", "Which colour?", "[Red] [Blue] [Answer …]")
        await fake_slack.click("U2", card.ts, "Blue")
        await app.told("U2", "Your answer was received: “Blue”.")
        await app.message("> Which colour?", "→ Blue")
        card = await app.message("Which shade?", "[Answer …]")
        await fake_slack.click("U1", card.ts, "Answer …")
        await app.window("U1", "Which shade?", "Your answer", "[Cancel] [Send]")
        await fake_slack.submit_view("U1", {"Your answer": "A light one"})
        await app.message("> Which shade?", "→ A light one")
        await app.message("Painted.")


async def test_a_used_up_budget_is_raised_by_half_or_by_an_amount(
    fake_slack: FakeSlack, opened: Callable[..., Opened]
) -> None:
    script = [
        says("", call("notes__read", name="a"), cost_nanos=1_020_000_000),
        says("", call("notes__read", name="b"), cost_nanos=500_000_000),
        done("Read."),
    ]
    dear = MemoryCatalog(agent(budget=BudgetSpec(usd=1.00, tokens=None)))
    async with opened(script, catalog=dear) as app:
        card = await asked(app, fake_slack, "The task waits: add to the budget, or stop it.", "$1.02 of $1.00 used")
        assert "[Add $0.50] [Add an amount] [Stop]" in card.readable
        await fake_slack.click("U2", card.ts, "Add $0.50")
        await app.told("U2", "is $1.50 now")
        await app.message("✓ The budget is $1.50 now, raised by")
        card = await app.message("The task waits: add to the budget", "$1.52 of $1.50 used")
        await fake_slack.click("U1", card.ts, "Add an amount")
        await app.window("U1", "Add to the budget", "Dollars to add", "[Cancel] [Add]")
        await fake_slack.submit_view("U1", {"Dollars to add": "plenty"})
        await app.window("U1", "“plenty” is no amount in dollars. Write it like 2.50.")
        await fake_slack.submit_view("U1", {"Dollars to add": "$2"})
        await app.told("U1", "is $3.50 now")
        await app.message("✓ The budget is $3.50 now")
        await app.message("Read.")


async def test_a_used_up_budget_is_left_as_it_is_by_stop_also_after_a_reply(
    fake_slack: FakeSlack, opened: Callable[..., Opened]
) -> None:
    script = [says("", call("notes__read", name="a"), cost_nanos=1_020_000_000)]
    dear = MemoryCatalog(agent(budget=BudgetSpec(usd=1.00, tokens=None)))
    async with opened(script, catalog=dear) as app:
        card = await asked(app, fake_slack, "The task waits: add to the budget, or stop it.")
        await fake_slack.say("U1", "C1", "Too dear", thread_ts=card.thread_ts)
        await (await app.task()).happened("follow_up.received")
        await fake_slack.click("U2", card.ts, "Stop")
        await app.told("U2", "Stopped: ")
        await app.message("⊘ The budget stayed at $1.00.")


async def test_an_opinion_of_an_answer_is_kept_once(fake_slack: FakeSlack, opened: Callable[..., Opened]) -> None:
    async with opened([done("It is written.")]) as app:
        card = await asked(app, fake_slack, "It is written.", "[👍] [👎]")
        fake_slack.change(twice=True)
        await fake_slack.click("U2", card.ts, "👎")
        await app.window("U2", "Not a good answer", "What was wrong?")
        await fake_slack.submit_view("U2", {"What was wrong?": "Too short"})
        await app.told("U2", "Thanks, that helps.")
        assert sum("Thanks" in m.readable for m in fake_slack.messages("C1")) == 1
