"""Every line of the table, through a strict fake of Discord and its gateway, to what comes of it."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from tests.adapters.discord.inbound_harness import listening, until
from tests.fake_discord.client import FakeDiscord
from tests.manners.threads.bot import Bot, is_past
from tests.manners.threads.outcome import outcome
from tests.manners.threads.row import SETTINGS, Json, Row, Setting
from tests.manners.threads.table import DISCORD
from threadwork.workflows.sinks import Sink
from threadwork.workflows.values import Principal

pytest_plugins = ["tests.fake_discord.fixture"]
pytestmark = pytest.mark.asyncio(loop_scope="module")
ANN = Principal(platform="discord", workspace="500", user_id="201", name="Ann")
BOT, ROBOT = "900", "999"
ANSWERED: dict[str, tuple[str, Json]] = {
    "ann": ("201", {"content": "It is the cellar"}),
    "bob": ("203", {"content": "It is the disk"}),
    "bot": (BOT, {"content": "It is the disk"}),
    "robot": (ROBOT, {"content": "It is the disk"}),
    "webhook": (ROBOT, {"content": "Disk is full", "webhook": ROBOT}),
}


@pytest.fixture(scope="module")
def discord(fake_discord_process: FakeDiscord) -> Iterator[FakeDiscord]:
    """One for all rows: each has a thread of its own."""
    fake_discord_process.begin()
    fake_discord_process.user(ROBOT, name="Grafana", is_bot=True)
    yield fake_discord_process
    assert fake_discord_process.defects() == []
    assert fake_discord_process.violations() == []


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bot(discord: FakeDiscord) -> AsyncIterator[Bot]:
    bot = Bot()
    async with listening(discord, bot, known=bot.known):
        yield bot


@pytest.mark.parametrize("row", DISCORD, ids=lambda row: f"{row.name} ({row.when})")
async def test_a_line(discord: FakeDiscord, bot: Bot, row: Row) -> None:
    bot.begin()
    setting = SETTINGS[row.when]
    where = "301" if setting.direct else "101"
    root = await discord.deliver(BOT if setting.direct else ANN.user_id, where, {"content": "deploy the app"})
    place = where if setting.direct else await discord.open_thread(ANN.user_id, where, "Deploy the app", root)
    answers = await _answered(discord, place, row)
    settings = await _tasks(bot, where, root, setting)
    if setting.since:
        await is_past(datetime.now(UTC))
        await discord.deliver("203", place, {"content": "lunch?"})
    author, said = row.said["user"], {name: value for name, value in row.said.items() if name != "user"}
    said_id = await discord.deliver(author, place, said | answers)
    if row.edits:
        await discord.edit_message(author, said_id, row.edits)
    await _all_is_heard(discord, bot, where, place)
    await bot.take_up()
    became, reads = await outcome(bot, f"{where}:{said_id}", ANN, settings)
    assert became == row.becomes
    assert row.reads in ("", reads)


async def _answered(discord: FakeDiscord, place: str, row: Row) -> Json:
    if not row.answers:
        return {}
    author, said = ANSWERED[row.answers]
    return {"reply_to": await discord.deliver(author, place, said)}


async def _tasks(bot: Bot, where: str, root: str, setting: Setting) -> tuple[Setting, ...]:
    """The settings of the tasks in the thread."""
    settings = (setting, *((setting.second,) if setting.second else ()))
    sink = Sink(platform="discord", workspace="" if setting.direct else "500", channel=where, thread=root)
    since = datetime.now(UTC)
    for number, one in enumerate(settings):
        await bot.task(ANN, sink, one, f"{root}-{number}", since)
    return settings


async def _all_is_heard(discord: FakeDiscord, bot: Bot, where: str, place: str) -> None:
    """What is said in one place is handed on in its order."""
    last = await discord.deliver(ANN.user_id, place, {"content": f"<@{BOT}> that was all"})
    await until(lambda: f"{where}:{last}" in bot.receipts)
