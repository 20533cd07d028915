"""The workflow that runs one task: loop, waits, end. Read it top to bottom."""

import asyncio
from datetime import timedelta
from typing import Any, Literal

from pydantic import ValidationError
from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    import workflows.crash_points as crash_points  # `from workflows import …` would make a copy in the sandbox
    import workflows.inbox as inbox
    import workflows.references as references
    import workflows.repeating as repeating
    import workflows.switching as switching
    from workflows.budget import BudgetTracker
    from workflows.delegation import ChildReport
    from workflows.events import (
        ContextCompacted,
        IterationCompleted,
        IterationStarted,
        LlmCallCompleted,
        LlmCallFailed,
        ToolCallCompleted,
        ToolCallFailed,
        WorkflowCancelled,
        WorkflowCompleted,
        WorkflowContinued,
        WorkflowFailed,
        WorkflowStarted,
    )
    from workflows.execution import ACCOUNTS_FOLLOW, Execution, Stopped, Superseded
    from workflows.family import FamilyTies
    from workflows.memory import SHORTENED, Compacted, Counted
    from workflows.messages import (
        AgentConfigRequest,
        AgentConfigResult,
        AgentExecutionResult,
        ApprovalDecision,
        BeginRunRequest,
        BeginRunResult,
        BudgetIncrease,
        CompleteTask,
        Delegate,
        FollowUp,
        LLMRequest,
        LLMResult,
        MCPToolRequest,
        MCPToolResult,
        QuestionAnswer,
        StopRequest,
        WorkflowEventsRequest,
    )
    from workflows.outbox import Outbox
    from workflows.run import Run
    from workflows.state import AgentExecutionRequest, Received, RunState, TurnCall
    from workflows.values import NANOS, Principal, Termination, preview

BUDGET_WAIT = timedelta(hours=24)  # how long an exceeded budget waits for somebody to raise it
GRACE = timedelta(seconds=60)  # beyond a tool's own time-out, for waiting out a lost attempt


class Failed(Exception):
    """The run cannot go on; the text says why, to people."""


