"""A app full of people, for every test of Slack as they see it."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, cast

import pytest
from temporalio.client import Client

from tests.fake_slack.client import FakeSlack
from tests.slack_harness import AppHarness, Transport

Opened = AbstractAsyncContextManager[AppHarness]


@pytest.fixture(params=["socket", "http"])
def transport(request: pytest.FixtureRequest) -> Transport:
    """A test that asks for it runs over both."""
    return cast(Transport, request.param)


@pytest.fixture
def opened(temporal: Client, fake_slack: FakeSlack, tmp_path: Path) -> Callable[..., Opened]:
    """`opened(script, transport, **ports)`; a second one goes on with what the first left."""

    def open(script: Any, transport: Transport = "socket", **ports: Any) -> Opened:
        return AppHarness(temporal, fake_slack, tmp_path, script, transport, **ports).open()

    return open
