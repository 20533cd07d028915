"""Words after `/agent`, and what the person who typed them is told."""

from collections.abc import Callable

import pytest

from tests.acceptance.slack.conftest import Opened
from tests.fake_slack.client import FakeSlack
from tests.worker_harness import agent, call, done
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.adapters.memory.model import says
from threadwork.workflows.agents import Access, ApprovalPolicy

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
ASKS = [says("", call("notes__write", name="b")), done("It is written.")]


async def test_every_list_and_figure_is_told_to_the_one_who_asks(
    fake_slack: FakeSlack, opened: Callable[..., Opened]
) -> None:
    async with opened(ASKS) as app:
        await fake_slack.slash("U1", "C1", "/agent", "list")
        await app.told("U1", "You have no tasks yet", "/agent run <goal>")
        await fake_slack.slash("U1", "C1", "/agent", "run Write a note")
        await app.message("Allow Write (notes)?")
        for words, told in SAID.items():
            await fake_slack.slash("U1", "C1", "/agent", words)
            await app.told("U1", *told)
        assert {m.visible_to for m in fake_slack.messages("C1") if "Your tasks" in m.readable} == {"U1"}


SAID = {
    "list": ("Your tasks.", "*Write a note*", "waiting for approval"),
    "list channel": ("Tasks of this channel.", "Write a note"),
    "list waiting": ("Tasks that wait for you.", "Write a note"),
    "status": ("**Write a note**", "Waiting for approval", "step 1 of 50", "[Pause] [Stop] [Details]"),
    "approvals": ("An approval waits for you.", "Write (notes)", "[Allow once]", "[Deny]"),
    "cost": ("in the last 7 days", "$0.00"),
    "agents": ("Agents you may run:", "default", "/agent run --agent <name> <goal>"),
}


async def test_a_task_is_held_let_go_on_and_stopped_by_words(
    fake_slack: FakeSlack, opened: Callable[..., Opened]
) -> None:
    async with opened(ASKS) as app:
        await fake_slack.slash("U1", "C1", "/agent", "run Write a note")
        await app.message("Allow Write (notes)?")
        task = (await app.task()).task_id
        await fake_slack.slash("U1", "C1", "/agent", "pause")
        await app.told("U1", "Which one?", "Write a note", "[Pause] [Stop] [Details]")
        await fake_slack.slash("U1", "C1", "/agent", "stop the noise please")
        await app.told(
            "U1", "`/agent stop` takes a task only. Nothing was changed.", "/agent run stop the noise please"
        )
        for words, told, shown in (("pause", "Paused: ", "Paused"), ("resume", "Resumed: ", "Waiting for approval")):
            await fake_slack.slash("U1", "C1", "/agent", f"{words} {task}")
            await app.told("U1", told, "“Write a note”.")
            await app.message("Write a note", shown, "[Details]")
        await fake_slack.slash("U1", "C1", "/agent", f"stop {task}")
        await app.told("U1", "Stopped: “Write a note”.")
        await app.message("Write a note", "Stopped")
        await app.message("Stopped by", "Reply to continue.")
        await fake_slack.slash("U1", "C1", "/agent", "stop")
        await app.told("U1", "You have no open task.", "/agent list")


async def test_an_approval_is_decided_by_words(fake_slack: FakeSlack, opened: Callable[..., Opened]) -> None:
    script = [says("", call("notes__write", name="b")), says("", call("notes__write", name="c")), done("Written.")]
    async with opened(script) as app:
        await fake_slack.slash("U1", "C1", "/agent", "run Write a note")
        await app.message("Allow Write (notes)?")
        await fake_slack.slash("U2", "C1", "/agent", "approve not yet, wait for Bob")
        await app.told("U2", "`/agent approve` takes a task and a number only. Nothing was changed.")
        await fake_slack.slash("U2", "C1", "/agent", "approve")
        await app.told("U2", "An approval waits for you.", "Write (notes)")
        task = (await app.task()).task_id
        await fake_slack.slash("U2", "C1", "/agent", f"approve {task} 1")
        again = await app.told(
            "U2", "Allow `Write (notes)` (`notes.write`) for “Write a note”?", "name: b", "[Allow once]"
        )
        await fake_slack.click("U2", again.ts, "Allow once")
        await app.told("U2", "Allowed once: `Write (notes)` for “Write a note”.")
        asked = await app.message("Allow Write (notes)?", "name: c")
        await fake_slack.slash("U2", "C1", "/agent", f"deny {task} 2 c is taken")
        await app.told("U2", "Put a colon before the reason:", f"/agent deny {task} 2: c is taken")
        await fake_slack.slash("U2", "C1", "/agent", f"deny {task} 2: c is taken")
        await app.told("U2", "Denied: ")
        decided = await app.message("Write (notes) denied by", "c is taken")
    assert decided.ts == asked.ts


async def test_a_mistake_is_answered_by_what_was_probably_meant(
    fake_slack: FakeSlack, opened: Callable[..., Opened]
) -> None:
    async with opened([done()]) as app:
        for words, told in MISTAKES.items():
            await fake_slack.slash("U1", "C1", "/agent", words)
            await app.told("U1", "⚠️", *told)
        assert await app.tasks() == []


MISTAKES = {
    "lst": ("There is no command", "Did you mean `/agent list`?"),
    "summarise what changed this week": ("no command", "write `/agent run summarise what changed this week`"),
    "list mien": ("There is no list “mien”", "Did you mean `/agent list mine`?"),
    "run --agnt x Do it": ("There is no option `--agnt`", "`--agent`"),
    "run --agent nobody Do it": ("There is no agent", "There are: default."),
    "run --budget lots Do it": ("“lots” is no amount in dollars", "Write it like 2.50."),
    "run --in #nowhere Do it": ("I cannot find the channel #nowhere.", "Pick it from the list"),
    "status tabc23": ("No task begins with “tabc23”.", "find its id"),
}


async def test_a_task_can_report_to_another_channel(fake_slack: FakeSlack, opened: Callable[..., Opened]) -> None:
    async with opened([done("It is done.")]) as app:
        await fake_slack.slash("U1", "C1", "/agent", "run --in <#C2|random> --budget 0.50 Tidy up")
        await app.told("U1", "Started in #random: **Tidy up**")
        await app.message("Tidy up", "of $0.50", channel="C2")
        await app.message("It is done.", channel="C2")


async def test_help_shows_only_what_the_person_may_do(fake_slack: FakeSlack, opened: Callable[..., Opened]) -> None:
    only_ann = agent(
        access=Access(run=("U1",), control=("U1",), budget=("U1",)), approvals=ApprovalPolicy(approvers=("U1", "U2"))
    )
    async with opened([done()], catalog=MemoryCatalog(only_ann)) as app:
        await fake_slack.slash("U1", "C1", "/agent", "help")
        anns = await app.told("U1", "/agent run <goal>", "/agent stop [task]", "Your agents: default.")
        await fake_slack.slash("U2", "C1", "/agent", "help")
        bobs = await app.told("U2", "/agent list", "/agent approve", "/agent help")
        await fake_slack.slash("U2", "C1", "/agent", "run Write a note")
        await app.told("U2", "You may not run the agent default.", "access list")
    assert "/agent deny" in anns.readable
    assert not any(f"/agent {word} " in bobs.readable for word in ("run", "pause", "resume", "stop"))
    assert "thread" not in bobs.readable
