"""The commands of `/agent`, and what the person who typed one is told."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.acceptance.discord.conftest import Opened
from tests.acceptance.discord.test_main_path import ASKED
from tests.discord_harness import ANN, BOB, GENERAL
from tests.fake_discord.client import FakeDiscord
from tests.worker_harness import agent, call, done
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.adapters.memory.model import says
from threadwork.workflows.agents import Access, ApprovalPolicy

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
WRITES = says("", call("notes__write", name="b"))
CODE = re.compile(r"/agent link ([A-Z0-9]{4}-[A-Z0-9]{4})")


async def test_every_list_and_figure_is_told_to_the_one_who_asks(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    async with opened([WRITES]) as app:
        await fake_discord.slash(ANN, GENERAL, "agent list")
        await app.told(ANN, "You have no tasks yet", "/agent run <goal>")
        await fake_discord.slash(ANN, GENERAL, "agent run", {"goal": "Write a note"})
        await app.message(ASKED, channel=None)
        for word, options, told in SAID:
            await fake_discord.slash(ANN, GENERAL, f"agent {word}", options)
            await app.told(ANN, *told)
        assert {m.visible_to for m in fake_discord.messages() if "Your tasks" in m.readable} == {ANN}


SAID: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
    ("list", {}, ("Your tasks.", "**Write a note** · waiting for approval", "Open")),
    ("list", {"which": "channel"}, ("Tasks of this channel.", "**Write a note**", "Ann")),
    ("list", {"which": "waiting"}, ("Tasks that wait for you.", "**Write a note**")),
    ("status", {}, ("**Write a note**", "Waiting for approval", "step 1 of 50", "[Pause] [Stop] [Details]")),
    ("approvals", {}, ("An approval waits for you.", "**Write (notes)**", 'name="b"', "[Allow once] [Deny]")),
    ("cost", {}, ("in the last 7 days", "$0.00")),
    ("agents", {}, ("Agents you may run:", "**default**", "/agent run agent: <name> goal: <goal>")),
    ("notify", {"act": "list"}, ("This channel gets no updates.", "/agent notify act: on")),
    ("notify", {"act": "on", "of": "failed approval"}, ("This channel now gets: failures, approvals that wait.",)),
    ("notify", {"act": "list"}, ("This channel gets:", "failures, approvals that wait (by Ann)")),
    ("notify", {"act": "off"}, ("This channel gets no more updates on new tasks.",)),
    (
        "link",
        {"code": "list"},
        (
            "This account is linked with no other.",
            "/agent link",
        ),
    ),
    ("help", {}, ("/agent run <goal>", "/agent stop [task]", "Your agents: default.")),
]


async def test_a_code_that_links_accounts_is_told_to_its_person_alone_and_works_once(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    async with opened([]) as app:
        await fake_discord.slash(ANN, GENERAL, "agent link")
        told = await app.told(ANN, "ten minutes", "/agent link")
        found = CODE.search(told.readable)
        assert found, told.readable
        await fake_discord.slash(ANN, GENERAL, "agent link", {"code": found[1]})
        await app.told(ANN, "⚠️")
        await fake_discord.slash(BOB, GENERAL, "agent link", {"code": "AAAA-9999"})
        await app.told(BOB, "⚠️")
        await fake_discord.mention(ANN, GENERAL, "link")
        await app.message("Others can read this.", "/agent link")
        assert not any(found[1] in m.readable for m in fake_discord.messages() if not m.visible_to)


async def test_a_task_is_held_let_go_on_and_stopped_by_words_in_its_thread_and_out_of_it(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    async with opened([WRITES]) as app:
        await fake_discord.slash(ANN, GENERAL, "agent run", {"goal": "Write a note"})
        thread = (await app.message(ASKED, channel=None)).channel
        task = (await app.task()).task_id
        await fake_discord.slash(ANN, GENERAL, "agent pause")
        await app.told(ANN, "⚠️ Which one?", "Write a note", "[Pause] [Stop] [Details]")
        await fake_discord.slash(ANN, GENERAL, "agent pause", {"task": "the note"})
        await app.told(ANN, "⚠️ `/agent pause` takes a task only. Nothing was changed.")
        await fake_discord.slash(ANN, GENERAL, "agent pause", {"task": task})
        await app.told(ANN, "Paused: “Write a note”.")
        await app.message("Write a note", "🟡 **Paused by ", "[Resume] [Stop] [Details]")
        await fake_discord.slash(BOB, thread, "agent resume")
        await app.told(BOB, "Resumed: ")
        await app.message("Write a note", "🟣 **Waiting for approval**", "[Pause] [Stop] [Details]")
        await fake_discord.slash(BOB, GENERAL, "agent stop")
        await app.told(BOB, "⚠️ You have no open task.", "/agent list")
        await fake_discord.slash(BOB, thread, "agent stop")
        await app.told(BOB, "Stopped: ")
        await app.message("Write a note", "⚫ **Stopped**", "[Details]")
        await app.message("Stopped by Bob", "Reply to continue.", channel=thread)


async def test_agents_models_and_tasks_are_offered_while_somebody_types(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    async with opened([WRITES, done("Then not.")]) as app:
        await fake_discord.slash(ANN, GENERAL, "agent run", {"goal": "Write a note"})
        await app.message(ASKED, channel=None)
        task = (await app.task()).task_id
        (offer,) = await fake_discord.autocomplete(ANN, GENERAL, "agent stop", "task", "note")
        assert offer["value"] == task
        assert offer["name"].startswith("Write a note · waiting for approval")
        assert "*" not in offer["name"]
        assert await fake_discord.autocomplete(ANN, GENERAL, "agent stop", "task", "no such words") == []
        assert await fake_discord.autocomplete(BOB, GENERAL, "agent stop", "task") == []
        (offered,) = await fake_discord.autocomplete(ANN, GENERAL, "agent run", "agent", "def")
        assert offered["value"] == "default"
        assert "memory/scripted" in [
            one["value"] for one in await fake_discord.autocomplete(ANN, GENERAL, "agent run", "model", "scripted")
        ]
        await fake_discord.slash(BOB, GENERAL, "agent pause", {"task": task})
        await app.told(BOB, "Paused: ")
        await app.message("Write a note", "🟡 **Paused by ")


async def test_an_approval_is_decided_by_words(fake_discord: FakeDiscord, opened: Callable[..., Opened]) -> None:
    script = [WRITES, says("", call("notes__write", name="c")), done("Written.")]
    async with opened(script) as app:
        await fake_discord.slash(ANN, GENERAL, "agent run", {"goal": "Write a note"})
        thread = (await app.message(ASKED, "name: b", channel=None)).channel
        await fake_discord.slash(BOB, thread, "agent approve")
        await app.told(BOB, "An approval waits for you.", "Write (notes)", "[Allow once]")
        task = (await app.task()).task_id
        await fake_discord.slash(BOB, thread, "agent approve", {"number": "1"})
        again = await app.told(
            BOB, "Allow `Write (notes)` (`notes.write`) for “Write a note”?", "name: b", "[Allow once] [Deny]"
        )
        await fake_discord.click(BOB, again.id, "Allow once")
        await app.told(BOB, "Allowed once: `Write (notes)` for “Write a note”.")
        asked = await app.message(ASKED, "name: c", channel=thread)
        named = {"task": task, "number": "9"}
        await fake_discord.slash(BOB, GENERAL, "agent deny", named)
        await app.told(BOB, "⚠️ There is no approval 9 of “Write a note”", "/agent approvals")
        await fake_discord.slash(BOB, GENERAL, "agent deny", {**named, "number": "2", "reason": "c is taken"})
        await app.told(BOB, "Denied: `Write (notes)` for “Write a note”.")
        decided = await app.message("**Write (notes)** denied by Bob", "c is taken", channel=thread)
    assert decided.id == asked.id


async def test_a_mistake_is_answered_by_what_was_probably_meant(
    fake_discord: FakeDiscord, opened: Callable[..., Opened]
) -> None:
    async with opened([done()]) as app:
        for word, options, told in MISTAKES:
            await fake_discord.slash(ANN, GENERAL, f"agent {word}", options)
            await app.told(ANN, "⚠️", *told)
        assert await app.tasks() == []


MISTAKES: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
    ("run", {"goal": "Do it", "agent": "nobody"}, ("There is no agent", "There are: default.")),
    ("status", {"task": "tabc23"}, ("No task begins with “tabc23”.", "find its id.")),
    ("notify", {"act": "on", "of": "faild"}, ("There is no kind `faild`.", "Did you mean `failed`?")),
    (
        "notify",
        {"act": "on", "of": "failed --in #nowhere"},
        ("I cannot find #nowhere.", "Pick the channel from the list"),
    ),
    ("stop", {}, ("You have no open task.", "/agent list")),
]


async def test_a_task_is_run_with_its_options(fake_discord: FakeDiscord, opened: Callable[..., Opened]) -> None:
    async with opened([done("It is done.")]) as app:
        given = {"goal": "Tidy up", "agent": "default", "budget": 0.5, "file": {"list.txt": "one\ntwo"}}
        await fake_discord.slash(ANN, GENERAL, "agent run", given)
        await app.message("Tidy up", "of $0.50")
        await app.message("It is done.", channel=None)
        (request,) = app.harness.model.requests
        assert "Attached file list.txt:\n```\none\ntwo\n```" in str(request.messages[-1]["content"])


async def test_help_shows_only_what_the_person_may_do(fake_discord: FakeDiscord, opened: Callable[..., Opened]) -> None:
    only_ann = agent(
        access=Access(run=(ANN,), control=(ANN,), budget=(ANN,)), approvals=ApprovalPolicy(approvers=(ANN, BOB))
    )
    async with opened([done()], catalog=MemoryCatalog(only_ann)) as app:
        await fake_discord.slash(ANN, GENERAL, "agent help")
        anns = await app.told(ANN, "/agent run <goal>", "/agent stop [task]", "Your agents: default.")
        await fake_discord.slash(BOB, GENERAL, "agent help")
        bobs = await app.told(BOB, "/agent list", "/agent approve", "/agent help")
        await fake_discord.slash(BOB, GENERAL, "agent run", {"goal": "Write a note"})
        await app.told(BOB, "⚠️ You may not run the agent default.", "access list")
    assert "/agent deny" in anns.readable
    assert not any(f"/agent {word} " in bobs.readable for word in ("run", "pause", "resume", "stop"))
    assert "thread" not in bobs.readable


async def test_commands_work_with_the_bot_alone_too(fake_discord: FakeDiscord, opened: Callable[..., Opened]) -> None:
    async with opened([done("Hello, Ann.")]) as app:
        direct = fake_discord.direct(ANN)
        await fake_discord.slash(ANN, direct, "agent run", {"goal": "Greet me"})
        await app.told(ANN, "Started: **Greet me**")
        await app.message("Hello, Ann.", channel=direct)
        await fake_discord.slash(ANN, direct, "agent list")
        await app.told(ANN, "Your tasks.", "**Greet me**")
