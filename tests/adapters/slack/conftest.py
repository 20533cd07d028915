"""The adapter, at a scripted Web API and at the fake Slack."""

from collections.abc import AsyncIterator

import pytest

from tests.adapters.slack.outbound_harness import PACE
from tests.adapters.slack.scripted_web_api import Scripted, scripted
from tests.clock_ahead import ClockAhead
from tests.fake_slack.client import FakeSlack
from threadwork.adapters.slack.api import local_rate_limit_gate
from threadwork.adapters.slack.api.clients import Clients, one_token
from threadwork.adapters.slack.chat import SlackChat
from threadwork.adapters.slack.outbound.presence import Presence


@pytest.fixture
async def slack() -> AsyncIterator[Scripted]:
    async with scripted() as server:
        yield server


@pytest.fixture
async def clients(slack: Scripted) -> AsyncIterator[Clients]:
    opened = Clients(one_token("xoxb-secret"), slack.url, time_out=1.0)
    yield opened
    await opened.close()


@pytest.fixture
def ahead(monkeypatch: pytest.MonkeyPatch) -> ClockAhead:
    """The clock by which a 429 is over."""
    ahead = ClockAhead()
    monkeypatch.setattr(local_rate_limit_gate, "time", ahead)
    return ahead


@pytest.fixture
async def chat(clients: Clients) -> AsyncIterator[SlackChat]:
    adapter = SlackChat(clients, presence=Presence(clients, pace=PACE))
    yield adapter
    await adapter.close()


@pytest.fixture
async def real(fake_slack: FakeSlack) -> AsyncIterator[SlackChat]:
    """At the fake Slack, which keeps what is posted."""
    opened = Clients(one_token("xoxb-test"), fake_slack.api_url)
    adapter = SlackChat(opened, presence=Presence(opened, pace=PACE))
    yield adapter
    await adapter.close()
    await opened.close()
