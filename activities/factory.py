"""Activities with their dependencies, for the workers."""

from collections.abc import Callable
from typing import Any

from threadwork.activities.agent_config import RunActivities
from threadwork.activities.delegation import DelegationActivities
from threadwork.activities.dependencies import ActivityDependencies
from threadwork.activities.events import EventActivities
from threadwork.activities.model_calls.llm import ModelActivities
from threadwork.activities.tool_calls.tool_call import ToolActivities

Activity = Callable[..., Any]


def make_agent_activities(dependencies: ActivityDependencies, tools: ToolActivities) -> list[Activity]:
    """What the task queue of the agents needs."""
    run, model = RunActivities(dependencies), ModelActivities(dependencies)
    delegation = DelegationActivities(dependencies)
    return [
        run.begin_run_activity,
        run.build_agent_config_activity,
        run.resolve_principal_activity,
        model.call_llm_activity,
        tools.execute_mcp_tool_activity,
        EventActivities(dependencies).publish_workflow_events_activity,
        delegation.begin_child_activity,
        delegation.close_child_activity,
        delegation.hand_over_activity,
    ]
