"""What the `wiring.py` and the `doctor.py` of a platform are given, and what they give back."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from fastapi import APIRouter
from pydantic import BaseModel

from threadwork.adapters.sealed_text import Seal
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.store import SqlStore
from threadwork.workflows.sinks import Sink
from threadwork.workflows.values import Principal

S_co = TypeVar("S_co", bound=BaseModel, covariant=True)


@dataclass(frozen=True)
class Wiring(Generic[S_co]):
    """What a platform is wired to."""

    settings: S_co  # its own are among them
    database: Database
    store: SqlStore
    seal: Seal  # for secrets that it keeps in the database
    link: Callable[[str], str]  # address of a task in Temporal's pages; empty where they are not known


@dataclass(frozen=True)
class Connection:
    """What a platform's connection adds to the bot's HTTP server."""

    router: APIRouter
    probe: Callable[[], Awaitable[None]]  # for /readyz: raises while it is away


@dataclass(frozen=True)
class DoctorContext(Generic[S_co]):
    """What the checks of a platform may look into."""

    settings: S_co  # its own are among them
    database: str  # its URL, password included
    seal: Seal
    subscribed: Callable[[], Awaitable[Sequence[Sink]]]  # its channels that are told of tasks elsewhere
    people: Callable[[], Awaitable[Mapping[str, Principal]]]  # its people whom we know, by account
