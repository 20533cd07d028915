"""TCP ports of this machine."""

import os
import socket
from contextlib import closing
from pathlib import Path
from tempfile import gettempdir
from typing import TextIO

from threadwork.bot.embedded.home import private

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
    """Hands out ports, none of them twice: not here, and not in another stack that starts at the same time.

    Until its server listens, nobody can see that a port is spoken for, so each one given out is also a locked file
    for others of this user to see, until `close`."""

    def __init__(self) -> None:
        self._claims: dict[int, TextIO] = {}

    def usual(self, port: int) -> int:
        """The usual port if it is to be had, else a free one. Raises OSError where there is no temporary folder."""
        chosen = port
        while refusal(chosen) or not self._claim(chosen):
            chosen = free_port()
        return chosen

    def close(self) -> None:
        """Let others have the ports again."""
        for file in self._claims.values():
            file.close()
        self._claims.clear()

    def _claim(self, port: int) -> bool:
        import fcntl

        folder = Path(gettempdir()) / f"threadwork-ports-{os.geteuid()}"
        private(folder)
        file = (folder / str(port)).open("a")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._claims[port] = file
        return True
