"""How a run begins, and goes on after its end: what the database knows, what the agent may use, and what is told."""

from temporalio import workflow

from threadwork.workflows import references
from threadwork.workflows.agents import AgentSpec
from threadwork.workflows.budget_usage import BudgetTracker
from threadwork.workflows.execution import Execution
from threadwork.workflows.run import Run
from threadwork.workflows.run_events import WorkflowContinued, WorkflowStarted
from threadwork.workflows.run_requests import AgentConfigRequest, AgentConfigResult, BeginRunRequest, BeginRunResult
from threadwork.workflows.signal_handlers import is_new
from threadwork.workflows.values import Verbosity, preview


class Beginning:
    """Takes a task over, and its tools in."""

    def __init__(self, run: Run, execution: Execution) -> None:
        self._run = run
        self._execution = execution

    async def begin(self) -> bool:
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
        news = any(is_new(self._run, received) for received in self._run.state.inbox)
        if not begun.epoch or (begun.ended and not news):
            return False
        self._run.state.started_at = workflow.now()
        config = await self._build_agent_config()
        self._run.state.budget = BudgetTracker.of(
            self._run.agent.budget, begun.ledger, begun.added_usd, begun.added_tokens
        )
        self._run.state.budget.delegated = begun.delegated
        self._tell_beginning(begun, config)
        return True

    async def go_on(self, reason: str) -> None:
        """A reply after the end: the same task works on, with a new allowance of iterations and time."""
        self._run.reopen()
        await self._build_agent_config()
        self._run.allow_work()
        self._tell_continuing(reason)

    async def look_at_tools(self) -> str:
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

    async def _build_agent_config(self) -> AgentConfigResult:
        request = AgentConfigRequest(task_id=self._run.state.outbox.task_id)
        self._run.state.config = await self._execution.outcome(references.BUILD_AGENT_CONFIG.start(request))
        return self._run.state.config

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
                    verbosity=_unless_normal(agent),
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
                verbosity=_unless_normal(self._run.agent),
            )
        )


def _unless_normal(agent: AgentSpec) -> Verbosity | None:
    """What goes without saying is not written into every event."""
    return None if agent.verbosity == "normal" else agent.verbosity
