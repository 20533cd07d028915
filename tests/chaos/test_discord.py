"""Discord under fire: lost answers, refusals, limits, a gateway that is cut, doubles, bursts, and killed processes."""

import asyncio
import signal
import time
from collections import Counter
from pathlib import Path

import pytest
from temporalio.client import Client

from tests.chaos.burst import burst
from tests.chaos.crash_harness import dies
from tests.chaos.crowd import CARDS, Crowd, cards, model, writing
from tests.chaos.discord_crash_harness import DiscordCrashHarness
from tests.chaos.discord_crowd import DiscordCrowd
from tests.discord_harness import ANN, BOB, CID, FLAT, GENERAL, AppHarness
from tests.fake_discord.client import FakeDiscord
from tests.fake_discord.faults import Fault
from tests.worker_harness import WorkerHarness
from threadwork.adapters.discord.api import buckets
from threadwork.adapters.discord.api.rest import Rest
from threadwork.adapters.discord.chat import DiscordChat
from threadwork.adapters.discord.inbound.gateway_lease import LEASE_CHECK_INTERVAL, LEASE_SECONDS
from threadwork.workflows.sinks import Sink

pytestmark = pytest.mark.timeout(500)
MANY = 20  # tasks at once
FASTER = dict.fromkeys(buckets.CHANNEL, (400, 10))


