"""`python -m tests.chaos.storm --minutes M --seed S`: bots, workers and servers as real processes in a storm of faults
that the seed draws; then a calm, and what must hold. The exit code is 1 where something does not."""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy.exc import OperationalError
from temporalio.client import Client, WorkflowExecutionStatus

from tests.chaos.storm.checks import Aftermath, Result, check
from tests.chaos.storm.ground import Processes
from tests.chaos.storm.model import StormModel
from tests.chaos.storm.people import Crowd
from tests.chaos.storm.screen import CHANNELS, Screen
from tests.chaos.storm.weather import Weather
from tests.fake_slack.client import FakeSlack
from tests.fake_slack.process import running_slack
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.store import SqlStore

SETTLE = 600.0  # seconds in which all is to be well again; machines may be slow
ORDERS = 0.75  # of the storm, in which tasks are ordered
LAND = 25.0  # seconds in which what was sent may still land


async def main(minutes: float, seed: int, many: int) -> bool:
    folder = Path(tempfile.mkdtemp(prefix=f"storm-{seed}-"))
    print(f"Storm {seed}: {minutes:g} minutes, {many} tasks; everything is kept in {folder}", flush=True)
    with running_slack() as slack, StormModel(log=folder / "model.log", seed=seed) as model:
        slack.begin(profile="slack", retry_gap=2.0)
        processes = Processes(folder, slack, model)
        try:
            return await _storm(minutes * 60, seed, many, processes, slack, model)
        finally:
            await processes.close()


async def _storm(
    seconds: float, seed: int, many: int, processes: Processes, slack: FakeSlack, model: StormModel
) -> bool:
    await processes.start_all()
    database = Database(processes.url)
    screen = Screen(SqlStore(database), slack)
    crowd, weather = Crowd(screen, seed), Weather(seed, processes, slack, model)
    began = time.monotonic()
    async with screen.looking():
        ordering = asyncio.create_task(crowd.order_all(many, seconds * ORDERS))
        meeting = asyncio.create_task(_meet(crowd))
        await weather.storm(seconds)
        print(f"The storm is over after {sum(weather.faults.values())} faults; it settles.", flush=True)
        over = time.monotonic()
        left = Aftermath(screen, crowd, model, database, [])
        results = await _settled(left, ordering, processes)
        settled = time.monotonic() - over
        for task in (ordering, meeting):
            task.cancel()
        await crowd.leave()
    await database.close()
    summary = {
        "seed": seed,
        "seconds": round(over - began),
        "settled_after": round(settled),
        "tasks": len(screen.tasks),
        "ended": {status: n for status in ENDS if (n := sum(t.status == status for t in screen.tasks.values()))},
        "faults": dict(sorted(weather.faults.items())),
        "clicks": len(crowd.clicks),
        "acknowledged": sum(click.acked for click in crowd.clicks),
        "destructive": len(left.ran),
        "outcomes_unknown": sum(
            event.data.get("outcome") == "unknown" for events in left.events.values() for event in events
        ),
        "answers": len(model.answered),
        "events": sum(map(len, left.events.values())),
        "wrong": {result.name: result.wrong for result in results if result.wrong},
    }
    _keep(processes.folder, slack)
    _tell(results, summary, processes.folder)
    return not summary["wrong"]


ENDS = ("completed", "failed", "cancelled")


async def _meet(crowd: Crowd) -> None:
    while True:
        crowd.meet()
        await asyncio.sleep(1)


async def _settled(left: Aftermath, ordering: "asyncio.Task[None]", processes: Processes) -> list[Result]:
    """As soon as nothing is wrong any more, or when the time is up."""
    until, calm = time.monotonic() + SETTLE, time.monotonic() + LAND
    client = await Client.connect(processes.temporal)
    while True:
        await asyncio.sleep(3)
        is_late = time.monotonic() > until
        is_over = ordering.done() and not left.crowd.waiting() and time.monotonic() > calm
        if not is_over and not is_late:
            continue
        left.ran = processes.ran.read_text().split()
        try:
            results = [*await check(left), Result("each workflow is closed", await _open(client, left))]
        except OperationalError:
            continue
        if is_late:
            results.append(Result("everybody was done in time", left.crowd.waiting()))
        if is_late or not any(result.wrong for result in results):
            return results


async def _open(client: Client, left: Aftermath) -> list[str]:
    found = []
    for task_id in left.sight.tasks:
        described = await client.get_workflow_handle(task_id).describe()
        if described.status is WorkflowExecutionStatus.RUNNING:
            found.append(f"{task_id} still runs")
    return found


def _keep(folder: Path, slack: FakeSlack) -> None:
    """What stood in Slack, and how it came there."""
    messages = [one.model_dump() for channel in CHANNELS for one in slack.messages(channel)]
    kept = {"messages": messages, "calls": [call.model_dump() for call in slack.calls()]}
    (folder / "slack.json").write_text(json.dumps(kept, indent=1))


def _tell(results: list[Result], summary: dict[str, object], folder: Path) -> None:
    for name, wrong in results:
        print(f"{'FAILS' if wrong else 'holds':6} {name}")
        for line in wrong[:10]:
            print(f"         {line}")
    (folder / "summary.json").write_text(json.dumps(summary, indent=2))
    print(json.dumps(summary))
    print(f"Logs, database, faults and what the model said: {folder}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.storm", description=__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--tasks", type=int, default=50)
    given = parser.parse_args()
    sys.exit(0 if asyncio.run(main(given.minutes, given.seed, given.tasks)) else 1)
