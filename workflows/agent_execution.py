"""The workflow that runs one task: loop, waits, end. Read it top to bottom."""

from typing import Any

from pydantic import ValidationError
from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    # `from threadwork.workflows import …` would make a copy in the sandbox.
    import threadwork.workflows.crash_points as crash_points
    import threadwork.workflows.references as references
    import threadwork.workflows.repeating as repeating
    import threadwork.workflows.signal_handlers as signals
    import threadwork.workflows.signal_rights as rights
    from threadwork.workflows.beginning import Beginning
    from threadwork.workflows.call_requests import CompleteTask, Delegate
    from threadwork.workflows.delegation import ChildReport
    from threadwork.workflows.execution import ACCOUNTS_FOLLOW, Execution, Failed, Stopped, Superseded
    from threadwork.workflows.family import FamilyTies
    from threadwork.workflows.messages import (
        ApprovalDecision,
        BudgetIncrease,
        Control,
        FollowUp,
        QuestionAnswer,
        Said,
        StopRequest,
    )
    from threadwork.workflows.model_calls import ModelCalls
    from threadwork.workflows.outbox import Outbox
    from threadwork.workflows.run import Run
    from threadwork.workflows.run_events import (
        IterationCompleted,
        IterationStarted,
        WorkflowCancelled,
        WorkflowCompleted,
        WorkflowFailed,
    )
    from threadwork.workflows.run_requests import (
        AgentExecutionResult,
        WorkflowEventsRequest,
    )
    from threadwork.workflows.snapshot import snapshot
    from threadwork.workflows.state import AgentExecutionRequest, Received, RunState, TurnCall
    from threadwork.workflows.tool_calls import ToolCalls, ready_group
    from threadwork.workflows.values import Principal, Termination, preview
    from threadwork.workflows.waits import Waits


