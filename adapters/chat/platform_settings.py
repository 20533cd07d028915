"""What a platform's settings come to: each platform has its variables, and these rules, in its `settings.py`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from threadwork.workflows.slash_name import AGENT

S = TypeVar("S", bound=BaseModel)


def _none(settings: Any) -> tuple[str, ...]:
    return ()


def _no(settings: Any) -> bool:
    return False


def _nothing(*asked: Any) -> str:
    return ""


def _usual(settings: Any) -> str:
    return AGENT


@dataclass(frozen=True, kw_only=True)
class SettingsRules(Generic[S]):
    """Each is asked of all settings, and reads those of its platform."""

    connected: Callable[[S], bool]  # there are credentials for it
    misfits: Callable[[S], Iterable[str]] = _none  # sentences on what excludes each other, or is of no use alone
    several: Callable[[S], bool] = _no  # workspaces join by themselves: of one alone nobody knows that it stays so
    why_public: Callable[[S], str] = _nothing  # why the internet must reach us for it; empty: it need not
    command: Callable[[S], str] = _usual  # what the slash command is called there
    entrance: Callable[[S, str], str] = _nothing  # how people come in, for `up`, by where we serve; empty: not told


def rules_of(platform: str) -> SettingsRules[Any]:
    """By the name of its row."""
    module: Any = import_module(f"threadwork.adapters.{platform}.settings")
    return module.RULES  # type: ignore[no-any-return]
