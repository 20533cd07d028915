"""The fake as fixtures: one process a test run, a clean fake a test.

A test module, or a conftest, takes them with `pytest_plugins = ["tests.fake_slack.fixture"]`."""

from collections.abc import Iterator

import pytest

from tests.fake_slack.client import FakeSlack
from tests.fake_slack.process import running_slack


@pytest.fixture(scope="session")
def fake_slack_process() -> Iterator[FakeSlack]:
    with running_slack() as slack:
        yield slack


@pytest.fixture
def fake_slack(fake_slack_process: FakeSlack) -> Iterator[FakeSlack]:
    """Empty, friendly, with the usual settings. Afterwards: nothing the fake answered was beside its contracts."""
    fake_slack_process.begin()
    yield fake_slack_process
    assert fake_slack_process.defects() == []
