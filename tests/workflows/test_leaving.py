"""Followers that leave while the database is away."""

from typing import Any

import pytest
from temporalio.client import Client

from tests.worker_harness import WorkerHarness
from threadwork.activities.delivery.notifier import NotifyActivities
from threadwork.activities.delivery.sink_delivery import SinkDelivery
from threadwork.workflows.sinks import Sink


class Away:
    """Leases are given, and cannot be given back."""

    async def lease(self, *_: Any) -> int:
        return 1

    async def release(self, *_: Any) -> None:
        raise ConnectionError


async def test_followers_that_cannot_give_their_leases_back_are_forgotten_all_the_same(temporal: Client) -> None:
    harness = WorkerHarness(temporal, [])
    harness.use(leases=Away())
    notifier = NotifyActivities(harness.dependencies)
    sink_deliveries = [
        SinkDelivery(harness.dependencies, "t", Sink(platform="memory", channel=name)) for name in ("1", "2")
    ]
    for sink_delivery in sink_deliveries:
        assert await sink_delivery._hold(0.0)
    notifier._sink_deliveries = {("t", sink_delivery.sink.key): sink_delivery for sink_delivery in sink_deliveries}
    with pytest.raises(ConnectionError):
        await notifier._leave(sink_deliveries)
    assert notifier._sink_deliveries == {}
