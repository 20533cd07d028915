from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from tests.conftest import FAST, TEMPORAL

SMALL = ["--dynamic-config-value", "limit.historyCount.suggestContinueAsNew=80"]  # continues as new soon


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def small_temporal_address() -> AsyncIterator[str]:
    """A real Temporal server that suggests to continue as new after 80 events."""
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(TEMPORAL),
        dev_server_startup_timeout=timedelta(seconds=60),
        dev_server_extra_args=[*FAST, *SMALL],
    ) as environment:
        yield environment.client.service_client.config.target_host


@pytest.fixture
async def client(small_temporal_address: str) -> Client:
    return await Client.connect(small_temporal_address, data_converter=pydantic_data_converter)
