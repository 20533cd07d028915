"""Calls in memory: claimed once, done once."""

from datetime import timedelta
from typing import Any

from pydantic_core import to_jsonable_python

from threadwork.adapters.memory.budget_ledger import reserve, settle_finished
from threadwork.adapters.memory.event_log import store_batch
from threadwork.adapters.memory.grants import grant_stands
from threadwork.adapters.memory.state import CallRow, MemoryState, TaskRow
from threadwork.adapters.memory.transcript import check_inputs, place_input, put_message
from threadwork.workflows.calls import Claim, Claimed, Finish, Finished
from threadwork.workflows.domain.batches import check_epoch
from threadwork.workflows.domain.call_claims import KnownCall, answer_instead


class MemoryCalls:
    """Satisfies `Calls`; the twin of `SqlCalls`."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def claim(self, claim: Claim) -> Claimed:
        """Store the batch, place the inputs, take the call. Raises `NotFound`, `StaleRun`, `EventConflict`."""
        task_id = claim.batch.task_id
        check_epoch(task_id, claim.batch.epoch, self._state.task(task_id).run_epoch)
        check_inputs(self._state, task_id, claim.inputs)
        task = store_batch(self._state, claim.batch)
        for given in claim.inputs:
            place_input(self._state, task_id, given)
        claimed = self._call_state(task, claim) or self._take(task, claim)
        return claimed.model_copy(update={"ledger": task.spent})

    def _call_state(self, task: TaskRow, claim: Claim) -> Claimed | None:
        """The answer where the call is not to be made by this attempt."""
        call = self._state.calls[task.task_id].get(claim.call_id)
        known = KnownCall(call.attempt, call.until, to_jsonable_python(call.result)) if call else None
        if answer := answer_instead(claim, known, task.stopped_seq):
            return answer
        if call is None and claim.grant_id and not grant_stands(self._state, claim.grant_id):
            return Claimed(state="ungranted")
        return None

    def _take(self, task: TaskRow, claim: Claim) -> Claimed:
        claimed = reserve(self._state, task, claim, claim.reserve) if claim.reserve else Claimed(state="mine")
        if claimed.state == "mine":
            until = self._state.clock() + timedelta(seconds=claim.timeout)
            row = CallRow(claim.call_id, claim.kind, claim.name, claim.batch.epoch, claim.attempt, until)
            self._state.calls[task.task_id][claim.call_id] = row
        return claimed

    async def finish(self, finish: Finish) -> Finished:
        """Settle the attempt's cost and record its result, unless one is there. Raises `NotFound`."""
        task = self._state.task(finish.task_id)
        settle_finished(self._state, task, finish)
        call = self._state.calls[task.task_id].get(finish.call_id)
        result = call.result if call and call.result is not None else finish.result
        if finish.epoch == task.run_epoch and not (call and call.result is not None):
            self._record(task, finish, call)
        return Finished(result=to_jsonable_python(result), ledger=task.spent)

    def _record(self, task: TaskRow, finish: Finish, call: CallRow | None) -> None:
        row = call or CallRow(finish.call_id, "tool", "", finish.epoch, finish.attempt, self._state.clock())
        row.result = to_jsonable_python(finish.result)
        self._state.calls[task.task_id][finish.call_id] = row
        for message in finish.messages:
            put_message(self._state, task.task_id, message)

    async def recorded(self, task_id: str, call_id: str) -> dict[str, Any] | None:
        """The result of a call that is done."""
        call = self._state.calls[task_id].get(call_id)
        result: dict[str, Any] | None = to_jsonable_python(call.result) if call else None
        return result
