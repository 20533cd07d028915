"""Who may read which channels of a server."""

from collections.abc import AsyncIterator

import pytest

from tests.discord_harness import ANN, BOB, GENERAL
from tests.fake_discord.client import FakeDiscord
from tests.fake_discord.faults import Fault
from tests.fake_discord.seed_data import BOT, GUILD, OTHER_GUILD
from threadwork.adapters.discord.api.rest import Rest
from threadwork.adapters.discord.channels import DiscordChannels
from threadwork.workflows.errors import ChatUnavailable, SinkGone
from threadwork.workflows.sinks import Sink

pytest_plugins = ["tests.fake_discord.fixture"]
CLOSED, THREAD, ASIDE, PLAIN, LEFT = "130", "131", "132", "133", "134"


def sink(channel: str, thread: str = "", guild: str = GUILD) -> Sink:
    return Sink(platform="discord", workspace=guild, channel=channel, thread=thread)


@pytest.fixture
async def channels(fake_discord: FakeDiscord) -> AsyncIterator[DiscordChannels]:
    fake_discord.channel(CLOSED, name="closed", members=(ANN,))
    fake_discord.channel(THREAD, type=11, parent=GENERAL, owner=BOT, joined=(BOT,))
    fake_discord.channel(ASIDE, type=12, parent=GENERAL, owner=ANN, joined=(ANN, BOT))
    fake_discord.channel(PLAIN, name="plain", denied=("manage_threads",))
    fake_discord.channel(LEFT, type=12, parent=PLAIN, owner=ANN, joined=(ANN,))
    rest = Rest(fake_discord.bot_token, fake_discord.api_url)
    yield DiscordChannels(rest)
    await rest.close()
    assert fake_discord.violations() == []


@pytest.mark.parametrize(
    ("where", "kind"),
    [
        (sink(GENERAL), "public"),
        (sink(GENERAL, THREAD), "public"),
        (sink(GENERAL, "1400000000000000000"), "public"),  # a message without a thread
        (sink(GENERAL, ASIDE), "thread"),
        (sink(PLAIN, LEFT), "thread"),  # the bot was taken out of it
        (sink(CLOSED), "private"),
        (sink("109"), "private"),  # hidden from the bot
        (sink("404"), "private"),
        (sink("301", guild=""), "direct"),
        (sink(GENERAL, guild=OTHER_GUILD), "private"),  # not where it is said to be
    ],
)
async def test_public_is_what_everyone_may_view(channels: DiscordChannels, where: Sink, kind: str) -> None:
    assert await channels.kind(where) == kind


async def test_who_may_view_and_write_speaks_there(channels: DiscordChannels, fake_discord: FakeDiscord) -> None:
    assert await channels.speaks(BOB, sink(GENERAL))
    assert await channels.speaks(ANN, sink(CLOSED))
    assert not await channels.speaks(BOB, sink(CLOSED))
    assert await channels.speaks(ANN, sink(GENERAL, ASIDE))
    assert not await channels.speaks(BOB, sink(GENERAL, ASIDE))
    assert not await channels.speaks("221", sink(GENERAL)), "of another server"
    assert not await channels.speaks("../roles", sink(GENERAL))
    assert not await channels.speaks(ANN, sink(GENERAL, guild=OTHER_GUILD))


async def test_a_second_server_ends_that_there_is_one(channels: DiscordChannels, fake_discord: FakeDiscord) -> None:
    assert not await channels.is_only_home(sink(""))
    fake_discord.leave(BOT, OTHER_GUILD)
    assert await channels.is_only_home(sink(""))
    assert not await channels.is_only_home(sink("", guild=OTHER_GUILD))


async def test_while_discord_is_away_nothing_is_known(channels: DiscordChannels, fake_discord: FakeDiscord) -> None:
    fake_discord.faults(Fault(kind="server_error"))
    for asked in (channels.kind(sink(GENERAL)), channels.speaks(ANN, sink(GENERAL)), channels.is_only_home(sink(""))):
        with pytest.raises(ChatUnavailable):
            await asked


async def test_a_person_is_told_in_their_own_conversation(channels: DiscordChannels, fake_discord: FakeDiscord) -> None:
    found = await channels.direct(ANN, sink("108"), "“@everyone <@202>” runs here.")
    assert found == Sink(platform="discord", channel=fake_discord.direct(ANN))
    (said,) = fake_discord.messages(found.channel)
    assert "runs here." in said.readable
    fake_discord.user(BOB, deaf=True)
    with pytest.raises(SinkGone, match="no direct message"):
        await channels.direct(BOB, sink("108"), "“It” runs here.")
