"""The modules of a platform's folder, found by the name of its row.

They are imported only where they are needed: the SDKs take long."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from importlib import import_module
from typing import Any, Protocol

from threadwork.activities.ports.accounts import Groups
from threadwork.activities.ports.chat import Channels, ChatAdapter
from threadwork.activities.ports.delivery import Rates
from threadwork.adapters.chat.wiring import Connection, DoctorContext, Wiring
from threadwork.workflows.access import Workspace
from threadwork.workflows.check_results import CheckResult
from threadwork.workflows.inbound import ChatReceiver, ChatViews


class PlatformWiring(Protocol):
    """`adapters/<name>/wiring.py`."""

    def open_chat(self, wiring: Wiring[Any]) -> AbstractAsyncContextManager[tuple[ChatAdapter, Groups]]:
        """Cards go out by the first; the second knows the groups, and what people are there."""

    def open_directory(self, wiring: Wiring[Any]) -> AbstractAsyncContextManager[Groups]: ...

    def open_channels(self, wiring: Wiring[Any]) -> AbstractAsyncContextManager[Channels]:
        """Who may read which channels."""

    def open_connection(
        self, wiring: Wiring[Any], receiver: ChatReceiver, views: ChatViews, rates: Rates
    ) -> AbstractAsyncContextManager[Connection]:
        """People come in by it. `rates`: tokens shared with the workers.

        There may be several bots. Either one alone is connected, by a lease (`wiring.store.connections`), or all are:
        what they store under one key counts once, and `SqlTurns` says which of them answers the person."""


class PlatformDoctor(Protocol):
    """`adapters/<name>/doctor.py`."""

    def check(self, context: DoctorContext[Any], channel: str) -> AsyncIterator[CheckResult]:
        """For `doctor`. `channel`: one to be looked at, too; empty: none."""

    async def workspaces(self, context: DoctorContext[Any]) -> list[Workspace]:
        """Those that the bot is in, as far as the platform tells."""


def wiring_of(platform: str) -> PlatformWiring:
    """By the name of its row."""
    module: Any = import_module(f"threadwork.adapters.{platform}.wiring")
    return module  # type: ignore[no-any-return]


def doctor_of(platform: str) -> PlatformDoctor:
    """By the name of its row."""
    module: Any = import_module(f"threadwork.adapters.{platform}.doctor")
    return module  # type: ignore[no-any-return]
