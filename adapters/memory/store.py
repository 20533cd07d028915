"""All storage ports in memory, under the names that `SqlStore` has for them."""

from threadwork.adapters.memory.budget_ledger import MemorySpend
from threadwork.adapters.memory.calls import MemoryCalls
from threadwork.adapters.memory.deliveries import MemoryDeliveries
from threadwork.adapters.memory.event_log import MemoryEventLog
from threadwork.adapters.memory.grants import MemoryGrants
from threadwork.adapters.memory.in_doubt import MemoryInDoubtCalls
from threadwork.adapters.memory.intake import MemoryIntake
from threadwork.adapters.memory.leases import MemoryLeases
from threadwork.adapters.memory.people import MemoryPeople
from threadwork.adapters.memory.runs import MemoryRuns
from threadwork.adapters.memory.shared_rate_limits import MemoryRates
from threadwork.adapters.memory.state import MemoryState
from threadwork.adapters.memory.subscriptions import MemorySubscriptions
from threadwork.adapters.memory.tasks import MemoryApprovals, MemoryTasks, MemoryViews
from threadwork.adapters.memory.transcript import MemoryTranscript
from threadwork.workflows.domain.clock import Clock, utc_now
from threadwork.workflows.domain.lease_scopes import LeaseScope


class MemoryStore:
    """Storage that is gone with the process. `clock` gives aware times."""

    def __init__(self, clock: Clock = utc_now) -> None:
        state = MemoryState(clock)
        self.events = MemoryEventLog(state)
        self.runs = MemoryRuns(state)
        self.transcript = MemoryTranscript(state)
        self.calls = MemoryCalls(state)
        self.spend = MemorySpend(state)
        self.tasks = MemoryTasks(state)
        self.intake = MemoryIntake(state)
        self.views = MemoryViews(state)
        self.leases = MemoryLeases(state)
        self.connections = MemoryLeases(state, LeaseScope.CONNECTION)
        self.deliveries = MemoryDeliveries(state)
        self.subscriptions = MemorySubscriptions(state)
        self.people = MemoryPeople(state)
        self.doubts = MemoryInDoubtCalls(state)
        self.rates = MemoryRates(state)
        self.approvals = MemoryApprovals(state)
        self.grants = MemoryGrants(state)
