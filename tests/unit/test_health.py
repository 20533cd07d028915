"""Alive, and ready."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.fake_run import Front
from threadwork.bot.api import health
from threadwork.bot.api.app import create_app
from threadwork.bot.api.health import Check, database_check
from threadwork.bot.api.site import Site
from threadwork.bot.gateway import TemporalUnavailable


async def ask(path: str, *checks: Check) -> httpx.Response:
    app = create_app(Front().ports, Site(checks=checks))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://probe") as client:
        return await client.get(path)


async def fine() -> str:
    return "2 workers listen."


async def away() -> None:
    raise ConnectionError("postgresql://user:hunter2@db refused")


async def temporal_away() -> None:
    raise TemporalUnavailable("Temporal does not answer.")


async def hanging() -> None:
    await asyncio.sleep(60)


async def test_alive_as_long_as_it_answers() -> None:
    answer = await ask("/healthz", Check("database", away))
    assert (answer.status_code, answer.json()) == (200, {"alive": True})


async def test_ready_when_all_that_is_needed_is_there() -> None:
    answer = await ask("/readyz", Check("database", fine), Check("redis", away, needed=False))
    assert answer.status_code == 200
    assert answer.json()["checks"] == {
        "database": {"state": "ok", "needed": True, "detail": "2 workers listen."},
        "redis": {"state": "away", "needed": False, "detail": "It does not answer."},
    }


async def test_not_ready_when_something_needed_is_away() -> None:
    answer = await ask("/readyz", Check("database", fine), Check("temporal", temporal_away))
    assert answer.status_code == 503
    assert answer.json()["ready"] is False
    assert answer.json()["checks"]["temporal"]["detail"] == "Temporal does not answer."


async def test_what_a_driver_says_is_not_told_to_strangers() -> None:
    assert "hunter2" not in (await ask("/readyz", Check("database", away))).text


async def test_a_dependency_that_hangs_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "CHECK_TIMEOUT", 0.05)
    answer = await asyncio.wait_for(ask("/readyz", Check("database", hanging), Check("temporal", fine)), 2)
    states: dict[str, Any] = answer.json()["checks"]
    assert (states["database"]["state"], states["temporal"]["state"]) == ("away", "ok")


async def test_the_database_is_asked() -> None:
    assert (await ask("/readyz", database_check(Front().store.tasks))).status_code == 200
