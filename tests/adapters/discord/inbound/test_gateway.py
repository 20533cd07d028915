"""The gateway: one door of several, cuts and new sessions, and what was said meanwhile."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from discord.gateway import KeepAliveHandler

from tests.adapters.discord.inbound_harness import Recorder, door_at, killed, leases, listening, posted, until
from tests.fake_discord.client import FakeDiscord
from tests.fake_discord.faults import Fault
from threadwork.activities.ports.delivery import Leases
from threadwork.adapters.discord.cards.embeds import embed
from threadwork.adapters.discord.inbound.gateway import GatewayClient
from threadwork.adapters.discord.inbound.missed import Threads
from threadwork.adapters.discord.outbound.posted_messages import marked
from threadwork.workflows.sinks import Sink

pytest_plugins = ["tests.fake_discord.fixture"]
ANN = "201"


@pytest.fixture
def listener() -> Recorder:
    return Recorder()


async def thread_of(discord: FakeDiscord) -> str:
    """A task's thread."""
    root = await posted(discord, marked({"content": "", "embeds": [embed(["A card"])]}, "t1/status/0"))
    return await discord.open_thread(ANN, "101", "A task", root)


def at(thread: str, channel: str = "101") -> Threads:
    async def threads() -> Sequence[Sink]:
        return [Sink(platform="discord", workspace="500", channel=channel, thread=thread)]

    return threads


def known(listener: Recorder) -> Callable[[str], Awaitable[bool]]:
    async def look(key: str) -> bool:
        return key in listener.heard

    return look


def said(listener: Recorder) -> list[str]:
    return [one.given[0].text for one in listener.of("said")]


# --- commands --------------------------------------------------------------------------------------------


async def test_commands_are_synced_only_when_they_changed(fake_discord: FakeDiscord, listener: Recorder) -> None:
    for _ in range(2):
        async with listening(fake_discord, listener) as door:
            await until(lambda: door.connected)
    assert len(fake_discord.calls("bulk_set_application_commands")) == 1
    assert {one["name"] for one in fake_discord.commands()} == {"agent", "Ask an agent"}


# --- closing ---------------------------------------------------------------------------------------------


