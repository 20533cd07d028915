"""Tasks of one platform are told of in channels of the other, and decided from there."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.acceptance.both.conftest import Opened
from tests.app_harness import found
from tests.both_harness import AppHarness
from tests.discord_harness import ANN, BOB, CID, FLAT, GENERAL
from tests.worker_harness import agent, call, done
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.adapters.memory.model import MemoryModel, says
from threadwork.workflows.agents import ApprovalPolicy
from threadwork.workflows.errors import ModelError

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
OPS = "103"  # a channel in Discord
SLACK_OPS = "C3"
PEOPLE = ("U1", "U2", "U3")
WRITES = says("", call("notes__write", name="b"))
TOGETHER = (("slack", "T1"), ("discord", "500"))
KINDS = "failed approval completed"
CONFIG = """
agents:
  default: {approvals: {approvers: [U2, 202]}}
notify:
  - {to: "discord:103", on: [failed, approval, completed]}
  - {to: "slack:C3", on: [failed, approval, completed]}
"""


def bob_decides() -> MemoryCatalog:
    """On either platform."""
    policy = ApprovalPolicy(approvers=("U2", BOB))
    return MemoryCatalog(agent(approvals=policy), together=TOGETHER)


def story() -> list[Any]:
    return [WRITES, done("It is written."), ModelError("The key is wrong.")]


async def confirmed(app: AppHarness, user: str, message: str, question: str = "Yes, allow") -> None:
    """In Discord what may not be undone is asked again."""
    asked = {m.id for m in app.discord.messages() if m.visible_to == user}
    await app.discord.click(user, message, "Allow once")
    (card,) = [m for m in app.discord.messages() if m.visible_to == user and m.id not in asked]
    await app.discord.click(user, card.id, question)


# --- from Slack to Discord, and back ----------------------------------------------------------------------


@pytest.fixture(params=["command", "file"])
def way(request: pytest.FixtureRequest) -> str:
    """How the channel came to be subscribed."""
    return str(request.param)


def subscribed_by(way: str) -> dict[str, Any]:
    return {"config": CONFIG} if way == "file" else {"catalog": bob_decides()}


async def test_a_task_in_slack_is_told_of_and_decided_in_discord_and_both_show_by_whom(
    opened: Callable[..., Opened], way: str
) -> None:
    async with opened(story(), **subscribed_by(way)) as app:
        if way == "command":
            await app.discord.slash(CID, OPS, "agent notify", {"act": "on", "of": KINDS})
            told = await app.in_discord.told(CID, "This channel now gets: failures, approvals that wait, completions")
            assert "/agent notify act: off" in told.readable
        await app.slack.slash("U1", "C1", "/agent", "run Write a note")
        own = await app.in_slack.message("Allow Write (notes)?", "[Allow once]")
        card = await app.in_discord.message("notes.write", "“Write a note”", "[Allow once]", channel=OPS)
        link = f"https://slack.com/app_redirect?channel=C1&team=T1&message_ts={own.thread_ts}"
        assert link in json.dumps(card.embeds)

        await confirmed(app, CID, card.id)
        await app.in_discord.told(CID, "This is not yours to decide.")
        assert "[Allow once]" in (await app.in_discord.message("notes.write", channel=OPS)).readable

        await confirmed(app, BOB, card.id)
        decided = await app.in_discord.message("allowed by Bob", "it ran", channel=OPS)
        assert (decided.id, "[Allow once]" in decided.readable) == (card.id, False)
        assert (await app.in_slack.message("Write (notes) allowed by Bob", "it ran")).ts == own.ts

        completed = await app.in_discord.message("Done", "It is written.", channel=OPS)
        assert link in json.dumps(completed.embeds)
        await app.slack.say("U1", "C1", "Once more", thread_ts=own.thread_ts)
        failed = await app.in_discord.message("Failed", "The key is wrong.", channel=OPS)
        edited = await app.in_discord.message("It is written.", "It resumed after that.", channel=OPS)
        assert (edited.id, failed.id > edited.id) == (completed.id, True)
        await (await app.task()).result()
        assert len([m for m in app.discord.messages(OPS) if not m.visible_to]) == 3
        print(app.discord.screen(BOB, OPS), app.slack.screen("U1", "C1", own.thread_ts), sep="\n\n")


async def test_a_task_in_discord_is_told_of_and_decided_in_slack_and_both_show_by_whom(
    opened: Callable[..., Opened], way: str
) -> None:
    async with opened(story(), **subscribed_by(way)) as app:
        await app.slack.open_home("U2")  # so that his name is known: a click waits for it only a moment
        if way == "command":
            await app.slack.slash("U3", SLACK_OPS, "/agent", f"notify on {KINDS}")
            await app.in_slack.told("U3", "This channel now gets: failures, approvals that wait", channel=SLACK_OPS)
        await app.discord.slash(ANN, GENERAL, "agent run", {"goal": "Write a note"})
        card = await app.in_slack.message("notes.write", "“Write a note”", "[Allow once]", channel=SLACK_OPS)
        # The file has another channel of Discord's told, too, whose card is no sign that the thread is there.
        (thread,) = await found(lambda: app.discord.threads(GENERAL), "No thread in Discord", str)
        own = await app.in_discord.message("notes.write", "[Allow once]", channel=thread.id)
        link = f"https://discord.com/channels/500/{GENERAL}/{own.channel}"
        assert link in json.dumps(card.blocks)

        await app.slack.click("U3", card.ts, "Allow once")
        await app.in_slack.told("U3", "This is not yours to decide.", channel=SLACK_OPS)
        await app.slack.click("U2", card.ts, "Allow once")
        decided = await app.in_slack.message("Write (notes) allowed by", "it ran", channel=SLACK_OPS)
        assert (decided.ts, "[Allow once]" in decided.readable) == (card.ts, False)
        there = await app.in_discord.message("allowed by Bob", "it ran", channel=own.channel)
        assert there.id == own.id

        completed = await app.in_slack.message("Done", "It is written.", channel=SLACK_OPS)
        assert link in json.dumps(completed.blocks)
        await app.discord.say(ANN, own.channel, "Once more")
        await app.in_slack.message("Failed", "The key is wrong.", channel=SLACK_OPS)
        edited = await app.in_slack.message("It is written.", "It resumed after that.", channel=SLACK_OPS)
        assert edited.ts == completed.ts
        await (await app.task()).result()
        assert len([m for m in app.slack.messages(SLACK_OPS) if m.bot and not m.visible_to]) == 3
        print(app.slack.screen("U2", SLACK_OPS), app.discord.screen(ANN, own.channel), sep="\n\n")


# --- what a channel is told of ----------------------------------------------------------------------------


async def test_a_channel_is_told_of_the_kinds_agents_people_and_channels_it_asked_for(
    opened: Callable[..., Opened],
) -> None:
    agents = MemoryCatalog(agent(), agent(name="writer"), together=TOGETHER)
    ready = MemoryModel(lambda request: done("Ready."))
    async with opened(ready, catalog=agents) as app:
        await app.discord.slash(CID, OPS, "agent notify", {"act": "on", "of": f"completed --by <@{ANN}>"})
        await app.in_discord.told(CID, "completions", "tasks of")
        await app.discord.slash(CID, "102", "agent notify", {"act": "on", "of": f"completed --in <#{FLAT}>"})
        await app.in_discord.told(CID, "completions · tasks in flat")
        await app.slack.slash("U3", SLACK_OPS, "/agent", "notify on completed --agent writer")
        await app.slack.slash("U3", "C2", "/agent", "notify on completed --by <@U1|ann>")
        await app.in_slack.told("U3", "completions · tasks of ann", channel="C2")
        await app.slack.slash("U3", "C1", "/agent", "notify on failed")
        await app.in_slack.told("U3", "This channel now gets: failures.")

        await app.discord.slash(ANN, GENERAL, "agent run", {"goal": "one"})
        await app.discord.slash(BOB, FLAT, "agent run", {"goal": "two"})
        await app.discord.slash(BOB, GENERAL, "agent run", {"goal": "three", "agent": "writer"})
        await app.slack.slash("U1", "C1", "/agent", "run four")
        await app.slack.slash("U2", "C1", "/agent", "run five")
        expected = {OPS: {"one"}, "102": {"two"}, SLACK_OPS: {"three"}, "C2": {"four"}, "C1": set()}
        for channel, goals in expected.items():
            looks = app.in_slack if channel.startswith("C") else app.in_discord
            for goal in goals:
                await looks.message(f"“{goal}”", "Ready.", channel=channel)
        async with asyncio.timeout(30):
            while len(tasks := await app.tasks()) < 5:
                await asyncio.sleep(0.1)
        for task in tasks:
            await task.result()
        assert {channel: told_goals(app, channel) for channel in expected} == expected


async def test_a_role_is_nobody_whose_tasks_could_be_told_of(opened: Callable[..., Opened]) -> None:
    async with opened([]) as app:
        await app.discord.slash(CID, OPS, "agent notify", {"act": "on", "of": "completed --by <@&71>"})
        await app.in_discord.told(CID, "I do not know", "Pick the person")


def told_goals(app: AppHarness, channel: str) -> set[str]:
    goals = ("one", "two", "three", "four", "five")
    if channel.startswith("C"):
        shown = [m.readable for m in app.slack.messages(channel) if m.bot and not m.visible_to]
    else:
        shown = [m.readable for m in app.discord.messages(channel) if m.bot and not m.visible_to]
    return {goal for goal in goals if any(f"“{goal}”" in text for text in shown)}


# --- channels that are gone -------------------------------------------------------------------------------


async def test_dead_channels_unsubscribe_themselves_and_their_subscribers_are_told(
    opened: Callable[..., Opened],
) -> None:
    ready = MemoryModel(lambda request: done("Ready."))
    async with opened(ready, catalog=MemoryCatalog(agent(), together=TOGETHER)) as app:
        await app.discord.slash(BOB, OPS, "agent notify", {"act": "on", "of": "completed"})
        await app.in_discord.told(BOB, "This channel now gets: completions.")
        await app.slack.slash("U2", SLACK_OPS, "/agent", "notify on completed")
        await app.in_slack.told("U2", "This channel now gets: completions.", channel=SLACK_OPS)
        app.discord.channel(OPS, gone=True)
        app.slack.channel(SLACK_OPS, members=PEOPLE)

        await app.slack.slash("U1", "C1", "/agent", "run Paint the shed")
        await app.in_slack.message("Ready.")
        await app.in_slack.message("Paint the shed", "Done")
        await app.in_slack.message(f"Updates to discord:500/{OPS} have stopped", "no longer exists")
        await app.in_slack.message(f"Updates to slack:T1/{SLACK_OPS} have stopped", "not a member")
        await app.in_discord.message("no longer gets updates.", channel=app.discord.direct(BOB))
        await app.in_slack.message("no longer gets updates", "/agent notify on", channel="D2")
        await app.discord.slash(CID, GENERAL, "agent notify", {"act": "list"})
        await app.in_discord.told(CID, "no longer take messages", f"discord:500/{OPS}", "no longer exists")
        await (await app.task()).result()

        app.slack.channel(SLACK_OPS, members=(*PEOPLE, "UBOT1"))
        await app.slack.slash("U1", "C2", "/agent", "run Wash the car")
        await app.in_slack.message("Wash the car", "Done", channel="C2")
        await (await app.tasks())[1].result()
        assert "sink.failed" not in await (await app.tasks())[1].types()
        assert [m for m in app.slack.messages(SLACK_OPS) if m.bot and not m.visible_to] == []
        assert len([m for m in app.slack.messages("D2") if m.bot]) == 1
        assert len([m for m in app.discord.messages(app.discord.direct(BOB)) if m.bot]) == 1

        await app.slack.slash("U2", SLACK_OPS, "/agent", "notify on completed")
        await app.in_slack.told("U2", "This channel now gets: completions.", channel=SLACK_OPS, times=2)
        await app.slack.slash("U1", "C2", "/agent", "run Mow the lawn")
        await app.in_slack.message("“Mow the lawn”", "Ready.", channel=SLACK_OPS)
