"""What the slash command is called where a text of ours is read. Words of people and models are left as they are.

A text is made while a platform's delivery is handled, or while something is told there; whoever begins that says
`called`, once, at the platform's edge."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

AGENT = "/agent"  # the usual name

_name: ContextVar[str] = ContextVar("command_name", default=AGENT)


class CommandName:
    """In an f-string, the name. A constant of a module is made too early to hold it."""

    def __str__(self) -> str:
        return _name.get()

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


SLASH = CommandName()


@contextmanager
def called(name: str) -> Iterator[None]:
    """Within the block, and in tasks that begin there, texts call the command so."""
    token = _name.set(name)
    try:
        yield
    finally:
        _name.reset(token)
