"""What the activities are given."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from threadwork.activities.null_chat import NullAttempts, NullChannels
from threadwork.activities.ports.accounts import Directory
from threadwork.activities.ports.catalog import Catalog
from threadwork.activities.ports.chat import Channels, ChatAdapter
from threadwork.activities.ports.delivery import Deliveries, InDoubtCalls, Leases, Rates, Subscriptions
from threadwork.activities.ports.event_bus import EventBus
from threadwork.activities.ports.models import Attempts, FileReader, Model
from threadwork.activities.ports.storage import Calls, EventLog, Grants, Runs, Spend, Tasks, Transcript, Views
from threadwork.activities.ports.tools import ToolBox


@dataclass(frozen=True, kw_only=True)
class ActivityDependencies:
    """Every port the activities use, as `bot.bootstrap` wires them and tests override them."""

    runs: Runs
    events: EventLog
    transcript: Transcript
    calls: Calls
    spend: Spend
    tasks: Tasks
    views: Views
    grants: Grants
    deliveries: Deliveries
    subscriptions: Subscriptions
    leases: Leases
    doubts: InDoubtCalls
    rates: Rates
    bus: EventBus
    model: Model
    tools: ToolBox
    files: FileReader
    catalog: Catalog
    directory: Directory
    channels: Channels = field(default_factory=NullChannels)
    attempts: Attempts = field(default_factory=NullAttempts)
    timezone: str = "UTC"  # in which agents are told the date
    own_queue: str | None = None  # of this worker alone, where calls go on that it holds open
    chats: Mapping[str, ChatAdapter] = field(default_factory=dict)  # by platform
    commands: Mapping[str, str] = field(default_factory=dict)  # by platform: what the slash command is called there
