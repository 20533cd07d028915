"""Every button and the form behind it: what it does, and what whoever pressed it is told."""

import asyncio
import re
from collections.abc import Callable

import pytest

from tests.acceptance.discord.conftest import Opened
from tests.acceptance.discord.test_entrances import read
from tests.acceptance.discord.test_main_path import ASKED
from tests.app_harness import PATIENCE
from tests.discord_harness import ANN, BOB, CID, GENERAL, AppHarness
from tests.fake_discord.client import FakeDiscord
from tests.fake_discord.screen_views import Seen
from tests.worker_harness import agent, call, done
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.adapters.memory.model import says
from threadwork.bot.intake import outcomes
from threadwork.workflows.agents import ApprovalPolicy, BudgetSpec

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
WRITES = says("", call("notes__write", name="b", tries=2))
CLOCK = re.compile(r" at \d\d:\d\d UTC\.")
TASK_LONG = "Allow for this task"


async def asked(app: AppHarness, discord: FakeDiscord, *words: str) -> Seen:
    """Ann's task, as soon as a card in its thread says so."""
    await discord.slash(ANN, GENERAL, "agent run", {"goal": "Write a note"})
    return await app.message(*words, channel=None)


async def status(app: AppHarness, *words: str) -> Seen:
    return await app.message("Asked by Ann", *words)


async def test_pause_resume_and_details(fake_discord: FakeDiscord, opened: Callable[..., Opened]) -> None:
    plan = call("update_plan", items=[{"text": "Look around", "state": "done"}, {"text": "Write", "state": "doing"}])
    async with opened([says("", plan), WRITES]) as app:
        await asked(app, fake_discord, ASKED)
        card = await status(app, "[Pause]")
        await fake_discord.click(BOB, card.id, "Details")
        shown = await app.told(BOB, "Waiting for approval", "**Goal**", "Write a note", "Look around")
        assert f"Task `{(await app.task()).task_id}`" in shown.readable
        assert "Open in Temporal" in shown.readable
        await fake_discord.click(BOB, card.id, "Pause")
        await app.told(BOB, "Paused: ")
        assert (await status(app, "🟡 **Paused by ", "[Resume] [Stop] [Details]")).id == card.id
        await fake_discord.click(ANN, card.id, "Resume")
        await app.told(ANN, "Resumed: ")
        await status(app, "🟣 **Waiting for approval**", "[Pause] [Stop] [Details]")


# --- approvals -------------------------------------------------------------------------------------------


