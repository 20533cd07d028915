"""What handlers, the API and the chat platforms' connections work with."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from threadwork.activities.null_chat import NullChannels
from threadwork.activities.ports.accounts import Directory, People
from threadwork.activities.ports.catalog import Catalog
from threadwork.activities.ports.chat import Channels
from threadwork.activities.ports.delivery import Delivered, Subscriptions
from threadwork.activities.ports.event_bus import EventBus
from threadwork.activities.ports.storage import Approvals, EventLog, Grants, IntakeLog, Spend, Tasks, Transcript, Views
from threadwork.bot.directories import Directories


class Storage(Protocol):
    """The ports that every store of ours has, under these names."""

    @property
    def tasks(self) -> Tasks: ...

    @property
    def intake(self) -> IntakeLog: ...

    @property
    def transcript(self) -> Transcript: ...

    @property
    def events(self) -> EventLog: ...

    @property
    def views(self) -> Views: ...

    @property
    def approvals(self) -> Approvals: ...

    @property
    def grants(self) -> Grants: ...

    @property
    def deliveries(self) -> Delivered: ...

    @property
    def spend(self) -> Spend: ...

    @property
    def subscriptions(self) -> Subscriptions: ...

    @property
    def people(self) -> People: ...


def nobody() -> None:
    """Nobody is woken: what is written down waits for the next look."""


@dataclass(frozen=True)
class BotDependencies:
    """Ports, and how to make the take-up look at once."""

    tasks: Tasks
    intake: IntakeLog
    transcript: Transcript
    events: EventLog
    views: Views
    approvals: Approvals
    grants: Grants
    deliveries: Delivered
    spend: Spend
    subscriptions: Subscriptions
    people: People
    catalog: Catalog
    bus: EventBus
    directory: Directory
    channels: Channels = field(default_factory=NullChannels)
    wake_intake: Callable[[], None] = nobody  # IntakeWorker.wake_intake: a command was just written down

    @classmethod
    def on(
        cls,
        store: Storage,
        catalog: Catalog,
        bus: EventBus,
        wake_intake: Callable[[], None] = nobody,
        directory: Directory | None = None,
        channels: Channels | None = None,
    ) -> "BotDependencies":
        """With a store that has its ports under the usual names.

        Without a `directory` no platform is asked; accounts that belong together do so all the same. Without
        `channels` nobody knows who may read which."""
        return cls(
            tasks=store.tasks,
            intake=store.intake,
            transcript=store.transcript,
            events=store.events,
            views=store.views,
            approvals=store.approvals,
            grants=store.grants,
            deliveries=store.deliveries,
            spend=store.spend,
            subscriptions=store.subscriptions,
            people=store.people,
            catalog=catalog,
            bus=bus,
            wake_intake=wake_intake,
            directory=directory or Directories({}, store.people),
            channels=channels or NullChannels(),
        )
