"""A process that holds the gateway's lease until it is killed. Its arguments: the database, and the lease's seconds."""

import asyncio
import sys

from threadwork.adapters.discord.inbound.gateway_lease import GatewayLease
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.store import SqlStore


async def hold(url: str, seconds: float) -> None:
    lease = GatewayLease(SqlStore(Database(url)).connections, "the process", seconds)
    assert await lease.keep()
    print("held", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(hold(sys.argv[1], float(sys.argv[2])))
