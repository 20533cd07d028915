"""The platform as fixtures: one process a test run, a clean platform a test.

A test module, or a conftest, takes them with `pytest_plugins = ["tests.chat_platform.fixture"]`."""

from collections.abc import Iterator

import pytest

from tests.chat_platform.client import ChatPlatform
from tests.chat_platform.process import running_platform


@pytest.fixture(scope="session")
def chat_platform_process() -> Iterator[ChatPlatform]:
    with running_platform() as platform:
        yield platform


@pytest.fixture
def chat_platform(chat_platform_process: ChatPlatform) -> ChatPlatform:
    """Empty, friendly, with the usual settings."""
    chat_platform_process.settings()
    return chat_platform_process
