"""Of several doors one holds the gateway, by the lease that every store of ours has."""

from datetime import UTC, datetime, timedelta

import pytest

from threadwork.adapters.discord.inbound.gateway_lease import LEASE_SECONDS, GatewayLease
from threadwork.adapters.memory.leases import MemoryLeases
from threadwork.adapters.memory.state import MemoryState


class Clock:
    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def leases(clock: Clock) -> MemoryLeases:
    state = MemoryState(clock)
    return MemoryLeases(state)


async def test_the_second_stands_by_until_the_first_gives_it_back(leases: MemoryLeases) -> None:
    first, second = GatewayLease(leases, "a"), GatewayLease(leases, "b")
    assert await first.keep()
    assert not await second.keep()
    await first.release()
    assert await second.keep()
    assert not await first.keep()


async def test_a_holder_that_died_is_succeeded_when_its_lease_ran_out(leases: MemoryLeases, clock: Clock) -> None:
    first, second = GatewayLease(leases, "a"), GatewayLease(leases, "b")
    assert await first.keep()
    clock.now += timedelta(seconds=LEASE_SECONDS - 1)
    assert not await second.keep()
    clock.now += timedelta(seconds=2)
    assert await second.keep()


async def test_who_comes_back_too_late_has_lost_it_and_gives_nothing_back(leases: MemoryLeases, clock: Clock) -> None:
    first, second = GatewayLease(leases, "a"), GatewayLease(leases, "b")
    await first.keep()
    clock.now += timedelta(seconds=LEASE_SECONDS + 1)
    await second.keep()
    await first.release()
    assert await second.keep()
    assert not await first.keep()


async def test_while_the_storage_is_away_everybody_stays_what_they_are(leases: MemoryLeases) -> None:
    first, second = GatewayLease(leases, "a"), GatewayLease(leases, "b")
    await first.keep()
    real, leases.lease = leases.lease, _away  # type: ignore[method-assign]
    assert await first.keep()
    assert not await second.keep()
    leases.lease = real  # type: ignore[method-assign]
    assert await first.keep()


async def _away(*given: object) -> None:
    raise OSError("away")
