"""TCP ports of this machine."""

import socket
from contextlib import closing

LOOPBACK = "127.0.0.1"


def refusal(port: int, host: str = LOOPBACK) -> str:
    """Why nobody can begin to listen there now; empty when one can."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family)) as caller, closing(socket.socket(family)) as listener:
        caller.settimeout(0.5)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            if caller.connect_ex((host, port)) == 0:
                return "another program listens there"
            listener.bind((host, port))
        except OSError as error:
            return (error.strerror or str(error)).lower()
    return ""


def free_port() -> int:
    """A port nobody listens on, for the moment."""
    with closing(socket.socket()) as listener:
        listener.bind((LOOPBACK, 0))
        return int(listener.getsockname()[1])


class Ports:
    """Hands out ports, none of them twice."""

    def __init__(self) -> None:
        self._given: set[int] = set()

    def usual(self, port: int) -> int:
        """The usual port if it is to be had, else a free one."""
        chosen = port
        while chosen in self._given or refusal(chosen):
            chosen = free_port()
        self._given.add(chosen)
        return chosen
