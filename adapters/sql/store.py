"""All storage ports on one database."""

from threadwork.adapters.sql.approvals import SqlApprovals
from threadwork.adapters.sql.budget_ledger import SqlSpend
from threadwork.adapters.sql.calls import SqlCalls
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.deliveries import SqlDeliveries
from threadwork.adapters.sql.event_log import SqlEventLog
from threadwork.adapters.sql.grants import SqlGrants
from threadwork.adapters.sql.in_doubt import SqlInDoubtCalls
from threadwork.adapters.sql.intake import SqlIntake
from threadwork.adapters.sql.leases import SqlLeases
from threadwork.adapters.sql.people import SqlPeople
from threadwork.adapters.sql.runs import SqlRuns
from threadwork.adapters.sql.shared_rate_limits import SqlRates
from threadwork.adapters.sql.subscriptions import SqlSubscriptions
from threadwork.adapters.sql.tasks import SqlTasks
from threadwork.adapters.sql.transcript import SqlTranscript
from threadwork.adapters.sql.views import SqlViews
from threadwork.workflows.domain.clock import Clock, utc_now
from threadwork.workflows.domain.lease_scopes import LeaseScope


class SqlStore:
    """Storage in tables that `migrate` has made. `clock` gives aware times."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self.events = SqlEventLog(database, clock)
        self.runs = SqlRuns(database, clock)
        self.transcript = SqlTranscript(database, clock)
        self.calls = SqlCalls(database, clock)
        self.spend = SqlSpend(database)
        self.tasks = SqlTasks(database)
        self.intake = SqlIntake(database, clock)
        self.views = SqlViews(database, clock)
        self.leases = SqlLeases(database, clock)
        self.connections = SqlLeases(database, clock, LeaseScope.CONNECTION)
        self.deliveries = SqlDeliveries(database)
        self.subscriptions = SqlSubscriptions(database, clock)
        self.people = SqlPeople(database, clock)
        self.doubts = SqlInDoubtCalls(database, clock)
        self.rates = SqlRates(database, clock)
        self.approvals = SqlApprovals(database)
        self.grants = SqlGrants(database, clock)
