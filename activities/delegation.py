"""Delegated tasks: their beginning, what they came to, and texts that one task has and another needs."""

import json
import uuid

from temporalio import activity

from threadwork.activities.dependencies import ActivityDependencies
from threadwork.activities.events import hint
from threadwork.activities.membership import is_among
from threadwork.activities.model_calls.conversation import bounded, shown_output
from threadwork.activities.ports.accounts import Directory
from threadwork.activities.ports.catalog import Catalog
from threadwork.workflows import crash_points
from threadwork.workflows.agents import AgentSpec, Colleague
from threadwork.workflows.call_requests import MCPToolResult
from threadwork.workflows.calls import Claim, Claimed, Finish, Message
from threadwork.workflows.delegation import DEPTH
from threadwork.workflows.delegation_requests import (
    BeginChildRequest,
    BeginChildResult,
    CloseChildRequest,
    HandOverRequest,
    HandOverResult,
)
from threadwork.workflows.errors import NotFound, ThreadworkError
from threadwork.workflows.event_types import EventType
from threadwork.workflows.events import Event
from threadwork.workflows.tasks import TaskOrder
from threadwork.workflows.texts import clean, cleaned
from threadwork.workflows.values import NANOS, Ledger, Principal, Termination, preview

MIN_TOKENS = 1_024  # tokens: with fewer no model call is affordable
END_EVENTS = (EventType.WORKFLOW_COMPLETED, EventType.WORKFLOW_FAILED, EventType.WORKFLOW_CANCELLED)
LAST = 50  # events among which a task's end is looked for: what comes after it is about deliveries
NO_WORD = "{agent} was told to stop and sent nothing: what it did is unknown."
POOR = "Not started: too little of the budget is left for another agent."
WHY = {
    Termination.BUDGET_EXCEEDED: "its part of the budget was used up",
    Termination.MAX_ITERATIONS_REACHED: "all its iterations were used up",
    Termination.TIMEOUT_EXCEEDED: "its time was used up",
}


async def colleagues(
    catalog: Catalog, directory: Directory, agent: AgentSpec, order: TaskOrder, in_doubt: bool = False
) -> tuple[Colleague, ...]:
    """Agents that the task may give work to: named by its agent, and open to whoever asked for it.

    `in_doubt`: whether one counts as open while a platform does not tell; else that raises `ThreadworkError`."""
    if not agent.delegates or order.depth >= DEPTH:
        return ()
    others = [one for one in await catalog.agents() if one.name != agent.name]
    wanted = [one for one in others if "*" in agent.delegates or one.name in agent.delegates]
    allowed = [one for one in wanted if await _may_run(order.by, one, directory, in_doubt)]
    return tuple(Colleague(name=one.name, description=one.description) for one in allowed)


async def _may_run(by: Principal, agent: AgentSpec, directory: Directory, in_doubt: bool) -> bool:
    try:
        return await is_among(by, agent.access.run, directory)
    except ThreadworkError:
        if in_doubt:
            return True
        raise


