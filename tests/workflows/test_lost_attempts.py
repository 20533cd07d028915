"""A worker that is lost in a summary, or as another model takes over: nothing is forgotten, nothing done twice."""

from contextvars import ContextVar
from itertools import count
from typing import Any

import pytest
from temporalio.client import Client

from tests.worker_harness import READ, WRITE, WorkerHarness, agent, call, done
from tests.workflows.test_memory import Small
from threadwork.activities.model_calls.llm import ModelCall
from threadwork.adapters.memory.model import MemoryModel, says
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.workflows import crash_points
from threadwork.workflows.agents import BudgetSpec, ToolPolicy
from threadwork.workflows.call_requests import LLMRequest
from threadwork.workflows.errors import ModelError
from threadwork.workflows.models import Delta, ModelRequest

FREE = {"tools": ToolPolicy(allow=("notes.*",)), "budget": BudgetSpec(usd=None, tokens=None, iterations=40)}
POINTS = ("model_claimed", "model_answered", "model_recorded")


class Lost(Exception):
    """What Temporal sees of an attempt whose worker is gone."""


@pytest.fixture
def lose(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Loses one attempt, at a point of the first call for which something holds."""
    asked: ContextVar[LLMRequest | None] = ContextVar("asked", default=None)
    make = ModelCall.make

    async def noting(self: ModelCall) -> Any:
        asked.set(self._request)
        return await make(self)

    def install(point: str, **fields: str) -> list[str]:
        lost: list[str] = []

        def reached(name: str) -> None:
            request = asked.get()
            if name == point and request and not lost and fields.items() <= dict(request).items():
                lost.append(name)
                raise Lost(name)

        monkeypatch.setattr(ModelCall, "make", noting)
        monkeypatch.setattr(crash_points, "reached", reached)
        return lost

    return install


def _script() -> Any:
    turns = count(1)

    def script(request: ModelRequest) -> Delta:
        turn = next(turns)
        if turn == 1:
            return says("First.", call("notes__write", name="invoice-1"))
        return done() if turn == 14 else says(f"Turn {turn}.", call("notes__read", name=f"note {turn}"))

    return script


def _tools() -> MemoryToolBox:
    return MemoryToolBox((READ, lambda a: "A note of no interest. " * 30), (WRITE, lambda a: f"wrote {a['name']}"))


@pytest.mark.parametrize("point", POINTS)
async def test_a_worker_that_is_lost_in_a_summary_neither_forgets_nor_repeats(
    temporal: Client, lose: Any, point: str
) -> None:
    model, tools = Small(_script(), 3_000), _tools()
    lost = lose(point, purpose="compact")
    harness = WorkerHarness(temporal, model, tools=tools, agent=agent(**FREE))
    async with harness.workers():
        task = await harness.start()
        result = await task.result()
    assert lost == [point]
    assert result["reason"] == "goal_achieved"
    events = await task.events()
    compacted = [e.data for e in events if e.type == "context.compacted"]
    assert [c["since"] for c in compacted] == sorted({c["since"] for c in compacted}), "each part is taken once"
    assert compacted[-1]["kept"]["effects"] == 1
    summaries = sum(not request.tools for request in model.requests)
    told = sum(c.get("pieces", 1) for c in compacted)
    assert summaries == told + (point == "model_answered"), "only an answer that nobody wrote down is asked for again"
    assert [name for name, _ in tools.calls].count("notes.write") == 1
    assert "invoice-1" in str(model.requests[-1].messages)


@pytest.mark.parametrize("point", POINTS)
async def test_a_worker_that_is_lost_as_another_model_takes_over_changes_nothing(
    temporal: Client, lose: Any, point: str
) -> None:
    turns: list[str] = []

    def script(request: ModelRequest) -> Delta | Exception:
        turns.append(request.model)
        if request.model == "second":
            return done() if "wrote c" in str(request.messages) else says("", call("notes__write", name="c"))
        return ModelError("The key was refused.") if len(turns) > 1 else says("", call("notes__write", name="a"))

    tools = _tools()
    lost = lose(point, model="second")
    spec = agent(**FREE, model="first", fallback_models=("second",))
    harness = WorkerHarness(temporal, MemoryModel(script), tools=tools, agent=spec)
    async with harness.workers():
        task = await harness.start()
        result = await task.result()
    assert lost == [point]
    assert result["reason"] == "goal_achieved"
    assert turns == ["first", "first", *["second"] * (2 + (point == "model_answered"))]
    assert [arguments["name"] for _, arguments in tools.calls] == ["a", "c"]
    started = [e.data for e in await task.events() if e.type == "llm_call.started"]
    assert [data["model"] for data in started] == ["first", "first", "second", "second"]
    assert [bool(data.get("because")) for data in started] == [False, False, True, False], "told once"
