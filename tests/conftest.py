"""Servers that many tests share."""

import os
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import hypothesis
import pytest
import pytest_asyncio
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import _workflow

pytest_plugins = [
    "tests.chat_platform.fixture",
    "tests.fake_slack.fixture",
    "tests.fake_discord.fixture",
    "tests.fake_mattermost.fixture",
]
# The same examples every time, and no deadline: a busy machine is no defect.
hypothesis.settings.register_profile("threadwork", derandomize=True, database=None, deadline=None, max_examples=100)
hypothesis.settings.load_profile("threadwork")
STATUS = pytest.StashKey[int]()
TEMPORAL = Path(sys.executable).parent / "temporal"
FAST = ["--dynamic-config-value", "history.transferProcessorMaxPollRPS=2000"]
# Hundreds of processes are started: without, each would compile whatever it loads, and each run all tests.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


class Unhurried:
    """Seconds in which a workflow must yield in tests: a busy machine is no deadlock."""

    def __get__(self, worker: object, kind: object = None) -> int:
        return 60

    def __set__(self, worker: object, seconds: int | None) -> None:
        """The two seconds of temporalio, whose interruption may hit any finalizer and so fail another test."""


_workflow._WorkflowWorker._deadlock_timeout_seconds = Unhurried()  # type: ignore[assignment]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first, so that no process is left alone with it at the end."""
    for item in items:
        if "chaos" in item.path.parts:
            item.add_marker("fire")
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    session.config.stash[STATUS] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave without tearing the interpreter down: Temporal's runtime now and then aborts in the middle of that."""
    if STATUS in config.stash:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(config.stash[STATUS])


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def temporal_address() -> AsyncIterator[str]:
    """A real Temporal server."""
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(TEMPORAL),
        dev_server_startup_timeout=timedelta(seconds=60),
        dev_server_extra_args=FAST,
    ) as environment:
        yield environment.client.service_client.config.target_host


@pytest.fixture
async def temporal(temporal_address: str) -> Client:
    return await Client.connect(temporal_address, data_converter=pydantic_data_converter)


@pytest_asyncio.fixture
async def time_skipping() -> AsyncIterator[WorkflowEnvironment]:
    """A real Temporal server whose days pass in seconds."""
    async with await WorkflowEnvironment.start_time_skipping_v2(
        dev_server_existing_path=str(TEMPORAL),
        dev_server_startup_timeout=timedelta(seconds=60),
        dev_server_extra_args=[*FAST, "--dynamic-config-value", "frontend.WorkflowTimeSkippingEnabled=true"],
        data_converter=pydantic_data_converter,
    ) as environment:
        yield environment
