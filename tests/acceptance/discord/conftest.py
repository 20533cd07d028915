"""A app full of people, for every test of Discord as they see it."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from tests.discord_harness import AppHarness
from tests.fake_discord.client import FakeDiscord

Opened = AbstractAsyncContextManager[AppHarness]


@pytest.fixture
def opened(temporal: Client, fake_discord: FakeDiscord, tmp_path: Path) -> Callable[..., Opened]:
    """`opened(script, **ports)`; a second one goes on with what the first left."""

    def open(script: Any, bots: int = 1, **ports: Any) -> Opened:
        return AppHarness(temporal, fake_discord, tmp_path, script, **ports).open(bots)

    return open
