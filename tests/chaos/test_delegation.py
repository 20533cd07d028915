"""A parent of five, one asking, one overspending, killed and continued as new in the middle."""

from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from temporalio.client import Client

from tests.chaos.crash_harness import CrashHarness, dies
from tests.chat_platform.client import ChatPlatform
from tests.replay.stories.continuing import continued, misses
from tests.worker_harness import ANN, Actor
from threadwork.workflows.tasks import TaskFilter

pytestmark = pytest.mark.timeout(400)

LATE = "child_closed:5"  # the last one to answer
POINTS = ["child_begun:3", "child_reporting:4", "child_closed:2", LATE]
SIZE = 80  # events after which the server of these tests suggests to continue as new
ANSWERS = ["Ask. Done.", "Read one. Done.", "Read two. Done.", "Spend. Done.", "Write. Done."]


async def play(client: Client, platform: ChatPlatform, folder: Path, crash_at: str | None) -> SimpleNamespace:
    """A second worker takes over from the first; in the middle the parent continues as new."""
    harness = CrashHarness(client, platform, folder)
    try:
        first = _worker(harness, crash_at)
        task = await harness.start(by=ANN)
        if crash_at not in (None, LATE):
            await dies(first, within=150)
            _worker(harness)
        asked = await task.happened("question.asked", within=120)
        exceeded = await task.happened("budget.exceeded", within=120)
        await continued(task, lambda: misses(task), SIZE)
        if not crash_at:
            first.kill()
            _worker(harness)
        await _twice(task, "increase_budget", {"click_id": "more", "add_tokens": 50_000})
        await _twice(
            task, "answer_question", {"click_id": "this", "question_id": asked.data["question_id"], "answer": "it"}
        )
        if crash_at == LATE:
            await dies(first, within=150)
            _worker(harness)
        result = await task.result(within=240)
        return await _left(harness, task, result, exceeded.data["agent"])
    except (TimeoutError, AssertionError) as error:
        raise AssertionError(f"{crash_at}: {error!r}\n{harness.log()}") from error
    finally:
        await harness.close()


def _worker(harness: CrashHarness, crash_at: str | None = None) -> Any:
    journal = {"CHAOS_JOURNAL": str(harness.journal), "CHAOS_PLATFORM": harness.platform.url, "CHAOS_PAUSE": "0.05"}
    return harness._spawn("tests.chaos.delegating_worker", crash_at, journal)


async def _twice(task: Actor, signal: str, click: dict[str, Any]) -> None:
    for _ in range(2):
        await task.signal(signal, click | {"by": ANN.model_dump()})


async def _left(harness: CrashHarness, task: Actor, result: dict[str, Any], overspent: str) -> SimpleNamespace:
    children = await harness.harness.store.tasks.list(TaskFilter(parent=task.task_id))
    ledgers = [
        await harness.harness.store.spend.total(one.task_id)
        for one in (*children, SimpleNamespace(task_id=task.task_id))
    ]
    events = await task.events()
    return SimpleNamespace(
        status=result["status"],
        overspent=overspent,
        children=Counter(one.status.value for one in children),
        told=sorted(e.data["output_preview"] for e in events if e.type == "tool_call.completed"),
        types=Counter(e.type.value for e in events if e.type not in ("task.reported", "human_approval.ignored")),
        spent=result["spent"]["tokens"],
        below=sum(ledger.tokens for ledger in ledgers[:-1]),
        writes=harness.writes(),
        marks=sorted((await harness.seen(task)).marks),
    )


@pytest.mark.parametrize("point", [None, *POINTS])
async def test_a_parent_of_five_survives_kills_and_continuing_as_new(
    client: Client, chat_platform: ChatPlatform, tmp_path: Path, point: str | None
) -> None:
    run = await play(client, chat_platform, tmp_path, point)
    assert (run.status, run.overspent) == ("completed", "scout")
    assert run.children == {"completed": 5}
    assert run.told == ANSWERS
    assert run.writes == ["write one"]
    once = ("question.asked", "question.answered", "budget.increased")
    assert (run.types["task.delegated"], *(run.types[kind] for kind in once)) == (5, 1, 1, 1)
    assert len(run.marks) == len(set(run.marks))
    assert "question:1/0" in run.marks
