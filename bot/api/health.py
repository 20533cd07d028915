"""Whether the process is alive, and whether what it needs is there."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict

from threadwork.activities.ports import Tasks
from threadwork.workflows.errors import ThreadworkError
from threadwork.workflows.tasks import TaskFilter

CHECK_TIMEOUT = 2.0  # seconds for one dependency

router = APIRouter(tags=["server"])


@dataclass(frozen=True)
class Check:
    """A dependency. `probe` raises when it is away; a sentence that it returns is shown."""

    name: str
    probe: Callable[[], Awaitable[Any]]
    needed: bool = True  # without it the process is not ready


class State(BaseModel):
    state: Literal["ok", "away"]
    needed: bool
    detail: str = ""


class Health(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"alive": True}]})

    alive: bool = True


class Readiness(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"ready": True, "checks": {"database": {"state": "ok", "needed": True, "detail": ""}}}]
        }
    )

    ready: bool
    checks: dict[str, State]


def database_check(tasks: Tasks) -> Check:
    """The cheapest question that only the database can answer."""

    async def probe() -> None:
        await tasks.list(TaskFilter(limit=1))

    return Check("database", probe)


@router.get("/healthz")
async def health() -> Health:
    """The process is alive and answers."""
    return Health()


@router.get("/readyz", responses={503: {"model": Readiness, "description": "A needed service is down."}})
async def readiness(request: Request, answer: Response) -> Readiness:
    """Each dependency with its state."""
    checks: tuple[Check, ...] = request.app.state.site.checks
    states = await asyncio.gather(*(_state(check) for check in checks))
    ready = all(state.state == "ok" or not state.needed for state in states)
    answer.status_code = 200 if ready else 503
    return Readiness(ready=ready, checks={check.name: state for check, state in zip(checks, states, strict=True)})


async def _state(check: Check) -> State:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT):
            said = await check.probe()
    except Exception as error:
        return State(state="away", needed=check.needed, detail=_why(error))
    return State(state="ok", needed=check.needed, detail=said if isinstance(said, str) else "")


def _why(error: Exception) -> str:
    """Strangers may read this: what a driver says, addresses and all, is kept from them."""
    if isinstance(error, ThreadworkError):
        return error.detail
    return f"No answer within {CHECK_TIMEOUT:g} s." if isinstance(error, TimeoutError) else "It does not answer."