async def test_deny_and_who_comes_later_is_told_by_whom_and_when(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    async with opened([WRITES, says("", call("ask_user", question="What now?"))]) as app:
        card = await asked(app, fake_discord, ASKED)
        await fake_discord.slash(ANN, GENERAL, "agent approvals")
        stale = await app.told(ANN, "An approval waits for you.", "[Allow once]")
        await fake_discord.click(BOB, card.id, "Deny")
        await app.told(BOB, "Denied: ")
        await app.message("✗ **Write (notes)** denied by Bob", channel=card.channel)
        await app.message("What now?", channel=card.channel)
        await fake_discord.click(ANN, stale.id, "Allow once")
        assert CLOCK.search((await app.told(ANN, "⚠️ Denied already by Bob")).readable)
        await app.more(ANN, stale, "Edit and allow")
        await app.told(ANN, "⚠️ Nothing is left to decide here")
        assert fake_discord.modals(ANN) == []


async def test_of_two_who_press_at_the_same_time_one_decides_and_the_other_is_told_who(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    async with opened([WRITES, says("", call("ask_user", question="What now?"))]) as app:
        card = await asked(app, fake_discord, ASKED)
        await asyncio.gather(app.sure(BOB, card, "Allow once"), fake_discord.click(CID, card.id, "Deny"))
        decided = await app.message("**Write (notes)**", " by ", channel=card.channel)
        first, second, words = (BOB, CID, "Allowed") if "allowed" in decided.readable else (CID, BOB, "Denied")
        name = {BOB: "Bob", CID: "Cid"}[first]
        await app.told(first, words)
        await app.told(second, f"⚠️ {words} already by {name}")
        types = await (await app.task()).types()
    assert types.count("human_approval.received") == 1


async def test_deny_with_a_reason_that_the_agent_reads(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    async with opened([WRITES, done("Then not.")]) as app:
        card = await asked(app, fake_discord, ASKED)
        await app.more(BOB, card, "Deny with a reason")
        await app.window(BOB, "Deny with a reason", "Why not?")
        await fake_discord.close_modal(BOB)
        await app.more(CID, card, "Deny with a reason")
        await app.more(BOB, card, "Deny with a reason")
        await fake_discord.submit_modal(BOB, {"Why not?": "The name is taken"})
        await app.told(BOB, "Denied: ")
        await fake_discord.submit_modal(CID, {"Why not?": "Nobody reads notes. " * 100})
        late = await app.told(CID, "⚠️ Denied already by Bob", "What you wrote:")
        assert late.readable.count("Nobody reads notes.") == 100, "what was typed is not lost"
        await app.message("**Write (notes)** denied by Bob", "The name is taken", channel=card.channel)
        await app.message("Then not.", channel=card.channel)
        assert "Reason: The name is taken" in read(app)


async def test_edit_and_approve_takes_only_what_fits(fake_discord: FakeDiscord, opened: Callable[..., Opened]) -> None:
    async with opened([WRITES, done("Written.")]) as app:
        card = await asked(app, fake_discord, ASKED, "name: b")
        await app.more(BOB, card, "Edit and allow")
        await app.window(BOB, "Edit and allow", "name: [b]", "tries: [2]")
        await fake_discord.submit_modal(BOB, {"name": "c", "tries": "many"})
        await app.told(BOB, "⚠️ tries: This must be a whole number. Open the form again.")
        await app.more(BOB, card, "Edit and allow")
        await fake_discord.submit_modal(BOB, {"name": "c", "tries": "3"})
        await app.told(BOB, "Allowed once: ")
        decided = await app.message(
            "✓ **Write (notes)** allowed by Bob, with other arguments", "it ran", channel=card.channel
        )
        assert app.harness.tools.calls == [("notes.write", {"name": "c", "tries": 3})]
    assert decided.id == card.id


async def test_arguments_that_are_edited_as_json_are_given_back_where_they_are_none(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    nested = says("", call("notes__write", name="b", tags=["red"]))
    async with opened([nested, done("Written.")]) as app:
        card = await asked(app, fake_discord, ASKED)
        await app.more(BOB, card, "Edit and allow")
        await app.window(BOB, "Arguments", '"tags": [', "JSON, as the tool takes it.")
        await fake_discord.submit_modal(BOB, {"Arguments": '{\n  "name": "b",\n  "tags": [red]\n}'})
        told = await app.told(
            BOB, "⚠️ This is not JSON (line 3): check quotes, commas and brackets. Open the form again."
        )
        assert '"tags": [red]' in told.readable
        await app.more(BOB, card, "Edit and allow")
        await fake_discord.submit_modal(BOB, {"Arguments": '{"name": "b", "tags": ["blue"]}'})
        await app.told(BOB, "Allowed once: ")
        await app.message("Written.", channel=card.channel)
        assert app.harness.tools.calls == [("notes.write", {"name": "b", "tags": ["blue"]})]


async def test_approved_for_the_rest_of_the_task_is_not_asked_again(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    async with opened([WRITES, says("", call("notes__write", name="c")), done("Both are written.")]) as app:
        card = await asked(app, fake_discord, ASKED)
        (menu,) = fake_discord.answers(await fake_discord.click(BOB, card.id, "More …"))
        question = await app.sure(BOB, menu, TASK_LONG)
        assert "Every later call of it runs without asking again" in question.readable
        assert "notes.write" in question.readable
        assert "name: b" in question.readable
        await app.told(BOB, "Allowed for this task: ")
        await app.message("**Write (notes)** allowed by Bob for this task", channel=card.channel)
        await app.message("Both are written.", channel=card.channel)
        assert len(app.harness.tools.calls) == 2


@pytest.mark.parametrize(("approver", "shown"), [("discord:500:202", "one person"), ("role:71", "the role 71")])
async def test_who_may_not_decide_is_told_so_and_the_card_waits_on(
    fake_discord: FakeDiscord, opened: Callable[..., Opened], approver: str, shown: str
) -> None:
    only = MemoryCatalog(agent(approvals=ApprovalPolicy(approvers=(approver,))))
    async with opened([WRITES, done("Written.")], catalog=only) as app:
        card = await asked(app, fake_discord, ASKED, f"To decide: {shown}")
        await app.sure(CID, card, "Allow once")
        await app.told(CID, "⚠️ This is not yours to decide.")
        assert "[Allow once]" in (await app.message(ASKED, channel=card.channel)).readable
        await app.sure(BOB, card, "Allow once")
        await app.message("**Write (notes)** allowed by Bob", "it ran", channel=card.channel)


async def test_after_the_end_every_button_says_that_it_is_too_late(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    async with opened([WRITES]) as app:
        await asked(app, fake_discord, ASKED)
        await fake_discord.slash(ANN, GENERAL, "agent approvals")
        approvals = await app.told(ANN, "An approval waits for you.")
        await fake_discord.slash(ANN, GENERAL, "agent status")
        seen = await app.told(ANN, "[Pause] [Stop] [Details]")
        await app.sure(ANN, await status(app, "[Stop]"), "Stop")
        await app.message("Stopped by Ann", "Reply to continue.", channel=None)
        await (await app.task()).result()
        await fake_discord.click(ANN, seen.id, "Pause")
        await app.told(ANN, "⚠️ Too late")
        await app.sure(ANN, seen, "Stop")
        await app.told(ANN, "⚠️ Too late", times=2)
        await fake_discord.click(ANN, approvals.id, "Allow once")
        await app.told(ANN, "⚠️ Too late", times=3)
        await fake_discord.click(ANN, seen.id, "Details")
        await app.told(ANN, "⚫ **Stopped**", "**Goal**")


async def test_the_buttons_outlive_a_restart_of_everything(
    fake_discord: FakeDiscord, opened: Callable[..., Opened], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "OUTCOME_TIMEOUT", PATIENCE)  # Temporal first asks the worker that is gone
    async with opened([WRITES]) as app:
        card = await asked(app, fake_discord, ASKED)
    async with opened([done("It is written.")]) as app:
        await app.sure(BOB, card, "Allow once")
        await app.told(BOB, "Allowed once: ")
        await app.message("**Write (notes)** allowed by Bob", "it ran", channel=card.channel)
        await app.message("It is written.", channel=card.channel)
        await fake_discord.click(BOB, (await status(app, "✅ **Done**")).id, "Details")
        await app.told(BOB, "**Goal**", "Write a note")
    (root,) = [m for m in fake_discord.messages(GENERAL) if m.bot and not m.visible_to]
    assert root.id == card.channel


# --- questions, budgets and answers ------------------------------------------------------------------------


async def test_a_question_is_answered_by_an_option_or_in_ones_own_words(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    questions = [
        says("", call("ask_user", question="Which colour?", options=["Red", "Blue"])),
        says("", call("ask_user", question="Which shade?")),
    ]
    async with opened([*questions, done("Painted.")]) as app:
        card = await asked(app, fake_discord, "❓ **The agent asks**", "Which colour?", "[Red] [Blue] [Answer …]")
        await fake_discord.click(BOB, card.id, "Blue")
        await app.told(BOB, "Your answer was received: “Blue”.")
        await app.message("> Which colour?", "→ **Blue** (Bob)", channel=card.channel)
        card = await app.message("Which shade?", "[Answer …]", channel=card.channel)
        await fake_discord.click(ANN, card.id, "Answer …")
        await app.window(ANN, "Answer", "Your answer", "Which shade?")
        await fake_discord.submit_modal(ANN, {"Your answer": "A light one"})
        await app.message("> Which shade?", "→ **A light one** (Ann)", channel=card.channel)
        await app.message("Painted.", channel=card.channel)


async def test_options_too_long_for_buttons_are_written_out_and_chosen_by_number(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    options = ["Red, as the neighbours have it, with the frames of the windows white", "Blue"]
    async with opened([says("", call("ask_user", question="Which?", options=options)), done("Red it is.")]) as app:
        card = await asked(app, fake_discord, "Which?", f"1. {options[0]}", "2. Blue", "[2. Blue] [Answer …]")
        (button,) = [one["label"] for one in card.components[0]["components"] if one["label"].startswith("1. Red")]
        await fake_discord.click(BOB, card.id, button)
        await app.message("→ **Red, as the neighbours", channel=card.channel)
        await app.message("Red it is.", channel=card.channel)
        assert options[0] in read(app)


async def test_a_used_up_budget_is_raised_by_half_or_by_an_amount(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    script = [
        says("", call("notes__read", name="a"), cost_nanos=1_020_000_000),
        says("", call("notes__read", name="b"), cost_nanos=500_000_000),
        done("Read."),
    ]
    dear = MemoryCatalog(agent(budget=BudgetSpec(usd=1.00, tokens=None)))
    async with opened(script, catalog=dear) as app:
        waits = "The task waits: add to the budget, or stop it."
        card = await asked(app, fake_discord, waits, "$1.02 of $1.00 used")
        assert "[Add $0.50] [Add an amount] [Stop]" in card.readable
        await fake_discord.click(BOB, card.id, "Add $0.50")
        await app.told(BOB, "is $1.50 now")
        await app.message("✓ The budget is $1.50 now, raised by Bob.", channel=card.channel)
        card = await app.message(waits, "$1.52 of $1.50 used", channel=card.channel)
        await fake_discord.click(ANN, card.id, "Add an amount")
        await app.window(ANN, "Add to the budget", "Dollars to add")
        await fake_discord.submit_modal(ANN, {"Dollars to add": "plenty"})
        await app.told(ANN, "⚠️ “plenty” is no amount in dollars. Write it like 2.50.")
        await fake_discord.click(ANN, card.id, "Add an amount")
        await fake_discord.submit_modal(ANN, {"Dollars to add": "$2"})
        await app.told(ANN, "is $3.50 now")
        await app.message("✓ The budget is $3.50 now, raised by Ann.", channel=card.channel)
        await app.message("Read.", channel=card.channel)


async def test_a_used_up_budget_is_left_as_it_is_by_stop_also_after_a_reply(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    script = [says("", call("notes__read", name="a"), cost_nanos=1_020_000_000)]
    dear = MemoryCatalog(agent(budget=BudgetSpec(usd=1.00, tokens=None)))
    async with opened(script, catalog=dear) as app:
        card = await asked(app, fake_discord, "The task waits: add to the budget, or stop it.")
        await fake_discord.say(ANN, card.channel, "Too dear")
        await (await app.task()).happened("follow_up.received")
        await fake_discord.click(BOB, card.id, "Stop")
        await app.told(BOB, "Stopped: ")
        await app.message("⊘ The budget stayed at $1.00.", channel=card.channel)


async def test_an_opinion_of_an_answer_is_kept_once(fake_discord: FakeDiscord, opened: Callable[..., Opened]) -> None:
    async with opened([done("It is written.")]) as app:
        card = await asked(app, fake_discord, "It is written.", "[👍] [👎]")
        fake_discord.change(twice=True)
        await fake_discord.click(BOB, card.id, "👎")
        await app.window(BOB, "Not a good answer", "What was wrong?")
        await fake_discord.submit_modal(BOB, {"What was wrong?": "Too short"})
        await app.told(BOB, "Thanks, that helps.")
        assert sum("Thanks" in m.readable for m in fake_discord.messages()) == 1
