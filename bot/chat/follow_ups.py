"""Which lines in a thread its agent is told of: as the thread, the channel or the agent says."""

from collections.abc import Mapping

from threadwork.bot.chat.context import Context
from threadwork.bot.chat.lists import short
from threadwork.bot.chat.rights import Rights, agent_of
from threadwork.workflows.agents import Access, AgentSpec
from threadwork.workflows.inbound import Response
from threadwork.workflows.manners import FollowUps
from threadwork.workflows.signal_rights import NOT_CONTROL
from threadwork.workflows.tasks import TaskRecord

MODES: Mapping[str, FollowUps] = {"quiet": "mentions", "listen": "all"}  # what people say to the bot in a thread
TOLD: Mapping[FollowUps, str] = {
    "all": "The agent reads every reply here that is not said to somebody else.",
    "mentions": "The agent reads only replies here that mention me.",
    "off": "The agent reads no replies here.",
}


async def follow_ups(context: Context, task: TaskRecord, agent: AgentSpec | None) -> FollowUps:
    """`agent`: the task's, as it is configured now; None: it is gone."""
    channel = (await context.ports.catalog.channel(task.sink)).follow_ups if task.sink else None
    return task.follow_ups or channel or (agent.follow_ups if agent else "all")


async def set_follow_ups(context: Context, task: TaskRecord, mode: FollowUps) -> Response:
    """For this thread, by who may control the task."""
    agent, rights = await agent_of(context.ports, task), Rights(context.source.by, context.ports.directory)
    may = await rights.is_me(task.by) or await rights.among((agent.access if agent else Access()).control)
    if not may:
        return Response(text=NOT_CONTROL, tone="warning")
    await context.ports.tasks.set_follow_ups(task.task_id, mode)
    return Response(text=f"“{short(task.goal)}”: {TOLD[mode]}")