class DelegationActivities:
    """Activities that make delegated tasks and hand their results to the parent."""

    def __init__(self, dependencies: ActivityDependencies) -> None:
        self._ports = dependencies

    @activity.defn
    async def begin_child_activity(self, request: BeginChildRequest) -> BeginChildResult:
        """Write the child's task down, once for every call. The workflow starts it."""
        claimed = await self._claim(request)
        if claimed.state == "refused":
            return BeginChildResult(outcome="refused")
        if claimed.state == "done":  # refused before, and the answer was lost
            return BeginChildResult(outcome="error", error=str((claimed.result or {}).get("output", "")))
        order = await self._order(request)
        if isinstance(order, str):
            await self._refuse(request, order)
            return BeginChildResult(outcome="error", error=order)
        child_id = await self._ports.runs.delegate(request.call_id, order)
        crash_points.reached("child_begun")
        grant = Ledger(nanos=round((order.budget_usd or 0) * NANOS), tokens=order.budget_tokens or 0)
        return BeginChildResult(outcome="ok", child_id=child_id, goal=preview(order.goal), grant=grant)

    async def _claim(self, request: BeginChildRequest) -> Claimed:
        claim = Claim(
            batch=request.batch,
            call_id=request.call_id,
            attempt=uuid.uuid4().hex,
            kind="tool",
            name="delegate_task",
            timeout=0,
        )
        claimed = await self._ports.calls.claim(claim)
        await hint(self._ports.bus, request.batch)
        return claimed

    async def _order(self, request: BeginChildRequest) -> TaskOrder | str:
        """What the child is to do; a text says why there is none."""
        parent_id, ports = request.batch.task_id, self._ports
        parent = await ports.tasks.order(parent_id)
        try:
            agent = await ports.catalog.agent(parent.agent)
            open_to = await colleagues(ports.catalog, ports.directory, agent, parent)
            if request.agent not in [one.name for one in open_to]:
                return _nobody(request.agent, open_to)
            child = await ports.catalog.agent(request.agent)
        except NotFound as error:
            return f"Not started: {error}"
        nanos, tokens = _least(child.budget.nanos, request.nanos), _least(child.budget.tokens, request.tokens)
        if nanos == 0 or (tokens is not None and tokens < MIN_TOKENS):
            return POOR
        arguments = await ports.transcript.get(parent_id, request.arguments_ref)
        return TaskOrder(
            goal=str(json.loads(arguments.body["content"])["goal"]),
            agent=child.name,
            by=parent.by,
            parent=parent_id,
            depth=parent.depth + 1,
            budget_usd=None if nanos is None else nanos / NANOS,
            budget_tokens=tokens,
            on_exceeded="stop" if "stop" in (request.on_exceeded, child.budget.on_exceeded) else "ask",
        )

    async def _refuse(self, request: BeginChildRequest, why: str) -> None:
        result = MCPToolResult(outcome="error", output=why)
        await self._ports.calls.finish(_finish(request, result))

    @activity.defn
    async def close_child_activity(self, request: CloseChildRequest) -> MCPToolResult:
        """Put what the child came to into its parent's conversation. The database tells, whoever is left to say so."""
        ok, output = await self._came_to(request)
        output, output_ref = bounded(clean(output)), f"output:{request.call_id}"
        shown = shown_output(output, output_ref)
        body = {"role": "tool", "tool_call_id": request.tool_call_id, "content": shown}
        result = Message(ref=f"result:{request.call_id}", kind="tool", body=body, position=request.position)
        whole = [] if shown == output else [Message(ref=output_ref, kind="text", body={"content": output})]
        told = MCPToolResult(outcome="ok" if ok else "error", output=preview(output))
        await self._ports.events.append(request.batch)
        await hint(self._ports.bus, request.batch)
        finished = await self._ports.calls.finish(_finish(request, told, result, *whole))
        crash_points.reached("child_closed")
        return MCPToolResult.model_validate(cleaned(finished.result))

    async def _came_to(self, request: CloseChildRequest) -> tuple[bool, str]:
        end = await self._end(request.child_id)
        if end is None:
            return False, NO_WORD.format(agent=request.agent)
        if end.type is EventType.WORKFLOW_FAILED:
            return False, f"{request.agent} failed: {end.data.get('error', '')}"
        if end.type is EventType.WORKFLOW_CANCELLED:
            return False, f"{request.agent} was stopped: {end.data.get('reason') or 'no reason given'}"
        why = WHY.get(Termination(end.data["reason"]))
        answer = await self._answer(request.child_id, end)
        if why is None:
            return True, answer
        wrote = f" It wrote: “{answer}”" if answer else ""
        return False, f"{request.agent} gave no answer: {why}.{wrote}"

    async def _end(self, child_id: str) -> Event | None:
        record = await self._ports.tasks.get(child_id)
        if not record.status.ended:
            return None
        events = await self._ports.events.read(child_id, after=max(record.last_seq - LAST, 0))
        return next((event for event in reversed(events) if event.type in END_EVENTS), None)

    async def _answer(self, child_id: str, end: Event) -> str:
        ref = end.data.get("answer_ref")
        try:
            stored = await self._ports.transcript.get(child_id, ref) if ref else None
        except NotFound:
            stored = None
        return str(stored.body.get("content", "")) if stored else str(end.data.get("answer", ""))

    @activity.defn
    async def hand_over_activity(self, request: HandOverRequest) -> HandOverResult:
        """A text that is not there is not handed over; one that is there already stays."""
        for ref in request.refs:
            try:
                message = await self._ports.transcript.get(request.task_id, ref)
            except NotFound:
                continue
            kind = "answer" if message.kind == "follow_up" else message.kind
            copy = Message(ref=f"{request.prefix}{ref}", kind=kind, body=message.body)
            await self._ports.transcript.put(request.to, copy)
        return HandOverResult()


def _finish(request: BeginChildRequest | CloseChildRequest, result: MCPToolResult, *messages: Message) -> Finish:
    return Finish(
        task_id=request.batch.task_id,
        epoch=request.batch.epoch,
        call_id=request.call_id,
        attempt=uuid.uuid4().hex,
        result=result.model_dump(mode="json"),
        messages=messages,
    )


def _least(one: int | None, other: int | None) -> int | None:
    """The lower of two limits; None is none."""
    return min((limit for limit in (one, other) if limit is not None), default=None)


def _nobody(name: str, open_to: tuple[Colleague, ...]) -> str:
    there = ", ".join(one.name for one in open_to)
    return f"Not started: there is no agent {name!r} to delegate to." + (f" There are: {there}." if there else "")
