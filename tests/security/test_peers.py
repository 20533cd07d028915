"""The other end of a connection on this machine, found in the kernel's tables."""

import os
import socket
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from tests.security.doors import caller
from threadwork.bot.api import peer
from threadwork.bot.serving import listening

pytestmark = pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="only Linux has these tables")


async def asked(scope: Scope, receive: Receive, send: Send) -> None:
    said = "another" if peer.is_another_user(Request(scope).scope) else "ours"
    await PlainTextResponse(said)(scope, receive, send)


def listener(host: str) -> socket.socket:
    try:
        if host == "::":  # also for IPv4, whose addresses then look like ::ffff:127.0.0.1
            return socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
        return socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError:
        pytest.skip("there is no IPv6 here")


@pytest.mark.parametrize(
    ("at", "to"), [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]"), ("::", "127.0.0.1"), ("127.0.0.1", "localhost")]
)
async def test_our_own_connection_is_known_as_ours(at: str, to: str, monkeypatch: pytest.MonkeyPatch) -> None:
    listens = listener(at)
    port = listens.getsockname()[1]
    async with listening(asked, listens), caller(f"http://{to}:{port}") as client:
        assert (await client.get("/")).text == "ours"
        user = os.geteuid()
        monkeypatch.setattr(peer.os, "geteuid", lambda: user + 1)
        assert (await client.get("/")).text == ("another" if user else "ours")  # root is let in anywhere


async def test_a_connection_that_is_in_no_table_is_nobodys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listens = listener("127.0.0.1")
    empty = tmp_path / "tcp"
    empty.write_text(
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
    )
    async with listening(asked, listens), caller(f"http://127.0.0.1:{listens.getsockname()[1]}") as client:
        monkeypatch.setattr(peer, "TABLES", (empty,))
        assert (await client.get("/")).text == "another"
        monkeypatch.setattr(peer, "TABLES", (tmp_path / "none",))  # as on macOS: it cannot be told
        assert (await client.get("/")).text == "ours"


def test_who_has_a_connection_is_read_as_the_kernel_writes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
    row = "   1: 0100007F:A2C4 0100007F:1F40 {state} 00000000:00000000 00:00000000 00000000 {user:5}        0 123 1\n"
    table = tmp_path / "tcp"
    ends = peer.Connection(client=("127.0.0.1", 0xA2C4), server=("127.0.0.1", 8000))
    scope = {"state": {peer.STATE: ends}}
    monkeypatch.setattr(peer, "TABLES", (table,))
    for state, user, another in (
        ("01", os.geteuid(), False),
        ("01", 0, False),
        ("01", os.geteuid() + 1, True),
        ("06", 0, True),
    ):
        table.write_text(head + row.format(state=state, user=user))
        assert peer.is_another_user(scope) == another, (state, user)