async def test_with_every_fault_at_once_twenty_tasks_end_with_every_card_exactly_once_and_every_click_counted_once(
    temporal: Client, fake_discord: FakeDiscord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Discord forgets a nonce at once, so that marks alone keep doubles away."""
    monkeypatch.setattr(buckets, "CHANNEL", FASTER)  # two calls in five fail: at Discord's own pace it takes minutes
    fake_discord.begin(twice=True, cut_every=2, nonce_seconds=0.001, grace=0.4)
    written: list[str] = []
    app = AppHarness(temporal, fake_discord, tmp_path, model(), tools=writing(written))
    async with app.open(), Crowd(app.harness, DiscordCrowd(fake_discord)).looking() as crowd:
        fake_discord.faults(
            Fault(kind="lose_answer", methods=("create_message",), once=True),
            Fault(kind="server_error", every=10),
            Fault(kind="rate_limited", every=3, retry_after=0.8),
        )
        tasks = await asyncio.gather(*(crowd.play(job) for job in crowd.jobs(MANY)))
        await crowd.as_promised(tasks, written)
        assert len(await app.tasks()) == MANY
    assert fake_discord.violations() == []
    struck = Counter(call.outcome for call in fake_discord.calls())
    assert struck["answer_lost"] >= MANY * len(CARDS), struck
    assert struck["rate_limited"], struck
    assert struck["server_error"], struck
    assert fake_discord.sessions()["resumed"] > 3


async def test_within_discords_own_limits_twenty_tasks_end_and_nothing_is_refused(
    temporal: Client, fake_discord: FakeDiscord, tmp_path: Path
) -> None:
    fake_discord.begin(profile="discord")
    written: list[str] = []
    async with AppHarness(temporal, fake_discord, tmp_path, model(), tools=writing(written)).open() as app:
        async with Crowd(app.harness, DiscordCrowd(fake_discord)).looking() as crowd:
            tasks = await asyncio.gather(*(crowd.play(job) for job in crowd.jobs(MANY)))
        await crowd.as_promised(tasks, written)
    assert fake_discord.violations() == []
    assert [(call.method, call.channel) for call in fake_discord.calls() if call.retry_after is not None] == []


# --- two bots ------------------------------------------------------------------------------------------


async def test_when_the_holder_of_the_gateway_is_killed_another_takes_over_and_hears_what_was_typed_meanwhile_once(
    client: Client, fake_discord: FakeDiscord, tmp_path: Path
) -> None:
    harness = DiscordCrashHarness(client, fake_discord, tmp_path)
    try:
        harness.worker(pause=0.01)
        holder, _ = await harness.holder_and_second()
        threads = await _two_tasks(harness)
        holder.kill()
        began = time.monotonic()
        await _typed(harness, threads)
        await harness.sees(lambda: fake_discord.sessions()["identified"] == 2 and fake_discord.connections() == 1)
        assert time.monotonic() - began < LEASE_SECONDS - LEASE_CHECK_INTERVAL, "before its lease could run out"
        await _heard_once(harness)
    except (TimeoutError, AssertionError) as error:
        raise AssertionError(f"{error!r}\n{harness.log()}") from error
    finally:
        await harness.close()


async def test_a_holder_that_was_frozen_beyond_its_lease_doubles_nothing_when_it_goes_on(
    client: Client, fake_discord: FakeDiscord, tmp_path: Path
) -> None:
    harness = DiscordCrashHarness(client, fake_discord, tmp_path)
    try:
        harness.worker(pause=0.01)
        holder, _ = await harness.holder_and_second()
        threads = await _two_tasks(harness)
        await harness.freeze(holder)
        await _typed(harness, threads)
        await harness.sees(lambda: fake_discord.connections() == 2)
        taken = await fake_discord.slash(BOB, "102", "agent run", {"goal": "By command"})
        assert taken.acked
        assert len(taken.sockets) == 2, "the frozen one was to hear of it, too"
        holder.send_signal(signal.SIGCONT)
        await harness.sees(lambda: fake_discord.connections() == 1)
        await _heard_once(harness, "By command")
    except (TimeoutError, AssertionError) as error:
        raise AssertionError(f"{error!r}\n{harness.log()}") from error
    finally:
        await harness.close()


async def _two_tasks(harness: DiscordCrashHarness) -> list[str]:
    """One by a command in a channel, one by a mention where there are no threads; both have ended. Their roots."""
    discord, ground = harness.discord, DiscordCrowd(harness.discord)
    await discord.mention(ANN, GENERAL, "help")
    await discord.slash(ANN, GENERAL, "agent run", {"goal": "By a command"})
    await discord.slash(BOB, FLAT, "agent run", {"goal": "In answers"})
    await harness.sees(lambda: sum("answer:1" in card.mark for card in ground.cards()) == 2)
    return [card.message for card in ground.cards() if card.mark.endswith("status/0")]


async def _typed(harness: DiscordCrashHarness, roots: list[str]) -> None:
    """While nobody listens: a line of who asked for the task, an answer to the other's card, and mentions in channels
    and in a thread of people's own."""
    discord = harness.discord
    for root in roots:
        if any(one.id == root for one in discord.messages(FLAT)):
            await discord.say(CID, FLAT, "Once more.", reply_to=root)
        else:
            await discord.say(ANN, root, "Once more.")
    await discord.mention(ANN, "102", "By a mention")
    await discord.mention(BOB, await discord.open_thread(BOB, "103", "Our own"), "In a thread of ours")
    await discord.mention(CID, GENERAL, "help")


async def _heard_once(harness: DiscordCrashHarness, *goals: str) -> None:
    """Every task ended, with what was typed in it; every goal is one task; every cry for help has one answer."""
    discord, wanted = harness.discord, {"By a mention", "In a thread of ours", "By a command", "In answers", *goals}
    async with asyncio.timeout(60):
        while {record.goal for record in await harness.tasks()} != wanted or not await _ended(harness):
            await asyncio.sleep(0.3)
    await asyncio.sleep(3)  # for a double to show
    assert sorted(record.goal for record in await harness.tasks()) == sorted(wanted)
    assert await _ended(harness)
    standing = cards(DiscordCrowd(discord).cards())
    twice = {"By a command": True, "In answers": True}
    for record in await harness.tasks():
        answers = ["answer:1/0", "answer:2/0"][: 1 + (record.goal in twice)]
        assert standing.pop(record.task_id) == [*answers, "status/0"], record.goal
    assert standing == {}
    helped = [one.reply_to for one in discord.messages(GENERAL) if one.bot and "/agent run" in one.readable]
    assert len(helped) == len(set(helped)) == 2, [one.readable for one in discord.messages(GENERAL)]
    assert discord.violations() == []


async def _ended(harness: DiscordCrashHarness) -> bool:
    replies = {"By a command": 1, "In answers": 1}
    for record in await harness.tasks():
        types = Counter(await harness.harness.actor(record.task_id).types())
        if types["workflow.completed"] != 1 + types["follow_up.received"]:
            return False
        if types["follow_up.received"] != replies.get(record.goal, 0):
            return False
    return True


# --- killed workers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("crash_at", "channel"), [("part_posted:1", GENERAL), ("part_posted:2", GENERAL),
                                                  ("part_posted:2", FLAT)])  # fmt: skip
