"""The state of a task on its root message: behind the cards, and never in their way."""

import time
from types import SimpleNamespace

import pytest

from tests.adapters.discord.outbound_harness import CHANNEL, MARK, PACE, at_rest, eventually, said, status, under
from tests.adapters.discord.small_discord import ROOM, No, SmallDiscord
from threadwork.adapters.discord.api.rest import Rest
from threadwork.adapters.discord.chat import DiscordChat
from threadwork.adapters.discord.outbound import presence
from threadwork.adapters.discord.outbound.presence import Presence
from threadwork.workflows.values import Status


def shown(discord: SmallDiscord) -> list[str]:
    return [one["emoji"]["name"] for one in discord.messages[ROOM][0]["reactions"]]


async def test_the_reaction_on_the_root_follows_the_state(chat: DiscordChat, discord: SmallDiscord) -> None:
    root = await chat.post(CHANNEL, status(Status.QUEUED), MARK)
    states = {Status.RUNNING: "⏳", Status.WAITING_APPROVAL: "✋", Status.PAUSED: "⏸️", Status.COMPLETED: "✅"}
    for state, emoji in states.items():
        await chat.edit(CHANNEL, root, status(state), MARK)
        await eventually(lambda emoji=emoji: shown(discord) == [emoji])  # type: ignore[misc]
    assert (len(discord.paths("PUT")), len(discord.paths("DELETE"))) == (4, 3)


async def test_cards_without_a_state_have_no_reaction(chat: DiscordChat, discord: SmallDiscord) -> None:
    root = await chat.post(CHANNEL, said(), MARK)
    await chat.post(under(root), said(), "t/answer:1/0")
    await at_rest(chat)
    assert discord.paths("PUT") == []


async def test_after_a_restart_the_old_reaction_goes_too(rest: Rest, chat: DiscordChat, discord: SmallDiscord) -> None:
    root = await chat.post(CHANNEL, status(Status.PAUSED), MARK)
    await eventually(lambda: shown(discord) == ["⏸️"])
    restarted = DiscordChat(rest, presence=Presence(rest, pace=PACE))
    await restarted.edit(CHANNEL, root, status(Status.FAILED), MARK)
    await eventually(lambda: shown(discord) == ["⚠️"])
    await restarted.close()


async def test_the_end_is_not_waited_for(rest: Rest, discord: SmallDiscord) -> None:
    chat = DiscordChat(rest, presence=Presence(rest, pace=30))
    root = await chat.post(CHANNEL, status(Status.RUNNING), MARK)
    await eventually(lambda: shown(discord) == ["⏳"])
    for state in (Status.PAUSED, Status.RUNNING, Status.CANCELLED):
        await chat.edit(CHANNEL, root, status(state), MARK)
    await eventually(lambda: shown(discord) == ["⏹️"])
    await chat.close()
    assert len(discord.paths("PUT")) == 2


async def test_where_the_bot_may_not_react_it_tries_again_later_and_cards_are_shown_all_the_same(
    chat: DiscordChat, discord: SmallDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = [0.0]
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + ahead[0])
    monkeypatch.setattr(presence, "time", clock)
    discord.before = lambda method, path: No(403, 50_013) if "/reactions/" in path else None
    root = await chat.post(CHANNEL, status(Status.RUNNING), MARK)
    await eventually(lambda: len(discord.paths("PUT")) == 1)
    for state in (Status.PAUSED, Status.COMPLETED):
        await chat.edit(CHANNEL, root, status(state), MARK)
        await at_rest(chat)
    assert len(discord.paths("PUT")) == 1
    assert discord.texts(ROOM) == ["completed"]
    discord.before = lambda method, path: None
    ahead[0] = presence.REFUSED
    await chat.edit(CHANNEL, root, status(Status.RUNNING), MARK)
    await eventually(lambda: shown(discord) == ["⏳"])


async def test_a_429_is_waited_out(chat: DiscordChat, discord: SmallDiscord) -> None:
    refusals = [No(429, 0, "Slower.", retry_after=0.2)]
    discord.before = lambda method, path: refusals.pop() if "/reactions/" in path and refusals else None
    await chat.post(CHANNEL, status(Status.RUNNING), MARK)
    await eventually(lambda: shown(discord) == ["⏳"])
    assert len(discord.paths("PUT")) == 2
