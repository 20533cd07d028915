"""The ledger in memory."""

from collections.abc import Collection
from datetime import datetime

from threadwork.adapters.memory.state import MemoryState, SpendRow, TaskRow
from threadwork.workflows.calls import Claim, Claimed, Finish, Reservation
from threadwork.workflows.domain.budget_reservations import afford, minus, plus, used
from threadwork.workflows.values import Ledger, Usage


class MemorySpend:
    """Satisfies `Spend`; the twin of `SqlSpend`."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def total(self, task_id: str) -> Ledger:
        """Reservations of unfinished calls included; zero for an unknown task."""
        task = self._state.tasks.get(task_id)
        return task.spent if task else Ledger()

    async def settle(self, task_id: str, attempt: str, usage: Usage, cost_nanos: int | None) -> Ledger:
        """Replace the reservation of an attempt that will not be finished, once; returns the total.

        Raises `NotFound` for an unknown task."""
        task = self._state.task(task_id)
        _settle(self._state, task, attempt, used(usage, cost_nanos))
        return task.spent

    async def by_person(self, accounts: Collection[str], since: datetime) -> Ledger:
        """What the tasks of a person's accounts spent from `since` on."""
        total = Ledger()
        for row in self._state.spend.values():
            if row.account in accounts and row.at >= since:
                total = plus(total, row.counted)
        return total


def reserve(state: MemoryState, task: TaskRow, claim: Claim, wanted: Reservation) -> Claimed:
    """Set aside what the call may cost; an attempt that asks again gets its first answer."""
    known = state.spend.get((task.task_id, claim.attempt))
    if known:
        return Claimed(state="mine", output_cap=max(known.counted.tokens - wanted.prompt, 0))
    allowance = afford(wanted, task.spent)
    if allowance.exceeded:
        return Claimed(state="over_budget", exceeded=allowance.exceeded)
    _count(state, task, claim.attempt, allowance.reserved, settled=False)
    return Claimed(state="mine", output_cap=allowance.output)


def settle_finished(state: MemoryState, task: TaskRow, finish: Finish) -> None:
    """Settle what a finished call says it used; what was never set aside is counted now."""
    if finish.usage is None:
        return
    amount = used(finish.usage, finish.cost_nanos, finish.cached_share)
    if not _settle(state, task, finish.attempt, amount):
        _count(state, task, finish.attempt, amount, settled=True)


def _settle(state: MemoryState, task: TaskRow, attempt: str, amount: Ledger) -> bool:
    """False: nothing was set aside for the attempt."""
    row = state.spend.get((task.task_id, attempt))
    if row and not row.settled:
        task.spent = plus(task.spent, minus(amount, row.counted))
        row.counted, row.settled = amount, True
    return row is not None


def _count(state: MemoryState, task: TaskRow, attempt: str, amount: Ledger, settled: bool) -> None:
    state.spend[task.task_id, attempt] = SpendRow(task.order.by.account, state.clock(), amount, settled)
    task.spent = plus(task.spent, amount)
