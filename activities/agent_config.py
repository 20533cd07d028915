"""Beginning a run: taking the task over, and the snapshot it works with."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from temporalio import activity

from threadwork.activities.delegation import colleagues
from threadwork.activities.delivery.subscribers import Subscribers
from threadwork.activities.dependencies import ActivityDependencies
from threadwork.activities.heartbeat import heartbeating
from threadwork.activities.model_calls.system_prompt import Setting, build_system_prompt
from threadwork.activities.tool_calls.builtins import BUILTINS
from threadwork.activities.tool_calls.offered_tools import arranged, permitted, usable
from threadwork.activities.tool_calls.tool_news import news, outgrown
from threadwork.workflows import crash_points
from threadwork.workflows.agents import AgentSpec, Colleague, RunConfig, Skill
from threadwork.workflows.errors import ModelError, NotFound, Rejected
from threadwork.workflows.models import ModelFacts
from threadwork.workflows.run_requests import (
    AgentConfigRequest,
    AgentConfigResult,
    BeginRunRequest,
    BeginRunResult,
    ResolvePrincipalRequest,
    ResolvePrincipalResult,
)
from threadwork.workflows.tasks import TaskOrder
from threadwork.workflows.values import EVENT_PREVIEW, PREVIEW, Principal, preview

PROBLEMS = 6  # that are told one by one


DELEGATED = """

