"""What the activities are given."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from threadwork.activities.null_chat import NullAttempts, NullChannels
from threadwork.activities.ports import (
    Attempts,
    Calls,
    Catalog,
    Channels,
    ChatAdapter,
    Deliveries,
    Directory,
    Doubts,
    EventBus,
    EventLog,
    FileReader,
    Leases,
    Model,
    Rates,
    Runs,
    Spend,
    Subscriptions,
    Tasks,
    ToolBox,
    Transcript,
    Views,
)


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
    deliveries: Deliveries
    subscriptions: Subscriptions
    leases: Leases
    doubts: Doubts
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
