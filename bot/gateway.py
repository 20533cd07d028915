"""The way to Temporal: the only user of workflow handles."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import (
    Client,
    RPCTimeoutOrCancelledError,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from threadwork.workflows.errors import NotFound, Rejected, ThreadworkError
from threadwork.workflows.messages import FollowUp
from threadwork.workflows.state import AgentExecutionRequest

WORKFLOW = "AgentExecutionWorkflow"
RPC_TIMEOUT = timedelta(seconds=4)  # of one request to Temporal
REQUEST_TIMEOUT = 6.0  # seconds for a request and its connecting, whatever the client does meanwhile

_NONSENSE = (RPCStatusCode.INVALID_ARGUMENT, RPCStatusCode.OUT_OF_RANGE)


class TemporalUnavailable(ThreadworkError):
    """Temporal did not take a request for now; the same may work later."""


class NoRun(NotFound):
    """No run of the task is under way that could hear a signal."""


class Gateway:
    """Starts, wakes and signals the workflow of a task; its id is the task's.

    Every call may raise `TemporalUnavailable`, and `Rejected` for what Temporal will never take."""

    def __init__(self, client: Client, task_queue: str) -> None:
        self._client = client
        self._task_queue = task_queue

    async def start(self, task_id: str) -> None:
        """Start the first run of a task. That it was started before is success, also when it has ended since."""
        async with _speaking(task_id):
            try:
                await self._start(task_id, WorkflowIDReusePolicy.REJECT_DUPLICATE)
            except WorkflowAlreadyStartedError:
                return

    async def wake(self, task_id: str, follow_up: FollowUp) -> None:
        """Give a reply to the run under way, or start a new one with it."""
        async with _speaking(task_id):
            await self._start(
                task_id,
                WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                start_signal="add_follow_up",
                start_signal_args=[follow_up],
            )

    async def signal(self, task_id: str, name: str, *args: Any) -> None:
        """Raises `NoRun` when no run of the task is under way."""
        async with _speaking(task_id):
            await self._handle(task_id).signal(name, args=args, rpc_timeout=RPC_TIMEOUT)

    async def state(self, task_id: str) -> dict[str, Any]:
        """What `get_current_state` says; needs a worker. Raises `NoRun` for an unknown workflow."""
        async with _speaking(task_id):
            state: dict[str, Any] = await self._handle(task_id).query("get_current_state", rpc_timeout=RPC_TIMEOUT)
            return state

    async def check(self) -> str:
        """How many workers listen to the queue, in a sentence."""
        async with _speaking(""):
            pollers = await self._pollers()
        return f"{pollers} {'worker listens' if pollers == 1 else 'workers listen'} to {self._task_queue}."

    async def _start(self, task_id: str, reuse: WorkflowIDReusePolicy, **how: Any) -> None:
        await self._client.start_workflow(
            WORKFLOW,
            AgentExecutionRequest(task_id=task_id),
            id=task_id,
            task_queue=self._task_queue,
            id_reuse_policy=reuse,
            rpc_timeout=RPC_TIMEOUT,
            **how,
        )

    def _handle(self, task_id: str) -> WorkflowHandle[Any, Any]:
        return self._client.get_workflow_handle(task_id)

    async def _pollers(self) -> int:
        request = DescribeTaskQueueRequest(
            namespace=self._client.namespace,
            task_queue=TaskQueue(name=self._task_queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
        answer = await self._client.workflow_service.describe_task_queue(request, timeout=RPC_TIMEOUT)
        return len({poller.identity for poller in answer.pollers})


@asynccontextmanager
async def _speaking(task_id: str) -> AsyncIterator[None]:
    """Turns whatever a request to Temporal raises into one of our errors."""
    try:
        async with asyncio.timeout(REQUEST_TIMEOUT):
            yield
    except RPCError as error:
        raise _meaning(task_id, error) from error
    except (WorkflowQueryFailedError, WorkflowQueryRejectedError) as error:
        raise TemporalUnavailable("The run does not answer questions now.", "Try again in a moment.") from error
    except (TimeoutError, RPCTimeoutOrCancelledError, RuntimeError, OSError) as error:
        # A client that connects lazily says RuntimeError when nobody is there.
        raise _unavailable() from error


def _meaning(task_id: str, error: RPCError) -> ThreadworkError:
    # An unknown namespace is "not found" too; that is no news about the task.
    if error.status is RPCStatusCode.NOT_FOUND and "namespace" not in error.message.lower():
        return NoRun(f"No run of task {task_id} is under way.")
    if error.status in _NONSENSE:
        return Rejected(f"Temporal does not take this: {error.message}.")
    return _unavailable()


def _unavailable() -> TemporalUnavailable:
    return TemporalUnavailable("Temporal does not answer.", "What you asked for is kept and goes on by itself.")