Another agent gave you this task, and your answer goes to it, not to the person. Say all that it needs to know."""


class RunActivities:
    """Activities that take a task over for a run, and make the snapshot it works with."""

    def __init__(self, dependencies: ActivityDependencies) -> None:
        self._ports = dependencies
        self._subscribers = Subscribers(dependencies)

    @activity.defn
    async def begin_run_activity(self, request: BeginRunRequest) -> BeginRunResult:
        begun = await self._ports.runs.begin(request)
        if begun.started:
            crash_points.reached("woken_run_loading")
        return begun

    @activity.defn
    async def resolve_principal_activity(self, request: ResolvePrincipalRequest) -> ResolvePrincipalResult:
        """A platform is asked only for groups and standing: where none can tell, none need answer."""
        directory = self._ports.directory
        look_up = directory.groups if request.groups else directory.names
        standings = await directory.standings(request.principal) if request.standing else ()
        return ResolvePrincipalResult(
            groups=(*await look_up(request.principal), *standings),
            humans=await self._humans(request.principal, request.task_id),
        )

    async def _humans(self, principal: Principal, task_id: str) -> tuple[str, ...]:
        """Older runs name no task: what is linked now counts."""
        since = (await self._ports.tasks.get(task_id)).created_at if task_id else None
        return await self._ports.directory.humans(principal, since)

    @activity.defn
    async def build_agent_config_activity(self, request: AgentConfigRequest) -> AgentConfigResult:
        """What cannot be built comes back as an `error` for people, never as a failure."""
        if request.config_hash:
            return await self._looked_again(request)
        order = await self._ports.tasks.order(request.task_id)
        sinks = len(await self._subscribers.sinks(request.task_id))
        try:
            async with heartbeating():
                config, windows = await self._build(order)
        except (NotFound, ModelError, Rejected) as error:
            return AgentConfigResult(agent=_nobody(order), sinks=sinks, error=str(error))
        return AgentConfigResult(
            config_hash=await self._ports.runs.save_config(config),
            agent=config.agent.model_copy(update={"instructions": ""}),
            sinks=sinks,
            problems=config.problems,
            windows=windows,
            channel=await self._place(order),
        )

    async def _looked_again(self, request: AgentConfigRequest) -> AgentConfigResult:
        """The same agent with the tools there are now."""
        before = await self._ports.runs.config(request.config_hash)
        order = await self._ports.tasks.order(request.task_id)
        async with heartbeating():
            asked = await self._facts((before.agent.model, *before.agent.fallback_models))
            now = await self._equipped(before.agent, before.skills, order, asked)
        return AgentConfigResult(
            config_hash=await self._ports.runs.save_config(now),
            agent=now.agent.model_copy(update={"instructions": ""}),
            sinks=len(await self._subscribers.sinks(request.task_id)),
            problems=now.problems,
            windows=_windows(asked),
            channel=await self._place(order),
            news=preview(news(before, now), EVENT_PREVIEW),
            worse=tuple(name for name in request.granted if outgrown(name, before, now)),
        )

    async def _place(self, order: TaskOrder) -> str:
        """The channel in which people see the task: of a delegated one, that of the first above it."""
        while order.parent:
            order = await self._ports.tasks.order(order.parent)
        return order.sink.channel_key if order.sink else ""

    async def _build(self, order: TaskOrder) -> tuple[RunConfig, tuple[int, ...]]:
        """The snapshot, and the windows of its models in turn. Raises what the first says where none can be used."""
        if order.model:  # looked at again: older versions stored whatever was asked for
            (await self._ports.catalog.models()).check(order.model, order.by)
        agent = ordered(await self._ports.catalog.agent(order.agent), order)
        asked = await self._facts((agent.model, *agent.fallback_models))
        check_budget(agent, _usable(asked))
        skills = tuple(await self._ports.catalog.skills(agent.skills))
        return await self._equipped(agent, skills, order, asked), _windows(asked)

    async def _equipped(
        self, agent: AgentSpec, skills: tuple[Skill, ...], order: TaskOrder, asked: Sequence[ModelFacts | ModelError]
    ) -> RunConfig:
        """With the tools there are now. `asked`: what is known of its models."""
        facts = _usable(asked)
        lacking = [f"A fallback model cannot be used: {found}" for found in asked[1:] if isinstance(found, ModelError)]
        found = await self._ports.tools.discover(agent.servers)
        tools, left_out = usable(found.tools)
        tools, findable = arranged(tools, agent.tools, len(BUILTINS), facts.context_window)
        problems = few((*found.problems, *left_out))
        setting = Setting(
            order=order,
            today=today(self._ports.timezone),
            timezone=self._ports.timezone,
            max_output=min(agent.max_output_tokens, facts.max_output),
            findable=len(findable),
        )
        return RunConfig(
            agent=agent,
            tools=tools,
            skills=skills,
            system_prompt=build_system_prompt(
                agent, setting, permitted(tools, agent.tools), skills, problems, found.instructions
            )
            + await self._channel(order)
            + (DELEGATED if order.parent else ""),
            colleagues=await self._colleagues(agent, order),
            problems=(*problems, *lacking),
            findable=findable,
            listed=found.listed,
        )

    async def _channel(self, order: TaskOrder) -> str:
        told = (await self._ports.catalog.channel(order.sink)).instructions.strip() if order.sink else ""
        return f"\n\nIn this channel:\n{told}" if told else ""

    async def _facts(self, models: Sequence[str]) -> list[ModelFacts | ModelError]:
        """Of each model, or why it cannot be used. Raises what the first one says where none can."""
        asked = await asyncio.gather(*map(self._ports.model.facts, models), return_exceptions=True)
        found = [one for one in asked if isinstance(one, ModelFacts | ModelError)]
        if unforeseen := next((one for one in asked if not isinstance(one, ModelFacts | ModelError)), None):
            raise unforeseen
        if isinstance(found[0], ModelError) and not any(isinstance(one, ModelFacts) for one in found):
            raise found[0]
        return found

    async def _colleagues(self, agent: AgentSpec, order: TaskOrder) -> tuple[Colleague, ...]:
        """No platform is waited for: who may run what is asked again when a task is delegated."""
        return await colleagues(self._ports.catalog, self._ports.directory, agent, order, in_doubt=True)


def ordered(agent: AgentSpec, order: TaskOrder) -> AgentSpec:
    """The agent with what the order asks otherwise."""
    changes: dict[str, object] = {}
    if order.model:
        changes |= {"model": order.model, "fallback_models": ()}
    limits = {"usd": order.budget_usd, "tokens": order.budget_tokens, "on_exceeded": order.on_exceeded}
    if given := {name: limit for name, limit in limits.items() if limit is not None}:
        changes["budget"] = agent.budget.model_copy(update=given)
    return agent.model_copy(update=changes)


def check_budget(agent: AgentSpec, facts: ModelFacts) -> None:
    """Raises `Rejected` where nothing would bind the run: dollars cannot where the price is not known."""
    if agent.budget.usd is not None and agent.budget.tokens is None and not facts.priced:
        raise Rejected(
            f"The price of {agent.model} is not known, and the budget of {agent.name} is only in dollars.",
            f"Set its price under models in threadwork.yaml, or agents.{agent.name}.budget.tokens.",
        )


def few(problems: Sequence[str]) -> tuple[str, ...]:
    """Each is a card in the thread: many become one."""
    if len(problems) <= PROBLEMS:
        return tuple(problems)
    shown, rest = problems[: PROBLEMS - 1], problems[PROBLEMS - 1 :]
    return (*shown, preview(f"{len(rest)} more problems: {' '.join(rest)}", PREVIEW))


def today(timezone: str) -> date:
    return datetime.now(UTC if timezone == "UTC" else ZoneInfo(timezone)).date()


def _nobody(order: TaskOrder) -> AgentSpec:
    """Stands in for an agent that is not there, so that the failure can be told."""
    return AgentSpec(name=order.agent, model=order.model or "none")


def _usable(asked: Sequence[ModelFacts | ModelError]) -> ModelFacts:
    """The first model that can be used."""
    return next(found for found in asked if isinstance(found, ModelFacts))


def _windows(asked: Sequence[ModelFacts | ModelError]) -> tuple[int, ...]:
    return tuple(found.context_window if isinstance(found, ModelFacts) else 0 for found in asked)
