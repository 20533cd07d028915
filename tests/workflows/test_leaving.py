"""Followers that leave while the database is away."""

from typing import Any

import pytest
from temporalio.client import Client

from activities.delivery.notifier import NotifyActivities
from activities.delivery.sink_delivery import Courier
from tests.stage import Stage
from workflows.sinks import Sink


class Away:
    """Leases are given, and cannot be given back."""

    async def lease(self, *_: Any) -> int:
        return 1

    async def release(self, *_: Any) -> None:
        raise ConnectionError


async def test_followers_that_cannot_give_their_leases_back_are_forgotten_all_the_same(temporal: Client) -> None:
    stage = Stage(temporal, [])
    stage.use(leases=Away())
    notifier = NotifyActivities(stage.dependencies)
    couriers = [Courier(stage.dependencies, "t", Sink(platform="memory", channel=name)) for name in ("1", "2")]
    for courier in couriers:
        assert await courier._hold(0.0)
    notifier._couriers = {("t", courier.sink.key): courier for courier in couriers}
    with pytest.raises(ConnectionError):
        await notifier._leave(couriers)
    assert notifier._couriers == {}
