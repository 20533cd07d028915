"""All storage ports in memory, under the names that `SqlStore` has for them."""

from adapters.memory.calls import MemoryCalls
from adapters.memory.deliveries import MemoryDeliveries
from adapters.memory.event_log import MemoryEventLog
from adapters.memory.in_doubt import MemoryInDoubtCalls
from adapters.memory.intake import MemoryIntake
from adapters.memory.leases import MemoryLeases
from adapters.memory.ledger import MemorySpend
from adapters.memory.people import MemoryPeople
from adapters.memory.rates import MemoryRates
from adapters.memory.runs import MemoryRuns
from adapters.memory.state import MemoryState
from adapters.memory.subscriptions import MemorySubscriptions
from adapters.memory.tasks import MemoryApprovals, MemoryTasks, MemoryViews
from adapters.memory.transcript import MemoryTranscript
from workflows.domain.clock import Clock, utc_now


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
        self.deliveries = MemoryDeliveries(state)
        self.subscriptions = MemorySubscriptions(state)
        self.people = MemoryPeople(state)
        self.doubts = MemoryInDoubtCalls(state)
        self.rates = MemoryRates(state)
        self.approvals = MemoryApprovals(state)
