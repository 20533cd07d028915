"""The worker is killed at every point that matters; what is left behind equals an undisturbed run's."""

import asyncio
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from temporalio.client import Client

from tests.chaos.crash_harness import CrashHarness, dies
from tests.chat_platform.client import ChatPlatform
from tests.worker_harness import ANN
from threadwork.bot.embedded.ports_in_use import free_port

pytestmark = pytest.mark.timeout(400)

POINTS = [
    "model_claimed:2",
    "model_answered:2",
    "model_recorded:2",
    "tool_claimed:4",  # the first call that writes
    "tool_ran:4",
    "tool_recorded:4",
    "tool_ran:1",  # one of two reads side by side
    "part_posted:1",  # the root of the thread
    "part_posted:2",  # a card under it
    "events_stored:4",
    "before_continue_as_new",
    "after_continue_as_new",
    "woken_run_loading",
]
INTERRUPTED_WRITES = ("tool_claimed:4", "tool_ran:4")
MODEL_ATTEMPTS_LOST = ("model_claimed:2", "model_answered:2")


async def play(client: Client, platform: ChatPlatform, folder: Path, crash_at: str | None) -> SimpleNamespace:
    """The whole story, with a reply after the end; a second worker takes over where the first was killed."""
    harness = CrashHarness(client, platform, folder)
    try:
        first = harness.worker(crash_at)
        task = await harness.start()
        if crash_at and not crash_at.startswith("woken"):
            await dies(first)
            harness.worker()
        await _answered(harness, task, 1)
        await task.result()
        await task.reply("And one more.", by=ANN, message_id="reply-1")
        if crash_at and crash_at.startswith("woken"):
            await dies(first)
            harness.worker()
        await _answered(harness, task, 2)
        await task.result()
        return await harness.seen(task)
    except (TimeoutError, AssertionError) as error:
        raise AssertionError(f"{crash_at}: {error!r}\n{harness.log()}") from error
    finally:
        await harness.close()


async def _answered(harness: CrashHarness, task: object, times: int) -> None:
    await task.happened("workflow.completed", times=times, within=120)  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def told() -> dict[str | None, SimpleNamespace]:
    return {}


async def test_every_crash_point_leaves_what_an_undisturbed_run_leaves(
    client: Client, chat_platform: ChatPlatform, tmp_path: Path
) -> None:
    slots = asyncio.Semaphore(4)

    async def one(point: str | None) -> SimpleNamespace:
        async with slots:
            return await play(client, chat_platform, tmp_path / (point or "control").replace(":", "-"), point)

    runs = await asyncio.gather(*(one(point) for point in (None, *POINTS)))
    control, *others = runs
    assert control.answers == ["Answer 8.", "Answer 10."]
    assert control.marks == ["answer:1/0", "answer:2/0", "status/0"]
    wrong = [problem for point, run in zip(POINTS, others, strict=True) for problem in problems(point, run, control)]
    assert not wrong, "\n".join(wrong)


def problems(point: str, run: SimpleNamespace, control: SimpleNamespace) -> list[str]:
    """In what a run differs from the control, beyond what its crash makes unavoidable."""
    found = []
    if run.answers != control.answers:
        found.append(f"answers {run.answers}")
    types = run.types
    if point in INTERRUPTED_WRITES:
        unknown = [e for e in run.events if e.type == "tool_call.failed" and e.data["outcome"] == "unknown"]
        if len(unknown) != 1:
            found.append(f"{len(unknown)} unknown outcomes")
        types = [t.replace("tool_call.failed", "tool_call.completed") for t in types]
    if types != control.types:
        found.append(f"events {types}\n       {control.types}")
    expected = sorted([*control.marks, *(["notice"] if point in INTERRUPTED_WRITES else [])])
    if [mark if not mark.startswith("notice") else "notice" for mark in run.marks] != expected:
        found.append(f"cards {run.marks}")
    if len(run.writes) != len(set(run.writes)):
        found.append(f"writes {run.writes}")
    if point != "tool_claimed:4" and run.writes != control.writes:
        found.append(f"writes {run.writes}")
    recorded = sum(
        e.data["usage"]["prompt"] + e.data["usage"]["completion"] for e in run.events if e.type == "llm_call.completed"
    )
    if run.ledger.tokens != recorded + run.lost:
        found.append(f"ledger {run.ledger.tokens}, recorded {recorded}, reserved by lost attempts {run.lost}")
    if point in MODEL_ATTEMPTS_LOST and not run.lost:
        found.append("the lost attempt's reservation is gone")
    return [f"{point}: {problem}" for problem in found]


async def test_a_bot_killed_between_the_intake_row_and_the_start_leaves_one_task_that_runs_once(
    client: Client, chat_platform: ChatPlatform, tmp_path: Path
) -> None:
    harness = CrashHarness(client, chat_platform, tmp_path)
    order, key = {"goal": "Mind the notes."}, {"Idempotency-Key": "once"}
    try:
        harness.worker()
        port = free_port()
        first = harness.bot(port, "command_stored:1")
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as door:
            created = await _posted(door, order, key)
            await dies(first)
            harness.bot(port)
            again = await _posted(door, order, key)
        assert created.status_code == 202 or created.is_success
        assert again.json()["task_id"] == created.json()["task_id"]
        task = harness.harness.actor(created.json()["task_id"])
        await _answered(harness, task, 1)
        await task.result()
        assert (await task.types()).count("workflow.started") == 1
        assert harness.writes() == ["write one", "write two"]
    finally:
        await harness.close()


async def _posted(door: httpx.AsyncClient, order: dict[str, str], key: dict[str, str]) -> httpx.Response:
    """The bot may not be up yet."""
    async with asyncio.timeout(60):
        while True:
            try:
                return await door.post("/api/tasks", json=order, headers=key)
            except httpx.TransportError:
                await asyncio.sleep(0.2)


async def test_a_worker_killed_in_a_model_call_is_replaced_within_15_seconds(
    client: Client, chat_platform: ChatPlatform, tmp_path: Path
) -> None:
    harness = CrashHarness(client, chat_platform, tmp_path)
    try:
        first = harness.worker(pause=30)
        task = await harness.start()
        await task.happened("llm_call.started", within=60)
        harness.worker()
        await asyncio.sleep(6)  # the second worker is up and idle
        first.kill()
        killed = asyncio.get_running_loop().time()
        await task.happened("llm_call.completed", within=30)
        assert asyncio.get_running_loop().time() - killed < 15
        assert (await task.types()).count("llm_call.completed") >= 1
    finally:
        await harness.close()