@workflow.defn
class AgentExecutionWorkflow:
    """One run of a task: loads it, asks the model and runs tools until it ends, and continues as new in between."""

    @workflow.init
    def __init__(self, request: AgentExecutionRequest) -> None:
        state = request.state or RunState(outbox=Outbox(task_id=request.task_id))
        self._run = Run(state, clock=workflow.now)
        self._loaded = request.state is not None
        self._execution = Execution(self._run)
        self._beginning = Beginning(self._run, self._execution)
        self._ties = FamilyTies(self._run, self._execution)
        self._waits = Waits(self._run, self._execution)
        self._models = ModelCalls(self._run, self._execution, self._waits)
        self._tools = ToolCalls(self._run, self._execution)

    @workflow.run
    async def run(self, request: AgentExecutionRequest) -> AgentExecutionResult:
        try:
            if not self._loaded and not await self._initialize_workflow():
                return self._result()
            if request.state:
                crash_points.reached("after_continue_as_new")
            self._execution.start_background()
            self._ties.start_background()
            while True:
                if not self._run.state.ended:
                    await self._execute_until_end()
                    await self._ties.part()
                    await self._flush_inputs()
                await self._execution.drain()
                if not self._run.state.woken:
                    return self._result()
                await self._beginning.go_on("follow_up")
        except Superseded:
            return self._result()

    # --- signals: synchronous, so that none is lost between a last look and the end -------------------

    @workflow.signal
    def pause_execution(self, reason: str = "", by: Any = None, click_id: str | None = None) -> None:
        self._receive("pause_execution", _control(reason, by, click_id))

    @workflow.signal
    def resume_execution(self, reason: str = "", by: Any = None, click_id: str | None = None) -> None:
        self._receive("resume_execution", _control(reason, by, click_id))

    @workflow.signal
    def stop_execution(self, request: StopRequest) -> None:
        self._receive("stop_execution", request)

    @workflow.signal
    def decide_approval(self, decision: ApprovalDecision) -> None:
        self._receive("decide_approval", decision)

    @workflow.signal
    def add_follow_up(self, follow_up: FollowUp) -> None:
        self._receive("add_follow_up", follow_up)

    @workflow.signal
    def answer_question(self, answer: QuestionAnswer) -> None:
        self._receive("answer_question", answer)

    @workflow.signal
    def increase_budget(self, increase: BudgetIncrease) -> None:
        self._receive("increase_budget", increase)

    @workflow.signal
    def raise_grant(self, increase: BudgetIncrease) -> None:
        self._receive("raise_grant", increase)

    @workflow.signal
    def child_reported(self, report: ChildReport) -> None:
        self._run.state.family.reports.append(report)

    @workflow.signal
    def report_to_parent(self) -> None:
        if self._run.state.parent:
            self._run.state.parent.news = True

    @workflow.query
    def get_current_state(self) -> dict[str, Any]:
        return snapshot(self._run)

    @workflow.query
    def get_workflow_events(self) -> list[dict[str, Any]]:
        return [event.model_dump(mode="json") for event in self._run.events.tail]

    def _receive(self, signal: str, body: Said) -> None:
        received = Received(signal=signal, body=body)
        if not self._loaded or self._must_look_up(received):
            self._run.state.inbox.append(received)
        else:
            signals.apply(self._run, received)

    def _must_look_up(self, received: Received) -> bool:
        by_accounts = rights.needs_accounts(self._run, received) and workflow.patched(ACCOUNTS_FOLLOW)
        by_groups = rights.needs_groups(self._run, received) or rights.needs_standing(self._run, received)
        return by_accounts or by_groups

    # --- beginning ------------------------------------------------------------------------------------

    async def _initialize_workflow(self) -> bool:
        """Take the task over from the database. False: there is nothing new to do."""
        begun = await self._beginning.begin()
        if begun:
            self._open_inbox()
        return begun

    def _open_inbox(self) -> None:
        """From here on signals take effect as they come; those that came before do now."""
        self._loaded = True
        waiting, self._run.state.inbox = self._run.state.inbox, []
        for received in waiting:
            self._receive(received.signal, received.body)

    # --- the loop -------------------------------------------------------------------------------------

    async def _execute_until_end(self) -> None:
        """Run the loop and tell how it ended."""
        state = self._run.state
        try:
            if state.config.error:
                raise Failed(state.config.error)
            reason = await self._execute_main_loop()
            self._finalize_execution(reason)
        except Stopped:
            stop = state.stop or StopRequest(click_id="")
            self._run.withdraw("The task was stopped.")
            self._run.lose_open_calls("Stopped while this was under way; its outcome is unknown.")
            state.ended = Termination.CANCELLED
            self._run.emit(WorkflowCancelled(reason=preview(stop.reason), by=stop.by, click_id=stop.click_id or None))
        except (Failed, ActivityError) as error:
            self._run.withdraw("The task failed.")
            self._run.lose_open_calls("The task failed while this was under way; its outcome is unknown.")
            state.ended = Termination.FAILED
            self._run.emit(WorkflowFailed(error=preview(str(error.__cause__ or error))))

    async def _flush_inputs(self) -> None:
        """What the model has not been told yet goes into the conversation, for the run that a reply may start."""
        if inputs := self._run.place_inputs():
            await self._execution.call(
                references.PUBLISH_EVENTS, lambda batch: WorkflowEventsRequest(batch=batch, inputs=inputs)
            )

    async def _execute_main_loop(self) -> Termination:
        while True:
            should_end = await self._should_end()
            if should_end:
                return should_end
            await self._execution.continue_as_new_if_full()
            await self._execute_iteration()

    async def _should_end(self) -> Termination | None:
        """Checked before every iteration, in this order."""
        state = self._run.state
        await self._waits.while_paused()
        if self._run.goal_stands():
            return Termination.GOAL_ACHIEVED
        self._run.emit(*state.budget.adopt(state.budget.spent))
        if state.budget.is_exceeded() and not await self._waits.more_budget():
            return Termination.BUDGET_EXCEEDED
        await self._waits.while_paused()
        if not state.iteration_open and state.iteration >= state.iteration_limit:
            return Termination.MAX_ITERATIONS_REACHED
        if self._run.working_seconds() > self._run.agent.budget.timeout:
            return Termination.TIMEOUT_EXCEEDED
        return None

    async def _execute_iteration(self) -> None:
        """One model call and its tool calls. Continued as new in the middle, it goes on where it was."""
        state = self._run.state
        if not state.iteration_open:
            news = await self._beginning.look_at_tools() if state.tools_changed else ""
            state.iteration += 1
            state.iteration_open = True
            self._run.emit(IterationStarted(number=state.iteration, news=news or None))
        if not state.turn and not state.goal_achieved and not await self._models.think():
            return  # nobody raised the budget; the loop ends the run
        await self._waits.for_people()
        await self._act()
        while self._run.asking:  # a tool server asked something in the middle of its call
            await self._waits.for_people()
            await self._act()
        if repeating.look(self._run):
            await self._waits.for_people()
        if stop := repeating.heed(self._run):
            state.stop = stop
            raise Stopped
        state.turn, state.iteration_open = [], False
        self._run.emit(IterationCompleted(number=state.iteration))

    def _finalize_execution(self, reason: Termination) -> None:
        state = self._run.state
        self._run.withdraw("The task has ended.")
        state.ended, state.iteration_open = reason, False
        state.woken = reason is Termination.GOAL_ACHIEVED and self._run.unread
        self._run.emit(WorkflowCompleted(reason=reason, answer=preview(state.answer), answer_ref=state.answer_ref))

    # --- one iteration: think, consult people, act ------------------------------------------------------

    async def _act(self) -> None:
        """Run the turn's calls: side by side where they only read, in order otherwise."""
        await self._ties.join()
        while group := ready_group(self._run.state.turn):
            await self._waits.while_paused()
            await self._execution.until(lambda: not self._run.events.crowded)
            if isinstance(done := group[0].call.builtin, CompleteTask):
                self._complete(group[0], done)
            elif isinstance(group[0].call.builtin, Delegate):
                await self._ties.begin(group)
                await self._ties.join()
            else:
                await self._tools.make(group)

    def _complete(self, entry: TurnCall, done: CompleteTask) -> None:
        """The model declares the goal achieved; what people said meanwhile is answered first."""
        if self._run.people_spoke:
            self._run.finish_call(entry, "Not delivered yet: somebody said something since. Consider it first.")
        else:
            self._run.finish_call(entry)
            self._run.achieve(done.answer, done.answer_ref)

    def _result(self) -> AgentExecutionResult:
        state = self._run.state
        return AgentExecutionResult(
            task_id=state.outbox.task_id,
            status=self._run.status,
            reason=state.ended,
            answer=state.answer,
            iterations=state.iteration,
            spent=state.budget.spent,
        )


def _control(reason: str, by: Any, click_id: str | None) -> Control:
    """The converter types arguments only where a sender gives every one of them."""
    return Control(reason=reason, by=None if by is None else _principal(by), click_id=click_id)


def _principal(by: Any) -> Principal:
    try:
        return Principal.model_validate(by)
    except ValidationError:
        return Principal(platform="unknown", user_id="unknown")
