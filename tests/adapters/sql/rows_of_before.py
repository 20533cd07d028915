"""Writes what a version without a table of sinks left, on the code that `PYTHONPATH` leads to.

`python -P` with this file, the URL of a database and the seconds that a lease lasts. Prints the id of the task."""

import asyncio
import sys

from activities.delivery.delivery_record import DEAD, ROOT, TOLD, DeliveryRecord
from adapters.sql.database import Database
from adapters.sql.migrate import migrate
from adapters.sql.store import SqlStore
from adapters.sql.turns import SqlTurns
from workflows.sinks import Sink
from workflows.tasks import Command, RunOrder, TaskOrder
from workflows.values import Principal

THREAD = Sink(platform="slack", workspace="T1", channel="C1")
CHANNEL = Sink(platform="slack", workspace="T1", channel="C2", kinds=("failed",))
MENDED = Sink(platform="slack", workspace="T1", channel="C3", kinds=("failed",))


async def write(url: str, seconds: float) -> None:
    database = Database(url)
    store = SqlStore(database)
    by = Principal(platform="slack", workspace="T1", user_id="U1")
    order = RunOrder(order=TaskOrder(goal="Tidy up", by=by, sink=THREAD))
    task = (await store.intake.store(Command(platform="slack", platform_id="1", by=by, action=order))).task_id
    for sink in (THREAD, CHANNEL, MENDED):
        fence = await store.leases.lease(task, sink.key, "worker", seconds)
        assert fence == 1
        record = DeliveryRecord(store.deliveries, store.doubts, task, sink, fence)
        await record.load()
        for message_id in ("17.1", "17.2", "17.3"):
            await record.intend(ROOT, None)
            await record.write(ROOT, state="posted", message_id=message_id, content_hash=message_id, rendered_seq=3)
            if sink is THREAD and message_id != "17.3":
                await record.forget_message(ROOT)
        await record.write(DEAD, state="dead", content_hash=f"{sink.channel}:16.9", rendered_seq=7)
        if sink is not CHANNEL:
            await record.write(TOLD, state="dead")
        if sink is MENDED:
            for key in (TOLD, DEAD):
                await record.write(key, state="deleted")
    assert await store.leases.lease("discord", "gateway", "bot", seconds) == 1
    assert await SqlTurns(database, "slack").first("command:1")
    await database.close()
    print(task)


if __name__ == "__main__":
    migrate(sys.argv[1])
    asyncio.run(write(sys.argv[1], float(sys.argv[2])))
