"""A run that continues as new while its follower is in trouble."""

from itertools import count

import pytest
from temporalio import activity
from temporalio.client import Client

from tests.worker_harness import READ, WorkerHarness, call, done
from threadwork.adapters.memory.model import says
from threadwork.adapters.memory.store import MemoryStore
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.workflows.models import Delta, ModelRequest
from threadwork.workflows.sinks import Sink

pytestmark = pytest.mark.timeout(120)
ITERATIONS = 30


async def test_a_follower_that_cannot_give_its_lease_back_does_not_end_the_run(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, turns, refused = MemoryStore(), count(1), []
    release = store.leases.release

    async def away(task_id: str, sink: str, fence: int) -> None:
        if activity.is_cancelled():
            refused.append(task_id)
            raise ConnectionError("The database is away.")
        await release(task_id, sink, fence)

    def script(request: ModelRequest) -> Delta:
        turn = next(turns)  # another note each time: the same one again and again would ask people
        return done() if turn > ITERATIONS else says("Reading.", call("notes__read", name=f"note {turn}"))

    monkeypatch.setattr(store.leases, "release", away)
    harness = WorkerHarness(client, script, store=store, tools=MemoryToolBox((READ, lambda arguments: "text")))
    async with harness.workers():
        task = await harness.start(sink=Sink(platform="memory", workspace="T1", channel="C1"))
        result = await task.result(90)
    assert result["reason"] == "goal_achieved"
    assert refused, "it must have continued as new"
