"""The fake as fixtures: one process a test run, a clean fake a test.

A test module, or a conftest, takes them with `pytest_plugins = ["tests.fake_slack.fixture"]`."""

from collections.abc import Iterator

import pytest

from tests.fake_slack.client import FakeSlack
from tests.fake_slack.process import running_slack


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "breaches: does on purpose what the platform forbids its apps")


@pytest.fixture(scope="session")
def fake_slack_process() -> Iterator[FakeSlack]:
    with running_slack() as slack:
        yield slack


@pytest.fixture
def fake_slack(fake_slack_process: FakeSlack, request: pytest.FixtureRequest) -> Iterator[FakeSlack]:
    """Empty, friendly, with the usual settings. Afterwards: nothing the fake answered was beside its contracts, and
    nothing that it was asked either, unless the test is marked `breaches`."""
    fake_slack_process.begin()
    yield fake_slack_process
    assert fake_slack_process.defects() == []
    if request.node.get_closest_marker("breaches") is None:
        assert fake_slack_process.violations() == []
