"""The HTTP API, called with whatever its own description allows and forbids: never an error of the server's."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from requests import Request
from schemathesis import GenerationMode

from tests.fake_run import Front
from threadwork.bot.api.app import create_app
from threadwork.bot.intake.worker import intake_running

BASE = "http://localhost:8000"
FRONT = Front()
APP = create_app(FRONT.ports)
SCHEMA = schemathesis.openapi.from_dict(APP.openapi())
OPERATIONS = {found.label: found for found in (result.ok() for result in SCHEMA.get_all_operations())}
STREAMS = {"GET /api/tasks/{task_id}/events"}  # answers for as long as the task lives


class AppHarness:
    """One loop in which the app, its take-up and all calls live."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self.task_id = self._runner.run(self._begin())

    async def _begin(self) -> str:
        self._taking = intake_running(FRONT.intake_worker)
        await self._taking.__aenter__()
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(APP, client=("127.0.0.1", 5000)), base_url=BASE)
        return str((await self._client.post("/api/tasks", json={"goal": "Look."})).json()["task_id"])

    def close(self) -> None:
        self._runner.run(self._client.aclose())
        self._runner.run(self._taking.__aexit__(None, None, None))
        self._runner.close()

    def send(self, made: Any, limit: float) -> int | None:
        """The status; None: it still answered after so many seconds."""
        asked = httpx.Request(made.method, made.url, headers=dict(made.headers), content=made.body or b"")
        return self._runner.run(self._send(asked, limit))

    async def _send(self, asked: httpx.Request, limit: float) -> int | None:
        try:
            async with asyncio.timeout(limit):
                return (await self._client.send(asked)).status_code
        except TimeoutError:
            return None


@pytest.fixture(scope="module")
def app() -> Iterator[AppHarness]:
    app = AppHarness()
    yield app
    app.close()


def call(app: AppHarness, operation: str, case: Any, real: bool) -> None:
    if real and "task_id" in case.path_parameters:
        case.path_parameters["task_id"] = app.task_id
    made = Request(**case.as_transport_kwargs(base_url=BASE)).prepare()
    status = app.send(made, 0.1 if operation in STREAMS else 10)
    assert operation in STREAMS if status is None else status < 500, (status, made.url, made.body)


# Forbidden ones are made for bodies: of a path or a header hardly anything is, and trying takes long.
WRONG = [label for label, found in OPERATIONS.items() if "requestBody" in found.definition.raw]


@pytest.mark.parametrize(
    ("operation", "mode"),
    [*((one, GenerationMode.POSITIVE) for one in OPERATIONS), *((one, GenerationMode.NEGATIVE) for one in WRONG)],
    ids=[*(f"allowed {one}" for one in OPERATIONS), *(f"forbidden {one}" for one in WRONG)],
)
def test_no_request_that_can_be_made_of_the_description_is_an_error_of_the_server(
    app: AppHarness, operation: str, mode: GenerationMode
) -> None:
    cases = OPERATIONS[operation].as_strategy(generation_mode=mode)

    @settings(max_examples=3 if mode is GenerationMode.NEGATIVE else 5, suppress_health_check=list(HealthCheck))
    @given(case=cases, real=st.booleans())
    def check(case: Any, real: bool) -> None:
        call(app, operation, case, real)

    check()
