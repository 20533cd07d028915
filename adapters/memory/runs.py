"""Runs in memory: which execution speaks for a task, and the snapshots of configurations."""

from functools import reduce

from threadwork.adapters.memory.state import CallRow, MemoryState, TaskRow, create_task
from threadwork.adapters.memory.transcript import put_message
from threadwork.workflows.agents import RunConfig
from threadwork.workflows.domain.budget_reservations import plus
from threadwork.workflows.domain.calls_of_earlier_runs import UNKNOWN_RESULT, lost_call
from threadwork.workflows.domain.failures import no_config
from threadwork.workflows.domain.identity import call_seq, child_of, config_hash
from threadwork.workflows.domain.resume_state import resume_state
from threadwork.workflows.domain.texts import GOAL_REF, command_messages
from threadwork.workflows.run_requests import BeginRunRequest, BeginRunResult
from threadwork.workflows.tasks import RunOrder, TaskOrder
from threadwork.workflows.values import Ledger, Status, preview


class MemoryRuns:
    """Satisfies `Runs`; the twin of `SqlRuns`."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def begin(self, request: BeginRunRequest) -> BeginRunResult:
        """Take over the task for a chain; epoch 0 where a later chain has it. Raises `NotFound`."""
        task = self._state.task(request.task_id)
        if task.run_chain != request.chain_id:
            if task.run_started_at and task.run_started_at > request.chain_started_at:
                return BeginRunResult(epoch=0)
            self._take_over(task, request)
        return self._resume_state(task)

    def _take_over(self, task: TaskRow, request: BeginRunRequest) -> None:
        task.run_epoch += 1
        task.run_chain, task.run_started_at = request.chain_id, request.chain_started_at
        for call in self._calls(task):
            if call.result is None:
                call.result, call.closed_by = dict(UNKNOWN_RESULT), task.run_epoch

    def _resume_state(self, task: TaskRow) -> BeginRunResult:
        lost = [lost_call(c.call_id, c.kind, c.name) for c in self._calls(task) if c.closed_by == task.run_epoch]
        approvals = self._state.approvals[task.task_id].values()
        return BeginRunResult(
            epoch=task.run_epoch,
            last_seq=task.last_seq,
            iteration=task.iteration,
            position=self._next_position(task.task_id),
            goal=preview(task.order.goal),
            goal_ref=GOAL_REF,
            requester=task.order.by,
            ledger=task.spent,
            lost_calls=tuple(lost),
            parent=task.order.parent,
            depth=task.order.depth,
            delegated=reduce(plus, (below.spent for below in self._below(task.task_id)), Ledger()),
            open_children=tuple(
                child.task_id
                for child in self._below(task.task_id)
                if child.order.parent == task.task_id and not Status(child.status).ended
            ),
            **resume_state(self._state.events[task.task_id], approvals, self._unplaced(task.task_id)),
        )

    def _calls(self, task: TaskRow) -> list[CallRow]:
        return sorted(self._state.calls[task.task_id].values(), key=lambda call: call_seq(call.call_id))

    def _next_position(self, task_id: str) -> int:
        messages = self._state.messages[task_id].values()
        return 1 + max((message.position or 0 for message in messages), default=0)

    def _unplaced(self, task_id: str) -> set[str]:
        messages = self._state.messages[task_id].values()
        return {message.ref for message in messages if message.position is None and message.kind == "follow_up"}

    async def delegate(self, call_id: str, order: TaskOrder) -> str:
        """The id of the new task, or of the one that is there. Raises `NotFound` for an unknown parent."""
        self._state.task(order.parent or "")
        child_id = child_of(order.parent or "", call_id)
        create_task(self._state, child_id, order)
        for message in command_messages(RunOrder(order=order)):
            put_message(self._state, child_id, message)
        return child_id

    def _below(self, task_id: str) -> list[TaskRow]:
        """Tasks that it delegated, those that they delegated, and so on."""
        children = [task for task in self._state.tasks.values() if task.order.parent == task_id]
        return [*children, *(below for child in children for below in self._below(child.task_id))]

    async def save_config(self, config: RunConfig) -> str:
        """Store a snapshot and return its hash. Idempotent."""
        name = config_hash(config)
        self._state.configs.setdefault(name, config)
        return name

    async def config(self, config_hash: str) -> RunConfig:
        """Raises `NotFound`."""
        config = self._state.configs.get(config_hash)
        if config is None:
            raise no_config(config_hash)
        return config
