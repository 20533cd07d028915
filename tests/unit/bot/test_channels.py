"""What platforms say of channels holds for seconds."""

import asyncio

import pytest

from threadwork.activities.ports.chat import Channels
from threadwork.adapters.memory.channels import MemoryChannels
from threadwork.bot.channels import AskedChannels
from threadwork.workflows.errors import ChatUnavailable
from threadwork.workflows.sinks import ChannelKind, Sink

GENERAL = Sink(platform="slack", workspace="T1", channel="C1")


class Counted(MemoryChannels):
    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.hangs = False

    async def kind(self, sink: Sink) -> ChannelKind:
        self.asked += 1
        if self.hangs:
            await asyncio.sleep(60)
        return await super().kind(sink)


def asked(counted: Channels, open_for: float = 60, closed_for: float = 60) -> AskedChannels:
    return AskedChannels({"slack": counted}, open_for, closed_for)


async def test_many_who_want_to_know_at_once_ask_once_whatever_is_told_there() -> None:
    counted = Counted()
    channels = asked(counted)
    told = GENERAL.model_copy(update={"kinds": ("failed",)})
    assert set(await asyncio.gather(*(channels.kind(one) for one in (GENERAL, told, GENERAL)))) == {"public"}
    assert counted.asked == 1


async def test_a_channel_that_turned_private_is_noticed_at_once_when_the_answer_has_run_out() -> None:
    counted = Counted()
    channels = asked(counted, open_for=0)
    assert await channels.kind(GENERAL) == "public"
    counted.kinds["C1"] = "private"
    assert await channels.kind(GENERAL) == "private"
    assert (await channels.kind(GENERAL), counted.asked) == ("private", 2), "what is private need not be asked again"


async def test_a_platform_that_is_away_is_not_asked_by_everybody() -> None:
    counted = Counted()
    counted.away = True
    channels = asked(counted)
    for _ in range(3):
        with pytest.raises(ChatUnavailable):
            await channels.kind(GENERAL)
    assert counted.asked == 1


async def test_a_platform_that_hangs_holds_nobody_up_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("threadwork.bot.channels.CHANNEL_TIMEOUT", 0.05)
    counted = Counted()
    counted.hangs = True
    with pytest.raises(ChatUnavailable, match="No answer"):
        await asked(counted).kind(GENERAL)


async def test_of_a_platform_that_is_not_connected_nothing_is_known() -> None:
    with pytest.raises(ChatUnavailable, match="discord is not connected"):
        await asked(Counted()).kind(Sink(platform="discord", channel="9"))
    assert not await asked(Counted()).is_only_home(Sink(platform="discord", channel="9"))


async def test_whether_the_bot_may_post_is_asked_anew_each_time() -> None:
    counted = Counted()
    counted.closed = {"C1"}
    channels = asked(counted)
    assert not await channels.takes_posts(GENERAL)
    counted.closed = set()
    assert await channels.takes_posts(GENERAL)
    assert await channels.direct("U1", GENERAL, "Here.") == GENERAL.model_copy(update={"channel": "D-U1"})
    counted.away = True
    with pytest.raises(ChatUnavailable):
        await channels.takes_posts(GENERAL)
    nowhere = Sink(platform="discord", channel="9")
    assert await channels.takes_posts(nowhere), "nobody can say"
    with pytest.raises(ChatUnavailable):
        await channels.direct("U1", nowhere, "Here.")


async def test_a_person_is_asked_for_by_themselves() -> None:
    counted = Counted()
    counted.members["C1"] = {"U1"}
    channels = asked(counted)
    assert (await channels.speaks("U1", GENERAL), await channels.speaks("U2", GENERAL)) == (True, False)
    assert await channels.is_only_home(GENERAL)
