"""How many calls of its platform a task costs, by method: numbers, no times. The same tasks on Slack and Discord."""

import asyncio
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from temporalio.client import Client

from tests import discord_harness, slack_harness
from tests.fake_discord.client import FakeDiscord
from tests.fake_discord.process import running_discord
from tests.fake_slack.client import FakeSlack
from tests.fake_slack.process import running_slack
from tests.worker_harness import ANN, Actor, call, done
from threadwork.adapters.memory.model import says
from threadwork.workflows.models import Delta, ModelRequest
from threadwork.workflows.values import Principal

LINES = 10  # of people, while the task waits for an approval
QUIET = 3.0  # seconds after the end in which reactions still come
ONCE = ("auth.", "apps.", "users.", "conversations.info", "conversations.members", "get_my_user", "get_gateway")
IN_DISCORD = Principal(platform="discord", workspace="500", user_id=discord_harness.ANN, name="Ann")


class Job(NamedTuple):
    """What a model does: a turn for each of its answers so far, then the end. `lines`: of people, at the approval."""

    turns: tuple[Callable[[], Delta], ...] = ()
    approvals: int = 0
    lines: int = 0


def _plan(done_: int) -> Delta:
    items = [{"text": f"Step {n}", "state": "done" if n < done_ else "todo"} for n in range(50)]
    return says("", call("update_plan", items=items))


def _call(tool: str, number: int) -> Delta:
    return says("", call(f"notes__{tool}", name=f"note {number}"))


JOBS: dict[str, Job] = {
    "short": Job(),
    "20 tool calls": Job(tuple(partial(_call, "read", n) for n in range(20))),
    "plan of 50": Job(tuple(partial(_plan, n) for n in range(0, 51, 10))),
    "3 approvals": Job(tuple(partial(_call, "write", n) for n in range(3)), approvals=3),
    f"{LINES} lines of people": Job((partial(_call, "write", 1),), approvals=1, lines=LINES),
}


# In all, by platform, while each line of people was still acknowledged by a message.
BEFORE: dict[str, dict[str, int]] = {
    "Slack": dict(zip(JOBS, (6, 6, 6, 17, 21), strict=True)),
    "Discord": dict(zip(JOBS, (10, 10, 10, 21, 21), strict=True)),
}


def model(request: ModelRequest) -> Delta:
    goal = next(str(message["content"]) for message in request.messages if message["role"] == "user")
    job = next(job for name, job in JOBS.items() if name in goal)
    said = sum(message["role"] == "assistant" for message in request.messages)
    return job.turns[said]() if said < len(job.turns) else done("Ready.")


async def in_slack(client: Client, slack: FakeSlack, folder: Path, names: tuple[str, ...]) -> dict[str, Counter[str]]:
    """Calls of each task, by method."""
    app = slack_harness.AppHarness(client, slack, folder, model)

    async def say(task: Actor, number: int) -> None:
        (root,) = [one.ts for one in slack.messages("C1") if task.task_id in str(one.metadata) and not one.thread_ts]
        await slack.say(f"U{1 + number % 3}", "C1", f"Line {number}.", thread_ts=root)

    async def order(goal: str) -> None:
        await slack.slash("U1", "C1", "/agent", f"run {goal}")

    return await _counted(app, order, say, ANN, lambda: [one.method for one in slack.calls()], names)


async def in_discord(
    client: Client, discord: FakeDiscord, folder: Path, names: tuple[str, ...]
) -> dict[str, Counter[str]]:
    """Calls of each task, by method."""
    app = discord_harness.AppHarness(client, discord, folder, model)
    people = (discord_harness.ANN, discord_harness.BOB, discord_harness.CID)

    async def say(task: Actor, number: int) -> None:
        (root,) = [one.id for one in discord.messages("101") if f"{task.task_id}%2Fstatus%2F0" in str(one.embeds)]
        await discord.say(people[number % 3], root, f"Line {number}.")

    async def order(goal: str) -> None:
        await discord.slash(people[0], "101", "agent run", {"goal": goal})

    return await _counted(app, order, say, IN_DISCORD, lambda: [one.method for one in discord.calls()], names)


async def _counted(
    app: Any, order: Any, say: Any, by: Principal, calls: Callable[[], list[str]], names: tuple[str, ...]
) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    async with app.open():
        for number, name in enumerate(names, 1):
            before = len(await asyncio.to_thread(calls))
            await order(name)
            await _play(app, JOBS[name], number, say, by)
            await asyncio.sleep(QUIET)
            made = (await asyncio.to_thread(calls))[before:]
            found[name] = Counter(method for method in made if not method.startswith(ONCE))
    return found


async def _play(app: Any, job: Job, number: int, say: Any, by: Principal) -> None:
    async with asyncio.timeout(20):
        while len(tasks := await app.tasks()) < number:
            await asyncio.sleep(0.05)
    task = tasks[-1]
    for nth in range(1, job.approvals + 1):
        asked = await task.happened("human_approval.requested", nth)
        await asyncio.sleep(1)  # a person looks; the card stands by then
        for line in range(job.lines):
            await say(task, line)
            await asyncio.sleep(0.3)
        if job.lines:
            await task.happened("follow_up.received", job.lines)
        await task.decide(asked, "approve", by=by)
    await task.happened("workflow.completed", within=60)
    await task.result()


async def chat_calls(client: Client, folder: Path) -> None:
    print(
        "\n## Calls of the platform a task\n\n| platform | task | in all | before | by method |\n|---|---|---|---|---|"
    )
    with running_slack() as slack, running_discord() as discord:
        (folder / "slack-calls").mkdir()
        (folder / "discord-calls").mkdir()
        slack.begin(profile="slack")
        discord.begin(profile="discord")
        _told("Slack", await in_slack(client, slack, folder / "slack-calls", tuple(JOBS)))
        _told("Discord", await in_discord(client, discord, folder / "discord-calls", tuple(JOBS)))


def _told(platform: str, found: dict[str, Counter[str]]) -> None:
    for name, made in found.items():
        methods = ", ".join(f"{method} {many}" for method, many in sorted(made.items()))
        print(f"| {platform} | {name} | {made.total()} | {BEFORE[platform][name]} | {methods} |", flush=True)
