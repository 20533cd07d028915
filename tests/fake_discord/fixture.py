"""The fake as fixtures: one process a test run, a clean fake a test.

A test module, or a conftest, takes them with `pytest_plugins = ["tests.fake_discord.fixture"]`."""

from collections.abc import Iterator

import pytest

from tests.fake_discord.client import FakeDiscord
from tests.fake_discord.process import running_discord


@pytest.fixture(scope="session")
def fake_discord_process() -> Iterator[FakeDiscord]:
    with running_discord() as discord:
        yield discord


@pytest.fixture
def fake_discord(fake_discord_process: FakeDiscord, request: pytest.FixtureRequest) -> Iterator[FakeDiscord]:
    """Empty, friendly, with the usual settings. Afterwards: nothing the fake answered was beside its contract, and
    nothing that it was asked either, unless the test is marked `breaches`."""
    fake_discord_process.begin()
    yield fake_discord_process
    assert fake_discord_process.defects() == []
    if request.node.get_closest_marker("breaches") is None:
        assert fake_discord_process.violations() == []
