"""A worker is killed while people think about what a tool server asked in the middle of a call that it holds open."""

import subprocess
import uuid
from pathlib import Path

import pytest
from temporalio.client import Client

from tests.chaos.crash_harness import CrashHarness, dies
from tests.chat_platform.client import ChatPlatform
from tests.worker_harness import ANN, Actor
from threadwork.workflows.events import EventType

pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize("crash_at", [None, "tool_ran:1"])  # while people think, and when one has answered
async def test_a_killed_worker_leaves_a_read_that_asks_anew_and_a_write_that_is_unknown(
    client: Client, chat_platform: ChatPlatform, tmp_path: Path, crash_at: str | None
) -> None:
    harness = CrashHarness(client, chat_platform, tmp_path)

    def worker(crash_at: str | None = None) -> subprocess.Popen[bytes]:
        folder = tmp_path / uuid.uuid4().hex
        folder.mkdir()
        return harness._spawn("tests.chaos.asking_worker", crash_at, {"CHAOS_ASKING": str(folder)})

    try:
        first = worker(crash_at)
        reads, writes = [await harness.harness.start(goal, by=ANN) for goal in ("read", "write")]
        for task in (reads, writes):
            await task.happened(EventType.QUESTION_ASKED, within=60)
        if crash_at:
            await _answer(reads)
            await dies(first)
        else:
            first.kill()
        worker()
        await _answer(writes)
        if not crash_at:
            await _answer(reads)
        await _answer(reads, 2)
        await reads.result()
        await writes.result()
        assert EventType.TOOL_CALL_FAILED not in await reads.types()
        [failed] = [e.data["outcome"] for e in await writes.events() if e.type == EventType.TOOL_CALL_FAILED]
        assert failed == "unknown"
        asked = [
            sum(len(log.read_text().splitlines()) for log in folder.glob("*/told"))
            for folder in tmp_path.iterdir()
            if folder.is_dir() and [*folder.glob("*/told")]
        ]
        assert sorted(asked) == ([2, 2] if not crash_at else [2, 3]), "the write reached no second server"
    except (TimeoutError, AssertionError) as error:
        raise AssertionError(f"{error!r}\n{harness.log()}") from error
    finally:
        await harness.close()


async def _answer(task: Actor, times: int = 1) -> None:
    asked = await task.happened(EventType.QUESTION_ASKED, times, within=60)
    click = {"click_id": uuid.uuid4().hex, "question_id": asked.data["question_id"], "answer": "42"}
    await task.signal("answer_question", {**click, "by": ANN.model_dump()})
