"""Which user of this machine a connection comes from: a proxy here runs as another one."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

from starlette.types import Scope

STATE = "connection"  # in a scope's state: a `Connection`, where the server knows it
TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))  # Linux; elsewhere nobody is told from anybody
ESTABLISHED = "01"  # later its user is no longer shown for certain

Address = tuple[str, int]


@dataclass(frozen=True)
class Connection:
    """Both ends of a TCP connection on this machine."""

    client: Address
    server: Address


def is_another_user(scope: Scope) -> bool:
    """Whether the other end belongs to neither our user nor root, or is gone already. False where it cannot be told."""
    connection = scope.get("state", {}).get(STATE)
    tables = [table for table in TABLES if table.exists()]
    if not isinstance(connection, Connection) or not tables:
        return False
    wanted = _key(connection.client), _key(connection.server)
    users = [user for table in tables for ends, user in _rows(table) if ends == wanted]
    return not users or any(user not in (0, os.geteuid()) for user in users)


def _rows(table: Path) -> Iterator[tuple[tuple[bytes, bytes], int]]:
    """Both ends and the user of what is established."""
    for line in table.read_text(encoding="ascii").splitlines()[1:]:
        _, ours, theirs, state, _, _, _, user, *_ = line.split()
        if state == ESTABLISHED:
            yield (_written(ours), _written(theirs)), int(user)


def _written(end: str) -> bytes:
    """`0100007F:1F90`: the address in words of 32 bits in the machine's own order, and the port."""
    address, port = (bytes.fromhex(part) for part in end.split(":"))
    words = (address[at : at + 4] for at in range(0, len(address), 4))
    network = b"".join(int.from_bytes(word, "big").to_bytes(4, sys.byteorder) for word in words)
    return _whole(ip_address(network)) + port


def _key(end: Address) -> bytes:
    host, port = end
    return _whole(ip_address(host.partition("%")[0])) + port.to_bytes(2, "big")


def _whole(address: IPv4Address | IPv6Address) -> bytes:
    """As IPv6: the kernel writes the same connection in either way."""
    return (b"\0" * 10 + b"\xff\xff" + address.packed) if isinstance(address, IPv4Address) else address.packed
