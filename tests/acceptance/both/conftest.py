"""A app with both platforms, for every test of what goes from one to the other."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from tests.both_harness import AppHarness
from tests.fake_discord.client import FakeDiscord
from tests.fake_slack.client import FakeSlack

Opened = AbstractAsyncContextManager[AppHarness]


@pytest.fixture
def opened(temporal: Client, fake_slack: FakeSlack, fake_discord: FakeDiscord, tmp_path: Path) -> Callable[..., Opened]:
    """`opened(script, **more)`, as for `tests.app_harness.Ours`."""

    def open(script: Any, **more: Any) -> Opened:
        return AppHarness(temporal, fake_slack, fake_discord, tmp_path, script, **more).open()

    return open
