"""Every line of the tables, through a strict fake of Slack, over a socket and by signed requests."""

from collections.abc import AsyncIterator

import pytest

from tests.adapters.slack.inbound_harness import Recorder, opened
from tests.fake_slack.client import FakeSlack
from tests.manners.lines import slack_addresses, slack_contexts
from tests.manners.lines.line import Line, told
from threadwork.adapters.slack.connection import SlackConnection

pytest_plugins = ["tests.fake_slack.fixture"]
ROWS = (*slack_addresses.ROWS, *slack_contexts.ROWS)


@pytest.fixture
def listener() -> Recorder:
    found = Recorder()
    found.ask_thread, found.answer = True, None
    return found


@pytest.fixture(params=["socket", "http"])
async def door(
    request: pytest.FixtureRequest, fake_slack: FakeSlack, listener: Recorder
) -> AsyncIterator[SlackConnection]:
    async with opened(fake_slack, listener, request.param) as door:
        yield door


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
async def test_a_line(fake_slack: FakeSlack, listener: Recorder, door: SlackConnection, row: Line) -> None:
    channel, thread = row.channel or "C1", ""
    for message in row.before:
        ts = await fake_slack.deliver(channel, message | ({"thread_ts": thread} if thread else {}))
        thread = thread or ts
    ts = await fake_slack.deliver(channel, row.said | ({"thread_ts": thread} if thread else {}), row.tells)
    assert all(delivery.acked for delivery in fake_slack.deliveries())
    if row.expect is None:
        assert listener.told == 0
        return
    heard = listener.one("said")
    assert heard.source.key == f"{channel}:{ts}"
    seen = told(heard.given[0], heard.lines)
    assert {name: seen[name] for name in row.expect} == row.expect