async def test_a_shard_that_was_still_identifying_leaves_no_heart_behind(
    fake_discord: FakeDiscord, listener: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new session waits five seconds before it identifies, while a thread of its own beats already."""

    async def waits(self: GatewayClient, shard: int | None, *, initial: bool = False) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(GatewayClient, "before_identify_hook", waits)
    before = set(threading.enumerate())
    async with door_at(fake_discord, listener):
        await until(lambda: beating() - before)
        mine = beating() - before
    for thread in mine:
        await asyncio.to_thread(thread.join, 30)
    assert not any(thread.is_alive() for thread in mine)


def beating() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if isinstance(thread, KeepAliveHandler)}


# --- one of several --------------------------------------------------------------------------------------


async def test_of_two_doors_one_is_connected_and_gives_way_at_once_when_it_closes(
    fake_discord: FakeDiscord, listener: Recorder
) -> None:
    shared = Asked(leases())
    given: dict[str, Any] = {
        "leases": shared,
        "lease_seconds": 600,
    }  # who does not give way keeps it for as long as the test lasts
    second = door_at(fake_discord, listener, holder="second", **given)
    async with listening(fake_discord, listener, **given) as first:
        await second.open()
        await until(lambda: shared.by.count("second") >= 3)  # what came of the asking before is done
        assert fake_discord.connections() == 1
        assert first.healthy
        assert second.healthy
        assert not second.connected
    await until(lambda: second.connected)
    await second.close()


class Asked:
    """Leases, and who asked for one."""

    def __init__(self, leases: Leases) -> None:
        self._leases = leases
        self.by: list[str] = []

    async def lease(self, owner: str, key: str, holder: str, seconds: float) -> int | None:
        self.by.append(holder.partition("@")[0])  # behind it is the process
        return await self._leases.lease(owner, key, holder, seconds)

    async def holder(self, owner: str, key: str) -> tuple[str, int] | None:
        return await self._leases.holder(owner, key)

    async def release(self, owner: str, key: str, fence: int) -> None:
        await self._leases.release(owner, key, fence)


async def test_when_the_holder_is_killed_another_takes_over_and_hears_what_was_said_meanwhile(
    fake_discord: FakeDiscord, listener: Recorder
) -> None:
    thread, shared = await thread_of(fake_discord), leases()
    given = {"leases": shared, "lease_seconds": 2.0, "threads": at(thread), "known": known(listener)}
    first = door_at(fake_discord, listener, **given)
    await first.open()
    await until(lambda: first.connected)
    await fake_discord.say(ANN, thread, "before")
    await until(lambda: said(listener) == ["before"])
    await killed(first)
    await fake_discord.say(ANN, thread, "meanwhile one")
    await fake_discord.say(ANN, thread, "meanwhile two")
    async with listening(fake_discord, listener, **given):
        await fake_discord.say(ANN, thread, "after")
        await until(lambda: len(said(listener)) == 4)
    assert sorted(said(listener)) == ["after", "before", "meanwhile one", "meanwhile two"]
    assert said(listener).index("meanwhile one") < said(listener).index("meanwhile two")
    assert fake_discord.violations() == []


async def test_more_than_discord_tells_at_once_is_heard_to_the_first_word(
    fake_discord: FakeDiscord, listener: Recorder
) -> None:
    thread = await thread_of(fake_discord)
    lines = [f"line {number:03d}" for number in range(130)]
    for line in lines:
        await fake_discord.say(ANN, thread, line)
    async with listening(fake_discord, listener, threads=at(thread), known=known(listener)):
        await until(lambda: len(said(listener)) == len(lines))
    assert said(listener) == lines
    assert fake_discord.violations() == []


async def test_what_was_answered_already_is_not_heard_again(fake_discord: FakeDiscord, listener: Recorder) -> None:
    thread = await thread_of(fake_discord)
    refused = await fake_discord.say(ANN, thread, "run it all")
    await posted(fake_discord, {"content": "You may not.", "message_reference": {"message_id": refused}}, thread)
    await fake_discord.say(ANN, thread, "then this")
    async with listening(fake_discord, listener, threads=at(thread), known=known(listener)):
        await until(lambda: said(listener))
    assert said(listener) == ["then this"]


async def test_where_there_is_no_thread_missed_answers_are_found_in_the_channel(
    fake_discord: FakeDiscord, listener: Recorder
) -> None:
    root = await posted(fake_discord, {"content": "card"}, "107")
    await fake_discord.say(ANN, "107", "among ourselves")
    await fake_discord.say(ANN, "107", "go on", reply_to=root)
    async with listening(fake_discord, listener, threads=at(root, "107"), known=known(listener)):
        await until(lambda: said(listener))
    assert said(listener) == ["go on"]
    assert listener.one("said").source.sink.key == f"discord:500:107:{root}"


# --- cuts ------------------------------------------------------------------------------------------------


async def test_with_the_gateway_cut_every_second_everything_is_heard_once(
    fake_discord: FakeDiscord, listener: Recorder
) -> None:
    thread = await thread_of(fake_discord)
    async with listening(fake_discord, listener, threads=at(thread), known=known(listener)):
        fake_discord.change(cut_every=1.0)
        fake_discord.cut_gateway()
        for number in range(12):
            await fake_discord.say(ANN, thread, f"line {number}")
            if number % 5 == 4:
                await resumed(fake_discord, times=number // 5 + 1)
        fake_discord.change(cut_every=None)
        await until(lambda: len(said(listener)) == 12)
        assert sorted(said(listener)) == sorted(f"line {number}" for number in range(12))


async def resumed(fake_discord: FakeDiscord, times: int) -> None:
    await until(lambda: fake_discord.sessions()["resumed"] >= times)


@pytest.mark.parametrize("politely", [True, False])
async def test_a_connection_that_was_cut_is_resumed(
    fake_discord: FakeDiscord, listener: Recorder, politely: bool
) -> None:
    async with listening(fake_discord, listener):
        fake_discord.cut_gateway(politely=politely)
        await fake_discord.mention(ANN, "101", "still there?")
        await until(lambda: said(listener) == ["still there?"])
        await until(lambda: fake_discord.sessions()["resumed"] == 1)


async def test_a_session_that_cannot_be_resumed_is_begun_anew_and_what_was_missed_is_heard(
    fake_discord: FakeDiscord, listener: Recorder
) -> None:
    thread = await thread_of(fake_discord)
    async with listening(fake_discord, listener, threads=at(thread), known=known(listener)):
        fake_discord.invalidate_sessions()
        await fake_discord.say(ANN, thread, "in between")
        await until(lambda: said(listener) == ["in between"])


async def test_a_gateway_of_two_shards_hears_both_servers(fake_discord: FakeDiscord, listener: Recorder) -> None:
    async with listening(fake_discord, listener, shards=2):
        async with asyncio.timeout(20):
            while fake_discord.sessions()["identified"] < 2:
                await asyncio.sleep(0.1)
        await fake_discord.mention(ANN, "101", "one")
        await fake_discord.mention("221", "121", "two")
        await until(lambda: sorted(said(listener)) == ["one", "two"])


# --- what a person must put right ------------------------------------------------------------------------


async def test_a_dead_token_is_named_and_nobody_falls_over(fake_discord: FakeDiscord, listener: Recorder) -> None:
    fake_discord.revoke_token()
    async with door_at(fake_discord, listener) as door:
        await until(lambda: door.problem)
        assert "DISCORD_BOT_TOKEN" in door.problem
        assert not door.healthy


async def test_an_intent_that_is_off_is_named(fake_discord: FakeDiscord, listener: Recorder) -> None:
    fake_discord.begin(privileged=0)
    async with door_at(fake_discord, listener) as door:
        await until(lambda: door.problem)
        assert "Message Content Intent" in door.problem


async def test_discord_that_is_away_at_first_is_connected_to_later(
    fake_discord: FakeDiscord, listener: Recorder
) -> None:
    fake_discord.faults(Fault(kind="down", methods=("get_my_user",), next_calls=1))
    async with door_at(fake_discord, listener) as door:
        await until(lambda: door.connected)
