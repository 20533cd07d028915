"""The JSON API: tasks, agents and what this server is. Clicks are in `acts`, events in `events`."""

from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

from fastapi import APIRouter, Query, Request

from threadwork.bot.api.caller import TheCaller, ThePorts, TheTask, TheThreads
from threadwork.bot.api.shapes import About, AgentList, AgentSummary, NewTask, TaskDetails, TaskId, TaskList, problems
from threadwork.bot.api.site import Site
from threadwork.bot.intake import commands
from threadwork.bot.texts import KEY_LIMIT
from threadwork.workflows.agents import AgentSpec
from threadwork.workflows.tasks import TaskFilter

router = APIRouter(prefix="/api", tags=["tasks"])

Limit = Annotated[int, Query(ge=1, le=500)]
Delegated = Annotated[str | None, Query(description="Only tasks that this one delegated.", max_length=KEY_LIMIT)]
OnlyOpen = Annotated[bool, Query(alias="open", description="Only tasks that have not ended.")]


@router.get("/tasks", responses=problems(404, 422))
async def list_tasks(
    ports: ThePorts, only_open: OnlyOpen = False, limit: Limit = 50, parent: Delegated = None
) -> TaskList:
    """Tasks, newest first. Those that others delegated are listed by `parent` only."""
    above = None if parent is None else (await ports.tasks.find(parent)).task_id
    return TaskList(tasks=await ports.tasks.list(TaskFilter(open_only=only_open, limit=limit, parent=above)))


@router.post("/tasks", status_code=201, responses=problems(400, 404, 413, 415, 422))
async def create_task(ports: ThePorts, caller: TheCaller, order: NewTask) -> TaskId:
    """Start a task. It is written down before this answers, and starts as soon as Temporal takes it."""
    command = await commands.run(ports, caller, order.goal, order.agent, order.model, order.budget)
    intake = await commands.write_down(ports, command)
    return TaskId(task_id=intake.task_id)


@router.get("/tasks/{task_id}", responses=problems(404, 422))
async def read_task(threads: TheThreads, task: TheTask) -> TaskDetails:
    """A task, its thread as cards, and the whole texts that the cards refer to."""
    view = await threads.view(task.task_id)
    return TaskDetails(task=task, thread=view, texts=await threads.texts(view))


@router.get("/agents", tags=["server"], responses=problems())
async def list_agents(ports: ThePorts) -> AgentList:
    """The agents that may be named."""
    return AgentList(agents=[_summary(agent) for agent in await ports.catalog.agents()])


@router.get("/about", tags=["server"], responses=problems())
async def read_about(request: Request, ports: ThePorts) -> About:
    """What runs here."""
    site: Site = request.app.state.site
    agents = await ports.catalog.agents()
    default = next((agent for agent in agents if agent.name == "default"), agents[0])
    return About(
        version=_version(),
        model=default.model,
        agents=[agent.name for agent in agents],
        demo=default.model.startswith("demo/"),
        temporal_ui=site.temporal_ui,
    )


def _summary(agent: AgentSpec) -> AgentSummary:
    return AgentSummary(name=agent.name, description=agent.description, model=agent.model)


def _version() -> str:
    try:
        return version("threadwork")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "unknown"
