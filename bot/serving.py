"""Addresses at which the bot process serves."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from threadwork.adapters.setting_kinds import split_address
from threadwork.bot.api.connection_limits import BACKLOG, PatientProtocol
from threadwork.workflows.errors import ThreadworkError


class Server(uvicorn.Server):
    """Signals are the command line's to handle."""

    def capture_signals(self) -> Any:
        return nullcontext()


@asynccontextmanager
async def listening(
    app: ASGIApp, listener: socket.socket, protocol: type[PatientProtocol] = PatientProtocol
) -> AsyncIterator[None]:
    """Serve `app` on an open socket for as long as the block lasts. A peer is who it is, whatever headers say."""
    config = uvicorn.Config(
        app,
        http=protocol,
        backlog=BACKLOG,
        ws="none",
        lifespan="off",
        proxy_headers=False,
        log_config=None,
        log_level="error",  # below, every stranger's broken request is a line
        access_log=False,
        timeout_graceful_shutdown=5,
    )
    server = Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await task


def bound(variable: str, address: str) -> socket.socket:
    """`address`: host:port, as the setting `variable` says. Raises `ThreadworkError` where it cannot be had."""
    host, port = split_address(address)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise ThreadworkError(
            f"Nothing can be served at {address}: {error.strerror}.",
            f"Set {variable} to an address and port that is free.",
        ) from None
