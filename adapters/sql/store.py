"""All storage ports on one database."""

from adapters.sql.approvals import SqlApprovals
from adapters.sql.calls import SqlCalls
from adapters.sql.database import Database
from adapters.sql.deliveries import SqlDeliveries
from adapters.sql.event_log import SqlEventLog
from adapters.sql.in_doubt import SqlInDoubtCalls
from adapters.sql.intake import SqlIntake
from adapters.sql.leases import SqlLeases
from adapters.sql.ledger import SqlSpend
from adapters.sql.people import SqlPeople
from adapters.sql.rates import SqlRates
from adapters.sql.runs import SqlRuns
from adapters.sql.subscriptions import SqlSubscriptions
from adapters.sql.tasks import SqlTasks
from adapters.sql.transcript import SqlTranscript
from adapters.sql.views import SqlViews
from workflows.domain.clock import Clock, utc_now


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
        self.deliveries = SqlDeliveries(database)
        self.subscriptions = SqlSubscriptions(database, clock)
        self.people = SqlPeople(database, clock)
        self.doubts = SqlInDoubtCalls(database, clock)
        self.rates = SqlRates(database, clock)
        self.approvals = SqlApprovals(database)