@workflow.defn
class AgentExecutionWorkflow:
    @workflow.init
    def __init__(self, request: AgentExecutionRequest) -> None:
        state = request.state or RunState(outbox=Outbox(task_id=request.task_id))
        self._run = Run(state, clock=workflow.now)
        self._loaded = request.state is not None
        self._execution = Execution(self._run)
        self._ties = FamilyTies(self._run, self._execution)

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
                    await self._leave_word()
                await self._execution.settle()
                if not self._run.state.woken:
                    return self._result()
                await self._go_on("follow_up")
        except Superseded:
            return self._result()

    # --- signals: synchronous, so that none is lost between a last look and the end -------------------

    @workflow.signal
    def pause_execution(self, reason: str = "", by: Any = None, click_id: str | None = None) -> None:
        self._receive("pause_execution", {"reason": reason, "by": _as_body(by), "click_id": click_id})

    @workflow.signal
    def resume_execution(self, reason: str = "", by: Any = None, click_id: str | None = None) -> None:
        self._receive("resume_execution", {"reason": reason, "by": _as_body(by), "click_id": click_id})

    @workflow.signal
    def stop_execution(self, request: StopRequest) -> None:
        self._receive("stop_execution", request.model_dump())

    @workflow.signal
    def decide_approval(self, decision: ApprovalDecision) -> None:
        self._receive("decide_approval", decision.model_dump())

    @workflow.signal
    def add_follow_up(self, follow_up: FollowUp) -> None:
        self._receive("add_follow_up", follow_up.model_dump())

    @workflow.signal
    def answer_question(self, answer: QuestionAnswer) -> None:
        self._receive("answer_question", answer.model_dump())

    @workflow.signal
    def increase_budget(self, increase: BudgetIncrease) -> None:
        self._receive("increase_budget", increase.model_dump())

    @workflow.signal
    def raise_grant(self, increase: BudgetIncrease) -> None:
        self._receive("raise_grant", increase.model_dump())

    @workflow.signal
    def child_reported(self, report: ChildReport) -> None:
        self._run.state.family.reports.append(report)

    @workflow.signal
    def report_to_parent(self) -> None:
        if self._run.state.parent:
            self._run.state.parent.news = True

    @workflow.query
    def get_current_state(self) -> dict[str, Any]:
        return self._run.snapshot()

    @workflow.query
    def get_workflow_events(self) -> list[dict[str, Any]]:
        return [event.model_dump(mode="json") for event in self._run.events.tail]

    def _receive(self, signal: str, body: dict[str, Any]) -> None:
        received = Received(signal=signal, body=body)
        if not self._loaded or self._must_look_up(received):
            self._run.state.inbox.append(received)
        else:
            inbox.apply(self._run, received)

    def _must_look_up(self, received: Received) -> bool:
        by_accounts = inbox.needs_accounts(self._run, received) and workflow.patched(ACCOUNTS_FOLLOW)
        by_groups = inbox.needs_groups(self._run, received) or inbox.needs_standing(self._run, received)
        return by_accounts or by_groups

    # --- beginning ------------------------------------------------------------------------------------

    async def _initialize_workflow(self) -> bool:
        """Take the task over from the database. False: there is nothing new to do."""
        info = workflow.info()
        begun = await self._execution.outcome(
            references.BEGIN_RUN.start(
                BeginRunRequest(
                    task_id=self._run.state.outbox.task_id,
                    chain_id=info.first_execution_run_id,
                    chain_started_at=info.workflow_start_time,
                )
            )
        )
        self._run.load(begun)
        news = any(inbox.is_new(self._run, received) for received in self._run.state.inbox)
        if not begun.epoch or (begun.ended and not news):
            return False
        self._run.state.started_at = workflow.now()
        config = await self._build_agent_config()
        self._run.state.budget = BudgetTracker.of(
            self._run.agent.budget, begun.ledger, begun.added_usd, begun.added_tokens
        )
        self._run.state.budget.delegated = begun.delegated
        self._tell_beginning(begun, config)
        self._open_inbox()
        return True

    async def _build_agent_config(self) -> AgentConfigResult:
        request = AgentConfigRequest(task_id=self._run.state.outbox.task_id)
        self._run.state.config = await self._execution.outcome(references.BUILD_AGENT_CONFIG.start(request))
        return self._run.state.config

    async def _look_at_tools(self) -> str:
        """Take in tools that came, and let go of those that went. Returns a sentence on it; the model is told too."""
        state = self._run.state
        request = AgentConfigRequest(
            task_id=state.outbox.task_id,
            config_hash=state.config.config_hash,
            granted=tuple(state.approvals.granted),
        )
        looking = references.BUILD_AGENT_CONFIG.start(request)
        await self._execution.until(looking.done)
        found = await self._execution.outcome(looking)
        self._run.take_tools(found)
        return found.news

    def _tell_beginning(self, begun: BeginRunResult, config: AgentConfigResult) -> None:
        state, agent = self._run.state, self._run.agent
        self._run.allow_work()
        if begun.started:
            self._tell_continuing("follow_up" if begun.ended else "recovered")
        else:
            self._run.emit(
                WorkflowStarted(
                    goal=preview(state.goal),
                    goal_ref=state.goal_ref,
                    agent=agent.name,
                    model=agent.model,
                    by=state.requester,
                    max_iterations=state.iteration_limit,
                    usd_limit=state.budget.usd_limit,
                    tokens_limit=state.budget.tokens_limit,
                    problems=config.problems,
                )
            )
        for lost in begun.lost_calls:
            self._run.open_calls[lost.call_id] = (lost.tool or lost.model, lost.tool is not None)
        self._run.lose_open_calls("The run ended while this was under way; its outcome is unknown.")
        self._run.supersede_earlier(begun.open_approvals)

    def _tell_continuing(self, reason: str) -> None:
        state = self._run.state
        state.continued = True
        self._run.emit(
            WorkflowContinued(
                reason=reason,
                model=self._run.model,
                max_iterations=state.iteration_limit,
                problems=state.config.problems,
            )
        )

    async def _go_on(self, reason: str) -> None:
        """A reply after the end: the same task works on, with a new allowance of iterations and time."""
        self._run.reopen()
        await self._build_agent_config()
        self._run.allow_work()
        self._tell_continuing(reason)

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

    async def _leave_word(self) -> None:
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
        await self._while_paused()
        if self._run.goal_stands():
            return Termination.GOAL_ACHIEVED
        self._run.emit(*state.budget.adopt(state.budget.spent))
        if state.budget.is_exceeded() and not await self._more_budget():
            return Termination.BUDGET_EXCEEDED
        await self._while_paused()
        if not state.iteration_open and state.iteration >= state.iteration_limit:
            return Termination.MAX_ITERATIONS_REACHED
        if self._run.working_seconds() > self._run.agent.budget.timeout:
            return Termination.TIMEOUT_EXCEEDED
        return None

    async def _execute_iteration(self) -> None:
        """One model call and its tool calls. Continued as new in the middle, it goes on where it was."""
        state = self._run.state
        if not state.iteration_open:
            news = await self._look_at_tools() if state.tools_changed else ""
            state.iteration += 1
            state.iteration_open = True
            self._run.emit(IterationStarted(number=state.iteration, news=news or None))
        if not state.turn and not state.goal_achieved and not await self._think():
            return  # nobody raised the budget; the loop ends the run
        await self._consult()
        await self._act()
        while self._run.asking:  # a tool server asked something in the middle of its call
            await self._consult()
            await self._act()
        if repeating.look(self._run):
            await self._consult()
        if stop := repeating.heed(self._run):
            state.stop = stop
            raise Stopped
        state.turn, state.iteration_open = [], False
        self._run.emit(IterationCompleted(number=state.iteration))

    def _finalize_execution(self, reason: Termination) -> None:
        state = self._run.state
        self._run.withdraw("The task has ended.")
        state.ended, state.iteration_open = reason, False
        self._run.emit(WorkflowCompleted(reason=reason, answer=preview(state.answer), answer_ref=state.answer_ref))

    # --- one iteration: think, consult people, act ------------------------------------------------------

    async def _think(self) -> bool:
        """Ask the model until it answers. False: the budget does not allow it."""
        if self._run.state.compact_next and not await self._compact():
            return False
        result = await self._ask_model("think")
        if result is None:
            return False
        self._run.take_answer(result)
        useless = switching.useless(self._run, result)
        if useless and not (result.finish and switching.next_model(self._run, useless)):
            raise Failed(useless)
        return True

    async def _ask_model(
        self, purpose: Literal["think", "compact"], shortened: int = 0, again: bool = False
    ) -> LLMResult | None:
        """An answer, whatever it takes: more budget, a shorter conversation, another model. None: no budget."""
        compacted = purpose == "compact"
        while True:
            await self._while_paused()
            result = await self._call_llm(purpose, shortened, again)
            match result.outcome:
                case "ok":
                    self._run.state.broken_answers = 0
                    return result
                case "over_budget":
                    if not await self._more_budget():
                        return None
                case "overflow" if _is_refused(result) and switching.roomier_model(self._run, result.error):
                    shortened = 0
                case "overflow" if result.too_long:
                    shortened += 1
                    if not await self._shorten(result, shortened):
                        return None
                case "overflow" if not compacted and not result.compacted:
                    compacted = True
                    if not await self._compact():
                        return None
                case "failed" if self._run.do_without(result.refused_tool):
                    continue
                case "overflow" if self._run.state.config.windows and switching.next_model(self._run, result.error):
                    continue
                case "failed" if result.failure == "broken" and (seconds := switching.try_again(self._run)):
                    await self._execution.until(lambda: False, workflow.now() + timedelta(seconds=seconds))
                case "failed" if switching.next_model(self._run, result.error if result.failure else ""):
                    continue
                case "refused":
                    raise Superseded
                case _ if result.compacted:
                    return result
                case _:
                    raise Failed(result.error)

    async def _call_llm(self, purpose: Literal["think", "compact"], shortened: int, again: bool = False) -> LLMResult:
        run, state = self._run, self._run.state
        await self._execution.until(lambda: not run.events.crowded)
        call_id = run.start_model_call()
        inputs = run.place_inputs()
        position = run.next_position()
        try:
            result = await self._execution.call(
                references.CALL_LLM,
                lambda batch: LLMRequest(
                    batch=batch,
                    call_id=call_id,
                    config_hash=state.config.config_hash,
                    model=run.model,
                    purpose=purpose,
                    inputs=inputs,
                    position=position,
                    since=state.since,
                    summary_ref=state.summary_ref,
                    nanos_limit=state.budget.nanos_for_calls,
                    tokens_limit=state.budget.tokens_for_calls,
                    others=switching.others(run),
                    counted=state.counted,
                    window=state.window,
                    shortened=shortened,
                    again=again,
                    without=tuple(state.refused_tools),
                ),
            )
        except Stopped:
            state.inputs[:0] = inputs  # perhaps not stored yet: the next call takes them along again
            raise
        self._record_model_call(call_id, result)
        if result.tallied:
            state.counted = Counted(before=position, tokens=result.tallied)
        state.tools_changed = state.tools_changed or result.tools_changed
        return result

    def _record_model_call(self, call_id: str, result: LLMResult) -> None:
        run = self._run
        name, _ = run.open_calls.pop(call_id)
        if result.outcome == "ok":
            cost = None if result.cost_nanos is None else result.cost_nanos / NANOS
            run.emit(
                LlmCallCompleted(
                    call_id=call_id,
                    model=name,
                    usage=result.usage,
                    cost_usd=cost,
                    text=preview(result.text),
                    thinking=preview(result.thinking) or None,
                    thinking_ref=result.thinking_ref,
                    counted=result.counted,
                )
            )
        else:
            error = preview(result.error or result.outcome)
            problem = error if result.refused_tool else None
            run.emit(LlmCallFailed(call_id=call_id, model=name, error=error, problem=problem))
        if result.outcome != "refused":
            run.emit(*run.state.budget.adopt(result.ledger))
        if result.exceeded:
            run.emit(*run.state.budget.refuse(result.exceeded))

    async def _shorten(self, result: LLMResult, times: int) -> bool:
        """Make a conversation shorter that its model does not take. False: the budget does not allow it."""
        if times > SHORTENED:
            if switching.next_model(self._run, result.error):
                return True
            raise Failed(
                f"{result.error} Shortened {SHORTENED} times, it still is: choose a model with a larger window."
            )
        self._run.state.window = result.window
        return result.too_long != "turns" or await self._compact(times)

    async def _compact(self, shortened: int = 0) -> bool:
        """Have the older turns summarised, so that the conversation fits again. False: the budget does not allow it."""
        since, tries, again = self._run.state.position, 0, False
        pieces: list[Compacted] = []
        while result := await self._ask_model("compact", shortened, again):
            if result.compacted is None:  # of an older version: one summary of everything
                return self._take_summary(since, result.ref)
            if result.outcome == "overflow":
                self._run.state.window = result.window
            if result.compacted.ref is None:
                tries += 1
                again = result.outcome != "overflow" or tries >= SHORTENED
                continue
            tries, again = 0, False
            if self._run.remember(result.compacted):
                pieces.append(result.compacted)
            if not result.compacted.more:
                self._tell_summary(pieces)
                return True
        return False

    def _take_summary(self, since: int, ref: str | None) -> bool:
        state = self._run.state
        if ref is None:
            return False
        state.since, state.summary_ref, state.compact_next, state.counted = since, ref, False, None
        self._run.emit(ContextCompacted(since=since, summary_ref=ref))
        return True

    def _tell_summary(self, pieces: list[Compacted]) -> None:
        state = self._run.state
        state.compact_next = False
        if pieces and state.summary_ref:
            how: Literal["summary", "excerpt"] = "excerpt" if any(p.how == "excerpt" for p in pieces) else "summary"
            self._run.emit(
                ContextCompacted(
                    since=state.since,
                    summary_ref=state.summary_ref,
                    how=how,
                    pieces=len(pieces),
                    kept=pieces[-1].kept,
                )
            )

    async def _consult(self) -> None:
        """Wait until people have decided and answered all that the turn asked."""
        while self._run.asking:
            deadline = self._run.state.approvals.next_deadline
            await self._execution.wait(lambda: not self._run.asking, deadline)
            self._run.tick()

    async def _act(self) -> None:
        """Run the turn's calls: side by side where they only read, in order otherwise."""
        await self._ties.join()
        while group := self._run.ready_group():
            await self._while_paused()
            await self._execution.until(lambda: not self._run.events.crowded)
            if isinstance(done := group[0].call.builtin, CompleteTask):
                self._complete(group[0], done)
            elif isinstance(group[0].call.builtin, Delegate):
                await self._ties.begin(group)
                await self._ties.join()
            else:
                await self._execute_tools(group)

    def _complete(self, entry: TurnCall, done: CompleteTask) -> None:
        """The model declares the goal achieved; what people said meanwhile is answered first."""
        if self._run.people_spoke:
            self._run.finish_call(entry, "Not delivered yet: somebody said something since. Consider it first.")
        else:
            self._run.finish_call(entry)
            self._run.achieve(done.answer, done.answer_ref)

    async def _execute_tools(self, group: list[TurnCall]) -> None:
        calls = [(entry, self._run.start_tool_call(entry)) for entry in group]
        if len(calls) == 1:
            return await self._execute_tool(*calls[0])
        await self._execution.until(
            lambda: self._run.events.settled
        )  # so that the requests need not all carry the same
        tasks = [asyncio.create_task(self._execute_tool(entry, call_id)) for entry, call_id in calls]
        await self._execution.patiently(lambda: all(task.done() for task in tasks))
        for task in tasks:
            task.result()
        return None

    async def _execute_tool(self, entry: TurnCall, call_id: str) -> None:
        run, tool = self._run, entry.call.tool
        if tool is None:
            raise RuntimeError(f"{entry.call.name} is no tool that an activity runs.")
        timeout, position = run.agent.tool_timeout, run.next_position()
        result = await self._execution.call(
            references.EXECUTE_MCP_TOOL,
            lambda batch: MCPToolRequest(
                batch=batch,
                call_id=call_id,
                config_hash=run.state.config.config_hash,
                tool=tool,
                tool_call_id=entry.call.tool_call_id,
                arguments_ref=entry.arguments_ref,
                digest=entry.digest,
                position=position,
                timeout=timeout,
                asked_ref=entry.asked_ref,
                answer=entry.answer,
                answer_ref=entry.answer_ref,
            ),
            timedelta(seconds=2 * timeout) + GRACE,
        )
        self._record_tool_call(entry, call_id, result)

    def _record_tool_call(self, entry: TurnCall, call_id: str, result: MCPToolResult) -> None:
        if result.outcome == "refused":
            raise Superseded
        self._run.open_calls.pop(call_id)
        self._run.state.tools_changed = self._run.state.tools_changed or result.tools_changed
        shown = preview(result.output)
        if result.outcome == "input_required":
            self._run.emit(
                ToolCallCompleted(call_id=call_id, tool=entry.call.name, output_preview="Its server asks something.")
            )
            self._run.ask_for_server(entry, result)
            return
        if result.outcome == "ok":
            told: ToolCallCompleted | ToolCallFailed = ToolCallCompleted(
                call_id=call_id, tool=entry.call.name, output_preview=shown, files=result.files
            )
        else:
            told = ToolCallFailed(call_id=call_id, tool=entry.call.name, output_preview=shown, outcome=result.outcome)
        self._run.emit(told)
        entry.result = result.digest and f"{result.outcome}:{result.digest}"
        self._run.finish_call(entry)

    # --- waiting --------------------------------------------------------------------------------------

    async def _while_paused(self) -> None:
        await self._execution.wait(lambda: not self._run.state.paused)

    async def _more_budget(self) -> bool:
        """Park the run until somebody raises the budget. False: nobody did, or nobody is to be asked.

        Whoever replied after the end is there to be asked, even where the agent stops by itself."""
        state = self._run.state
        if self._run.agent.budget.on_exceeded == "stop" and not state.continued:
            return False
        if state.budget_deadline is None:
            state.budget_deadline = workflow.now() + BUDGET_WAIT
        raised = await self._execution.wait(lambda: not state.budget.is_exceeded(), state.budget_deadline)
        state.budget_deadline = None if raised else state.budget_deadline
        return raised

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


def _as_body(by: Any) -> dict[str, Any] | None:
    """Who acted. The converter types arguments only where a sender gives every one of them."""
    try:
        return None if by is None else Principal.model_validate(by).model_dump()
    except ValidationError:
        return Principal(platform="unknown", user_id="unknown").model_dump()


def _is_refused(result: LLMResult) -> bool:
    """Whether the model itself said that the conversation is too long, rather than we."""
    return result.compacted is None and not result.unasked
