"""Calls in tables: claimed once, done once."""

from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from threadwork.adapters.sql.budget_ledger import reserve, reserved_before, settle_finished
from threadwork.adapters.sql.database import AnyRow, Database, upserting
from threadwork.adapters.sql.event_log import store_batch
from threadwork.adapters.sql.grants import grant_stands
from threadwork.adapters.sql.tables import calls
from threadwork.adapters.sql.task_rows import change, locked, spent, spent_fields
from threadwork.adapters.sql.transcript import place_inputs, put_messages
from threadwork.workflows.calls import Claim, Claimed, Finish, Finished
from threadwork.workflows.domain.call_claims import KnownCall, answer_instead
from threadwork.workflows.domain.clock import Clock

_CALL = select(calls.c.state, calls.c.result, calls.c.attempt, calls.c.until)
_CALL = _CALL.where(calls.c.task_id == bindparam("task"), calls.c.call_id == bindparam("call"))


class SqlCalls:
    """Satisfies `Calls`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def claim(self, claim: Claim) -> Claimed:
        """Store the batch, place the inputs, take the call. Raises `NotFound`, `StaleRun`, `EventConflict`."""
        task_id = claim.batch.task_id
        async with self._database.write() as connection:
            task = await locked(connection, task_id)
            changes = await store_batch(connection, task, claim.batch, self._clock)
            await place_inputs(connection, task_id, claim.inputs, self._clock)
            call = await _call(connection, task_id, claim.call_id)
            claimed = answer_instead(
                claim, _known(call) if call else None, changes.get("stopped_seq", task.stopped_seq)
            )
            if claimed is None and call is None:
                claimed = await self._ungranted(connection, claim)
            if claimed is None:
                claimed = await self._take(connection, task, claim, again=call is not None)
                changes |= spent_fields(claimed.ledger)
            await change(connection, task_id, changes)
        return claimed if claimed.state in ("mine", "over_budget") else _with_ledger(claimed, task)

    async def _ungranted(self, connection: AsyncConnection, claim: Claim) -> Claimed | None:
        """The answer where the call was to be made by a grant that stands no more."""
        if claim.grant_id is None or await grant_stands(connection, claim.grant_id, self._clock()):
            return None
        return Claimed(state="ungranted")

    async def _take(self, connection: AsyncConnection, task: AnyRow, claim: Claim, again: bool) -> Claimed:
        claimed = await self._reserve(connection, task, claim, again)
        if claimed.state == "mine":
            await self._write_claim(connection, claim)
        return claimed

    async def _reserve(self, connection: AsyncConnection, task: AnyRow, claim: Claim, again: bool) -> Claimed:
        if claim.reserve is None:
            return Claimed(state="mine", ledger=spent(task))
        before = await reserved_before(connection, task, claim, claim.reserve) if again else None
        return before or await reserve(connection, task, claim, claim.reserve, self._clock)

    async def _write_claim(self, connection: AsyncConnection, claim: Claim) -> None:
        now = self._clock()
        row = claim.model_dump(include={"call_id", "kind", "name", "attempt"})
        row |= {"task_id": claim.batch.task_id, "epoch": claim.batch.epoch, "state": "claimed", "claimed_at": now}
        statement = upserting(connection.dialect.name, calls, "attempt", "until", "epoch")
        await connection.execute(statement, {**row, "until": now + timedelta(seconds=claim.timeout)})

    async def finish(self, finish: Finish) -> Finished:
        """Settle the attempt's cost and record its result, unless one is there. Raises `NotFound`."""
        async with self._database.write() as connection:
            task = await locked(connection, finish.task_id)
            ledger = await settle_finished(connection, task, finish, self._clock)
            if ledger != spent(task):
                await change(connection, finish.task_id, spent_fields(ledger))
            call = await _call(connection, finish.task_id, finish.call_id)
            recorded = call.result if call else None
            if recorded is None and finish.epoch == task.run_epoch:
                await self._record(connection, finish)
        return Finished(result=recorded if recorded is not None else finish.result, ledger=ledger)

    async def _record(self, connection: AsyncConnection, finish: Finish) -> None:
        now = self._clock()
        row = finish.model_dump(include={"task_id", "call_id", "attempt", "epoch", "result"})
        row |= {"state": "done", "done_at": now}
        # Only for a call that was never claimed:
        row |= {"kind": "tool", "name": "", "until": now, "claimed_at": now}
        await connection.execute(upserting(connection.dialect.name, calls, "state", "result", "done_at"), row)
        await put_messages(connection, finish.task_id, finish.messages, self._clock)

    async def recorded(self, task_id: str, call_id: str) -> dict[str, Any] | None:
        """The result of a call that is done."""
        async with self._database.read() as connection:
            call = await _call(connection, task_id, call_id)
        return call.result if call else None


async def _call(connection: AsyncConnection, task_id: str, call_id: str) -> AnyRow | None:
    return (await connection.execute(_CALL, {"task": task_id, "call": call_id})).one_or_none()


def _known(call: AnyRow) -> KnownCall:
    return KnownCall(call.attempt, call.until, call.result if call.state == "done" else None)


def _with_ledger(claimed: Claimed, task: AnyRow) -> Claimed:
    return claimed.model_copy(update={"ledger": spent(task)})
