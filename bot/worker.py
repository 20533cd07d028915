"""The worker process: workflows, activities, and followers with slots of their own."""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import structlog
from temporalio.client import Client
from temporalio.worker import Worker

from threadwork.activities.delivery.notifier import SLOTS, NotifyActivities
from threadwork.activities.dependencies import ActivityDependencies
from threadwork.activities.factory import make_agent_activities
from threadwork.activities.tool_calls.tool_call import ToolActivities
from threadwork.bot.settings import Settings
from threadwork.workflows.agent_execution import AgentExecutionWorkflow
from threadwork.workflows.references import NOTIFY_QUEUE, OWN_QUEUE

log = structlog.get_logger(__name__)

SHUTDOWN_TIMEOUT = timedelta(seconds=10)  # for activities under way when the worker is asked to stop
HEARTBEAT_THROTTLE = timedelta(seconds=2)  # heartbeats carry cancellations back, so they are not held up


@asynccontextmanager
async def working(
    client: Client,
    dependencies: ActivityDependencies,
    task_queue: str = "agent-tasks",
    max_workflows: int = 100,
    max_activities: int = 200,
) -> AsyncIterator[None]:
    """While entered, work is taken from the queues, and what followers left in doubt is looked into."""
    own_queue = OWN_QUEUE.format(queue=task_queue, worker=uuid.uuid4().hex[:12])
    dependencies = replace(dependencies, own_queue=own_queue)
    notify, tools = NotifyActivities(dependencies), ToolActivities(dependencies)
    agents = _agents(client, task_queue, make_agent_activities(dependencies, tools), max_workflows, max_activities)
    followers = _followers(client, task_queue, notify)
    going_on = _going_on(client, own_queue, tools, max_activities)
    sweeping = asyncio.create_task(notify.sweep())
    try:
        async with agents, followers, going_on:
            try:
                yield
            finally:  # at the same time: each waits for what it has under way
                await asyncio.gather(agents.shutdown(), followers.shutdown(), going_on.shutdown())
    finally:
        tools.close()
        sweeping.cancel()
        await asyncio.wait([sweeping])


def _agents(
    client: Client, queue: str, activities: Sequence[Callable[..., Any]], max_workflows: int, max_activities: int
) -> Worker:
    """Runs of tasks, and what they ask for: models, tools, storage."""
    return Worker(
        client,
        task_queue=queue,
        workflows=[AgentExecutionWorkflow],
        activities=activities,
        max_concurrent_workflow_tasks=max_workflows,
        max_concurrent_activities=max_activities,
        graceful_shutdown_timeout=SHUTDOWN_TIMEOUT,
        max_heartbeat_throttle_interval=HEARTBEAT_THROTTLE,
        default_heartbeat_throttle_interval=HEARTBEAT_THROTTLE,
    )


def _followers(client: Client, queue: str, notify: NotifyActivities) -> Worker:
    """Followers last as long as their task, so they take no slots from what tasks ask for."""
    return Worker(
        client,
        task_queue=NOTIFY_QUEUE.format(queue=queue),
        activities=[notify.notify_thread_activity],
        max_concurrent_activities=SLOTS,
        max_heartbeat_throttle_interval=HEARTBEAT_THROTTLE,
        default_heartbeat_throttle_interval=HEARTBEAT_THROTTLE,
    )


def _going_on(client: Client, own_queue: str, tools: ToolActivities, max_activities: int) -> Worker:
    """Tool calls that only this process can go on with: their sessions are held here."""
    return Worker(
        client,
        task_queue=own_queue,
        activities=[tools.execute_mcp_tool_activity],
        max_concurrent_activities=max_activities,
        max_concurrent_activity_task_polls=1,
        graceful_shutdown_timeout=SHUTDOWN_TIMEOUT,
        max_heartbeat_throttle_interval=HEARTBEAT_THROTTLE,
        default_heartbeat_throttle_interval=HEARTBEAT_THROTTLE,
    )


async def run_worker(settings: Settings, stop: asyncio.Event) -> None:
    """Work until `stop` is set."""
    from threadwork.bot.bootstrap import worker_dependencies
    from threadwork.bot.catalog import load_aloud
    from threadwork.bot.database import unless, upgrade_when_there

    settings.arm_crash_points()
    load_aloud(settings)  # the file is read again when the database is there
    os.environ.update(settings.environment)  # LiteLLM looks its keys up there
    await unless(stop, upgrade_when_there(settings))
    if stop.is_set():
        return
    log.info("worker_starting", queue=settings.temporal_task_queue, hint="LiteLLM takes a few seconds to load.")
    async with AsyncExitStack() as stack:
        dependencies = await stack.enter_async_context(worker_dependencies(settings))
        client = await unless(stop, _connected(settings))
        if client is None:
            return
        await stack.enter_async_context(
            working(
                client,
                dependencies,
                settings.temporal_task_queue,
                settings.temporal_max_concurrent_workflows,
                settings.temporal_max_concurrent_activities,
            )
        )
        settings.announce_ready()
        await stop.wait()


async def _connected(settings: Settings) -> Client:
    """Temporal may come up later than we do."""
    from threadwork.bot.bootstrap import connect_temporal

    while True:
        try:
            return await connect_temporal(settings)
        except RuntimeError:
            log.warning("temporal_away", address=settings.temporal_server_url, hint="Trying again in 2 s.")
            await asyncio.sleep(2)
