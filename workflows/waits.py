"""Waiting for people in the middle of the work: a pause, a budget that is used up, decisions and answers."""

from datetime import timedelta

from temporalio import workflow

from threadwork.workflows.approval_expiry import remind_and_expire
from threadwork.workflows.execution import Execution
from threadwork.workflows.run import Run

BUDGET_WAIT = timedelta(hours=24)  # how long an exceeded budget waits for somebody to raise it


class Waits:
    """What a run waits for that only people can give."""

    def __init__(self, run: Run, execution: Execution) -> None:
        self._run = run
        self._execution = execution

    async def while_paused(self) -> None:
        await self._execution.wait(lambda: not self._run.state.paused)

    async def more_budget(self) -> bool:
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

    async def for_people(self) -> None:
        """Wait until people have decided and answered all that the turn asked."""
        while self._run.asking:
            deadline = self._run.state.approvals.next_deadline
            await self._execution.wait(lambda: not self._run.asking, deadline)
            remind_and_expire(self._run)
