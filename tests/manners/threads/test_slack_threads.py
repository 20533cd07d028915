"""Every line of the table, through a strict fake of Slack in either transport, to what comes of it."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from tests.adapters.slack.inbound_harness import opened
from tests.fake_slack.client import FakeSlack
from tests.manners.threads.bot import Bot, is_past
from tests.manners.threads.outcome import outcome
from tests.manners.threads.row import SETTINGS, Json, Row, Setting
from tests.manners.threads.table import SLACK
from threadwork.workflows.sinks import Sink
from threadwork.workflows.values import Principal

pytest_plugins = ["tests.fake_slack.fixture"]
pytestmark = pytest.mark.asyncio(loop_scope="module")
ANN = Principal(platform="slack", workspace="T1", user_id="U1", name="Ann")
ASKED: Json = {"user": "U1", "text": "<@UBOT1> deploy the app"}
ELSE: Json = {"user": "U3", "text": "lunch?"}


@pytest.fixture(scope="module")
def slack(fake_slack_process: FakeSlack) -> Iterator[FakeSlack]:
    """One for all rows: each has a thread of its own."""
    fake_slack_process.begin()
    yield fake_slack_process
    assert all(delivery.acked for delivery in fake_slack_process.deliveries())
    assert fake_slack_process.defects() == []
    assert fake_slack_process.violations() == []


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["socket", "http"])
async def bot(request: pytest.FixtureRequest, slack: FakeSlack) -> AsyncIterator[Bot]:
    bot = Bot()
    async with opened(slack, bot, request.param, known=bot.known):
        yield bot


@pytest.mark.parametrize("row", SLACK, ids=lambda row: f"{row.name} ({row.when})")
async def test_a_line(slack: FakeSlack, bot: Bot, row: Row) -> None:
    bot.begin()
    setting = SETTINGS[row.when]
    channel = "D1" if setting.direct else "C1"
    root, settings = await _thread(slack, bot, channel, setting)
    said = row.said | ({} if setting.direct else {"thread_ts": root})
    ts = await slack.deliver(channel, said, row.tells or _told(row, setting.direct))
    await bot.take_up()
    became, reads = await outcome(bot, f"{channel}:{ts}", ANN, settings)
    assert became == row.becomes
    assert row.reads in ("", reads)


def _told(row: Row, direct: bool) -> tuple[str, ...]:
    """Slack tells of a mention twice."""
    called = "<@UBOT1" in row.said["text"] and not direct
    return ("app_mention", "message") if called else ("message",)


async def _thread(slack: FakeSlack, bot: Bot, channel: str, setting: Setting) -> tuple[str, tuple[Setting, ...]]:
    """The thread's root, and the settings of the tasks in it."""
    settings = (setting, *((setting.second,) if setting.second else ()))
    root = await slack.deliver(channel, ASKED)
    sink = Sink(platform="slack", workspace="T1", channel=channel, thread=root)
    since = datetime.now(UTC)
    for number, one in enumerate(settings):
        await bot.task(ANN, sink, one, f"{root}-{number}", since)
    if setting.since:
        await is_past(since)
        await slack.deliver(channel, ELSE | {"thread_ts": root})
    return root, settings
