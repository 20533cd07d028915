"""The Temporal side of delegation: starts children, and carries words up and down, each in its order.

What is under way stays in the state until it has arrived, so a run may continue as new at any moment: it is sent again,
and whoever hears it twice knows it."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import FailureError, WorkflowAlreadyStartedError

from threadwork.workflows import crash_points, delegation, references, reports
from threadwork.workflows.call_events import TaskDelegated, ToolCallCompleted, ToolCallFailed
from threadwork.workflows.call_requests import Delegate
from threadwork.workflows.delegation import BREADTH, ChildReport
from threadwork.workflows.delegation_requests import (
    BeginChildRequest,
    BeginChildResult,
    CloseChildRequest,
    HandOverRequest,
)
from threadwork.workflows.event_types import EventType
from threadwork.workflows.execution import Execution, Superseded
from threadwork.workflows.messages import StopRequest
from threadwork.workflows.run import Run
from threadwork.workflows.state import AgentExecutionRequest, TurnCall
from threadwork.workflows.values import Ledger, preview

PROGRESS_INTERVAL = (
    10.0  # seconds between two reports of mere progress: each costs the parent some seven events of history
)
SILENT_CHILD_INTERVAL = timedelta(minutes=5)  # after which a child that said nothing is asked for a word
SIGNAL_RETRY_INTERVAL = 3.0  # seconds after which a signal that found nobody is sent once more
PARTING = 20.0  # seconds that children get to end, for every level that may be below
TOO_MANY = f"Not started: at most {BREADTH} agents work for one task at a time. Wait for these, then ask again."
ORPHANED = "The task that asked for this has ended."


class FamilyTies:
    """Children of a run, and its parent."""

    def __init__(self, run: Run, execution: Execution) -> None:
        self._run = run
        self._execution = execution
        self._family = run.state.family
        self._reported_at: float | None = None  # `workflow.time` of the last report of this execution

    def start_background(self) -> None:
        self._execution.in_background(self._hear())
        self._execution.in_background(self._speak())
        if self._run.state.parent:
            self._execution.in_background(self._report())

    # --- children: begun, joined, closed ----------------------------------------------------------------

    async def begin(self, group: list[TurnCall]) -> None:
        """Start one after the other; they work side by side."""
        for left, entry in zip(range(len(group), 0, -1), group, strict=True):
            if len(self._family.unclosed) >= BREADTH:
                self._run.fail_call(entry, TOO_MANY)
            else:
                await self._begin(entry, self._run.state.budget.share(self._family.owed(), left + 1))

    async def _begin(self, entry: TurnCall, share: tuple[int | None, int | None]) -> None:
        run, wanted = self._run, entry.call.builtin
        if not isinstance(wanted, Delegate):
            raise RuntimeError(f"{entry.call.name} delegates nothing.")
        call_id = run.start_tool_call(entry)
        begun = await self._execution.call(
            references.BEGIN_CHILD,
            lambda batch: BeginChildRequest(
                batch=batch,
                call_id=call_id,
                agent=wanted.agent,
                arguments_ref=entry.arguments_ref,
                nanos=share[0],
                tokens=share[1],
                on_exceeded=run.agent.budget.on_exceeded,
            ),
        )
        run.open_calls.pop(call_id)
        if begun.outcome == "refused":
            raise Superseded
        if begun.outcome == "error":
            run.emit(ToolCallFailed(call_id=call_id, tool=entry.call.name, output_preview=preview(begun.error)))
            run.finish_call(entry, begun.error)
        else:
            await self._launch(entry, call_id, wanted.agent, begun)

    async def _launch(self, entry: TurnCall, call_id: str, agent: str, begun: BeginChildResult) -> None:
        """From here on the child is known, so that whatever it says at once is heard."""
        entry.state, entry.child_id = "away", begun.child_id
        self._family.children[begun.child_id] = delegation.Child(
            child_id=begun.child_id,
            agent=agent,
            call_id=call_id,
            tool_call_id=entry.call.tool_call_id,
            grant=begun.grant,
            heard_at=workflow.now(),
        )
        self._run.emit(TaskDelegated(child_task_id=begun.child_id, agent=agent, goal=begun.goal))
        starting = asyncio.create_task(self._start(begun.child_id))
        await self._execution.wait_uninterrupted(starting.done)
        if not starting.result():
            self._family.lose(begun.child_id)

    async def _start(self, child_id: str) -> bool:
        """Whether it runs. A child outlives its parent's executions, so it must outlive its parent too."""
        try:
            await workflow.start_child_workflow(
                "AgentExecutionWorkflow",
                AgentExecutionRequest(task_id=child_id),
                id=child_id,
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                cancellation_type=workflow.ChildWorkflowCancellationType.ABANDON,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            )
        except WorkflowAlreadyStartedError:
            return True  # it reports like any other
        except (FailureError, RuntimeError):
            return False
        return True

    async def join(self) -> None:
        """Wait until every child of the turn has ended, and put what it came to into the conversation.

        The time does not count as this task's work: each child has a time-out of its own."""
        while self._run.away:
            deadline = workflow.now() + SILENT_CHILD_INTERVAL
            await self._execution.wait(lambda: bool(self._ended()) or not self._run.away, deadline)
            self._look()
            for child in self._ended():
                await self._close(child)

    def _ended(self) -> list[delegation.Child]:
        return [child for child in self._family.unclosed if child.ended]

    def _look(self) -> None:
        """Ask those that were silent for long: a signal that nobody hears tells that a child is gone."""
        for child in self._family.open:
            if child.heard_at is None or workflow.now() - child.heard_at >= SILENT_CHILD_INTERVAL:
                child.heard_at = workflow.now()
                self._family.tell(child.child_id, "report_to_parent")

    async def _close(self, child: delegation.Child) -> None:
        run, position = self._run, self._run.next_position()
        reports.close_asked(run, child.child_id, reports.GONE)
        result = await self._execution.call(
            references.CLOSE_CHILD,
            lambda batch: CloseChildRequest(
                batch=batch,
                call_id=child.call_id,
                child_id=child.child_id,
                agent=child.agent,
                tool_call_id=child.tool_call_id,
                position=position,
            ),
        )
        child.closed = child.ended = True
        told = {"call_id": child.call_id, "tool": "delegate_task", "agent": child.agent}
        told["output_preview"] = preview(result.output)
        if result.outcome == "ok":
            run.emit(ToolCallCompleted.model_validate(told))
        else:
            run.emit(ToolCallFailed.model_validate(told | {"outcome": "error"}))
        for entry in run.state.turn:
            if entry.child_id == child.child_id and entry.state == "away":
                run.finish_call(entry)
        self._family.forget()

    async def part(self) -> None:
        """The run has ended: no child works on. They are told, and awaited for a while."""
        if not self._family.unclosed:
            return
        reports.close_asked(self._run, None, ORPHANED)
        for child in self._family.open:
            self._family.stop(child.child_id, ORPHANED)
        levels = 1 + delegation.DEPTH - self._run.state.depth
        await self._execution.wait_uninterrupted(lambda: not self._family.open, PARTING * levels)
        for child in self._family.unclosed:
            await self._close(child)

    # --- hearing and speaking ---------------------------------------------------------------------------

    async def _hear(self) -> None:
        """Act on reports as they came; texts that people may look at are brought over first."""
        while True:
            await workflow.wait_condition(lambda: bool(self._family.reports))
            report = self._family.reports[0]
            if refs := _texts(report):
                await self._hand_over(report.child_id, self._task_id, refs, reports.ref_there(report.child_id, ""))
            self._family.reports.pop(0)
            reports.hear(self._run, report)

    async def _speak(self) -> None:
        """Send words to children, one after the other."""
        while True:
            await workflow.wait_condition(lambda: bool(self._family.words))
            word = self._family.words[0]
            if word.refs:
                await self._hand_over(self._task_id, word.child_id, word.refs)
            if not await _signalled(word.child_id, word.signal, *word.args):
                self._family.lose(word.child_id)
            self._family.words.pop(0)

    async def _hand_over(self, source: str, to: str, refs: tuple[str, ...], prefix: str = "") -> None:
        request = HandOverRequest(task_id=source, to=to, refs=refs, prefix=prefix)
        await self._execution.outcome(references.HAND_OVER.start(request))

    @property
    def _task_id(self) -> str:
        return self._run.state.outbox.task_id

    # --- reporting to the parent ------------------------------------------------------------------------

    async def _report(self) -> None:
        """What people must know goes at once, mere progress now and then; the end last of all."""
        parent = self._run.state.parent
        while parent and not parent.gone:
            await workflow.wait_condition(lambda: self._urgent or parent.news)
            if not self._urgent and (left := self._pace()) > 0:
                with suppress(TimeoutError):
                    await workflow.wait_condition(lambda: self._urgent, timeout=left)
            parent.sending = parent.sending or self._next_report(parent)
            if await self._sent(parent.task_id, parent.sending):
                self._arrived(parent, parent.sending)
            else:
                self._orphaned(parent)

    @property
    def _urgent(self) -> bool:
        parent = self._run.state.parent
        if parent is None:
            return False
        over = self._run.state.ended is not None and not parent.end_told and self._run.events.drained
        return bool(parent.sending or parent.relays or (over and not self._family.unclosed))

    def _pace(self) -> float:
        """Seconds until progress may be told again."""
        return 0 if self._reported_at is None else self._reported_at + PROGRESS_INTERVAL - workflow.time()

    def _next_report(self, parent: delegation.Parent) -> ChildReport:
        run, relay = self._run, parent.relays[0] if parent.relays else None
        parent.news = False
        ended = run.state.ended is not None and len(parent.relays) < 2 and run.events.drained
        budget = run.state.budget
        return ChildReport(
            child_id=self._task_id,
            number=parent.reported + 1,
            type=relay and relay.type,
            data=relay.data if relay else {},
            status=run.status,
            iteration=run.state.iteration,
            doing=run.doing,
            spent=Ledger(nanos=budget.spent.nanos + budget.delegated.nanos, tokens=budget.tokens),
            ended=ended and not self._family.unclosed,
        )

    async def _sent(self, parent_id: str, report: ChildReport) -> bool:
        crash_points.reached("child_reporting")
        return await _signalled(parent_id, "child_reported", report)

    def _arrived(self, parent: delegation.Parent, report: ChildReport) -> None:
        parent.reported, parent.sending, self._reported_at = report.number, None, workflow.time()
        if report.type is not None:
            parent.relays.pop(0)
        parent.end_told = report.ended

    def _orphaned(self, parent: delegation.Parent) -> None:
        """Nobody is there to be worked for: this ends at its next natural point."""
        parent.gone = True
        if self._run.state.ended is None and self._run.state.stop is None:
            self._run.state.stop = StopRequest(click_id="", reason=ORPHANED)


async def _signalled(task_id: str, signal: str, *args: Any) -> bool:
    """False: nobody hears there any more, at a second try either."""
    for pause in (SIGNAL_RETRY_INTERVAL, None):
        try:
            await workflow.get_external_workflow_handle(task_id).signal(signal, args=list(args))
        except FailureError:
            if pause is not None:
                await asyncio.sleep(pause)
            continue
        return True
    return False


def _texts(report: ChildReport) -> tuple[str, ...]:
    """Refs of what people may look at whole."""
    if report.type is EventType.HUMAN_APPROVAL_REQUESTED:
        return (str(report.data["arguments_ref"]),)
    edited = report.data.get("edited_ref") if report.type is EventType.HUMAN_APPROVAL_RECEIVED else None
    return (str(edited),) if edited else ()