async def test_a_card_whose_worker_was_killed_when_discord_had_taken_it_is_found_and_not_posted_again(
    client: Client, fake_discord: FakeDiscord, tmp_path: Path, crash_at: str, channel: str
) -> None:
    fake_discord.begin()
    harness = DiscordCrashHarness(client, fake_discord, tmp_path)
    try:
        first = harness.worker(crash_at)
        task = await harness.begin(channel)
        await dies(first)
        harness.worker()
        await task.happened("workflow.completed", within=90)
        await task.result(within=90)
    except (TimeoutError, AssertionError) as error:
        raise AssertionError(f"{error!r}\n{harness.log()}") from error
    finally:
        await harness.close()
    root, answer = DiscordCrowd(fake_discord).cards()
    assert [card.mark.partition("/")[2] for card in (root, answer)] == ["status/0", "answer:1/0"]
    assert (root.root, answer.root) == ("", root.message)
    assert len([call for call in fake_discord.calls("create_message") if call.delivered]) == 2
    assert fake_discord.calls("list_messages")
    assert fake_discord.violations() == []


@pytest.mark.parametrize("forgetful", [False, True], ids=["nonce", "marks alone"])
@pytest.mark.parametrize("crash_at", ["part_intended:2", "part_posted:2"])
async def test_a_picture_of_a_tool_is_shown_once_wherever_its_worker_is_killed(
    client: Client, fake_discord: FakeDiscord, tmp_path: Path, crash_at: str, forgetful: bool
) -> None:
    """A file travels with its message. `part_posted:2`: Discord has taken both, and nothing is recorded of it."""
    fake_discord.begin(**({"nonce_seconds": 0.001} if forgetful else {}))
    harness = DiscordCrashHarness(client, fake_discord, tmp_path)
    try:
        first = harness.worker(crash_at, pictures=True)
        task = await harness.begin(GENERAL)
        await dies(first)
        harness.worker(pictures=True)
        await task.happened("workflow.completed", within=90)
        await task.result(within=90)
    except (TimeoutError, AssertionError) as error:
        raise AssertionError(f"{error!r}\n{harness.log()}") from error
    finally:
        await harness.close()
    standing = [mark for card in DiscordCrowd(fake_discord).cards() if (mark := card.mark.partition("/")[2])]
    assert len(standing) == 3
    assert [mark.partition(":")[0] for mark in standing[1:2]] == ["file"]
    assert [[file.name for file in one.files] for one in fake_discord.messages() if one.files] == [["two.png"]]
    assert fake_discord.violations() == []


# --- bursts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", [GENERAL, FLAT], ids=["thread", "replies"])
async def test_a_thousand_events_in_ten_seconds_cost_a_thread_at_most_twelve_calls_of_discord(
    temporal: Client, fake_discord: FakeDiscord, channel: str
) -> None:
    """Posts, edits, the thread's creation and reactions together."""
    fake_discord.begin(profile="discord")
    rest = Rest(fake_discord.bot_token, fake_discord.api_url)
    chat = DiscordChat(rest)
    try:
        harness = WorkerHarness(temporal, [], chats={"discord": chat})
        await burst(harness, Sink(platform="discord", workspace=fake_discord.guild, channel=channel))
        async with asyncio.timeout(30):
            while set(fake_discord.messages(channel)[0].reactions) != {"✅"}:
                await asyncio.sleep(0.2)
    finally:
        await chat.close()
        await rest.close()
    calls = Counter(call.method for call in fake_discord.calls())
    print(calls)
    assert sum(calls.values()) <= 12, calls
    assert [call for call in fake_discord.calls() if call.retry_after is not None] == []
    assert cards(DiscordCrowd(fake_discord).cards()).popitem()[1] == ["answer:1/0", "status/0"]
