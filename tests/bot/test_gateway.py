"""The gateway, on a real Temporal server."""

import asyncio
import socket
import time
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from temporalio import workflow
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Worker

from threadwork.bot.gateway import Gateway, NoRun, TemporalUnavailable
from threadwork.workflows.messages import FollowUp, StopRequest
from threadwork.workflows.state import AgentExecutionRequest
from threadwork.workflows.values import LOCAL


@workflow.defn(name="AgentExecutionWorkflow", sandboxed=False)
class Echo:
    """Keeps what it hears until it is stopped."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.stopped = False

    @workflow.run
    async def run(self, request: AgentExecutionRequest) -> list[str]:
        await workflow.wait_condition(lambda: self.stopped)
        return [request.task_id, *self.heard]

    @workflow.signal
    def add_follow_up(self, follow_up: FollowUp) -> None:
        self.heard.append(follow_up.message_id)

    @workflow.signal
    def stop_execution(self, request: StopRequest) -> None:
        self.stopped = True

    @workflow.query
    def get_current_state(self) -> dict[str, Any]:
        return {"status": "running", "heard": self.heard}


@pytest.fixture
def queue() -> str:
    return f"q-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def task_id() -> str:
    return f"t{uuid.uuid4().hex[:11]}"


@pytest.fixture
async def gateway(temporal: Client, queue: str) -> AsyncIterator[Gateway]:
    async with Worker(temporal, task_queue=queue, workflows=[Echo]):
        yield Gateway(temporal, queue)


def said(message_id: str) -> FollowUp:
    return FollowUp(message_id=message_id, by=LOCAL, preview="And?", ref=f"reply:{message_id}")


async def stop(gateway: Gateway, temporal: Client, task_id: str) -> Any:
    await gateway.signal(task_id, "stop_execution", StopRequest(click_id="c1"))
    return await temporal.get_workflow_handle(task_id).result()


async def test_a_task_is_started_under_its_own_id(gateway: Gateway, temporal: Client, task_id: str) -> None:
    await gateway.start(task_id)
    assert (await gateway.state(task_id))["status"] == "running"
    assert await stop(gateway, temporal, task_id) == [task_id]


async def test_starting_again_is_success_and_changes_nothing(gateway: Gateway, temporal: Client, task_id: str) -> None:
    await gateway.start(task_id)
    await gateway.start(task_id)
    await stop(gateway, temporal, task_id)
    await gateway.start(task_id)  # it has ended since: a late repeat of the first start must not run it again
    with pytest.raises(NoRun):
        await gateway.signal(task_id, "stop_execution", StopRequest(click_id="c2"))


async def test_a_reply_reaches_the_run_under_way(gateway: Gateway, temporal: Client, task_id: str) -> None:
    await gateway.start(task_id)
    run_id = (await temporal.get_workflow_handle(task_id).describe()).run_id
    await gateway.wake(task_id, said("m1"))
    assert (await gateway.state(task_id))["heard"] == ["m1"]
    assert (await temporal.get_workflow_handle(task_id).describe()).run_id == run_id


async def test_a_reply_after_the_end_starts_a_new_run_with_it(gateway: Gateway, temporal: Client, task_id: str) -> None:
    await gateway.start(task_id)
    await stop(gateway, temporal, task_id)
    await gateway.wake(task_id, said("m2"))
    assert await stop(gateway, temporal, task_id) == [task_id, "m2"]


async def test_a_signal_to_a_task_that_never_ran_finds_no_run(gateway: Gateway, task_id: str) -> None:
    with pytest.raises(NoRun, match=task_id):
        await gateway.signal(task_id, "stop_execution", StopRequest(click_id="c1"))


async def test_the_state_of_a_task_that_never_ran_is_not_found(gateway: Gateway, task_id: str) -> None:
    with pytest.raises(NoRun):
        await gateway.state(task_id)


async def test_the_state_without_any_worker_is_unavailable_soon(
    temporal: Client, task_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("threadwork.bot.gateway.REQUEST_TIMEOUT", 0.5)
    gateway = Gateway(temporal, "nobody-listens")
    await gateway.start(task_id)
    began = time.monotonic()
    with pytest.raises(TemporalUnavailable):
        await gateway.state(task_id)
    assert time.monotonic() - began < 5, "the server itself answers after ten seconds"


async def test_the_check_counts_the_workers(gateway: Gateway, temporal: Client, queue: str) -> None:
    async with asyncio.timeout(10):
        while await gateway.check() != f"1 worker listens to {queue}.":
            await asyncio.sleep(0.1)
    assert await Gateway(temporal, "nobody-listens").check() == "0 workers listen to nobody-listens."


async def test_an_unknown_namespace_is_no_news_about_the_task(temporal_address: str, task_id: str) -> None:
    client = await Client.connect(temporal_address, namespace="elsewhere", data_converter=pydantic_data_converter)
    with pytest.raises(TemporalUnavailable):
        await Gateway(client, "q").signal(task_id, "stop_execution", StopRequest(click_id="c1"))


async def test_where_nobody_answers_it_is_said_clearly_and_soon(task_id: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        client = await Client.connect(address, lazy=True, data_converter=pydantic_data_converter)
        gateway = Gateway(client, "q")
        began = time.monotonic()
        for attempt in (gateway.start(task_id), gateway.wake(task_id, said("m")), gateway.check()):
            with pytest.raises(TemporalUnavailable, match="Temporal does not answer"):
                await attempt
        assert time.monotonic() - began < 20
