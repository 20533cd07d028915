"""Waiting for a model is told, and no longer than it has to be where another model can be asked."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.client import Client

from tests.worker_harness import READ, WorkerHarness, agent, call, done, until
from threadwork.activities.model_calls import wait_or_fall_back as patience
from threadwork.adapters.memory.model import MemoryModel, says
from threadwork.adapters.memory.tools import MemoryToolBox
from threadwork.adapters.temporal_attempts import TemporalAttempts
from threadwork.workflows.errors import BrokenAnswer, ContextOverflow, ModelError, ModelUnavailable
from threadwork.workflows.models import Delta, ModelFacts
from threadwork.workflows.sinks import Sink
from threadwork.workflows.values import Usage

SINK = Sink(platform="memory", channel="C1")
AWAY = ModelUnavailable("Cannot reach openai/gpt-5 at http://models.", "Check OPENAI_API_BASE.")
A_DAY = ModelUnavailable("openai/gpt-5 is at its request limit.", retry_after=86_400)


class Two(MemoryModel):
    """`first` for the first model, and an answer of the other. `windows`: in tokens; 0: the key is missing."""

    def __init__(self, first: Delta | Exception, windows: tuple[int, int] = (8_000, 8_000)) -> None:
        super().__init__(lambda request: first if request.model == "memory/a" else done("By b."))
        self._windows = dict(zip(("memory/a", "memory/b"), windows, strict=True))

    async def facts(self, model: str) -> ModelFacts:
        if not self._windows[model]:
            raise ModelError(f"The key of {model} is not set.")
        return ModelFacts(name=model, context_window=self._windows[model], prompt_nanos=1, completion_nanos=1)


def with_fallback(client: Client, first: Delta | Exception, **more: Any) -> WorkerHarness:
    return WorkerHarness(client, Two(first, **more), agent=agent(model="memory/a", fallback_models=("memory/b",)))


def doing(harness: WorkerHarness) -> str:
    return next((str(m.content["doing"]) for m in harness.chat.messages.values() if m.content["kind"] == "status"), "")


async def test_the_first_refusal_stands_on_the_status_line_until_the_model_answers(temporal: Client) -> None:
    harness = WorkerHarness(temporal, [AWAY, AWAY, AWAY, says("", call("ask_user", question="Well?")), done()])
    async with harness.workers():
        task = await harness.start(sink=SINK)
        await until(lambda: "at http://models. Trying again until" in doing(harness), within=20)
        assert "Check OPENAI_API_BASE." in doing(harness)
        assert "llm_call.failed" not in await task.types(), "waiting costs no events"
        await task.happened("question.asked")
        await until(lambda: "Cannot reach" not in doing(harness))
        await task.reply("Go on.")
        await task.result()


async def test_a_follower_that_starts_later_reads_it_from_temporal(temporal: Client) -> None:
    harness = WorkerHarness(temporal, [A_DAY])
    async with harness.workers():
        task = await harness.start()
        await until(lambda: harness.model.requests)
        attempts = TemporalAttempts(temporal)
        async with asyncio.timeout(20):
            while not (said := await attempts.waiting(task.task_id)):
                await asyncio.sleep(0.1)
        assert "Trying again" in said
        harness.use(attempts=attempts)
        await task.stop()
        await task.result()
    assert await attempts.waiting(task.task_id) == ""


async def test_a_follower_shows_what_temporal_says(temporal: Client) -> None:
    harness = WorkerHarness(temporal, [A_DAY], attempts=TemporalAttempts(temporal))
    harness.use(bus=Deaf())
    async with harness.workers():
        task = await harness.start(sink=SINK)
        await until(lambda: "Trying again" in doing(harness), within=40)
        await task.stop()
        await task.result()


class Deaf:
    """A bus on which nothing is heard."""

    async def publish(self, hint: Any) -> None:
        return None

    async def listen(self, task_id: str) -> Any:
        await asyncio.Event().wait()
        yield None


@pytest.mark.parametrize(
    "first",
    [
        A_DAY,
        ModelError("No such model."),
        Delta(text="I can tell you", finish="content_filter"),
        says(" \n"),
        BrokenAnswer("It broke off in the middle of its answer.", 20),
    ],
    ids=["a long wait", "a final error", "a refusal", "nothing said", "broken answers"],
)
async def test_another_model_is_asked_and_people_are_told_why(temporal: Client, first: Any) -> None:
    harness = with_fallback(temporal, first)
    async with harness.workers():
        task = await harness.start(sink=SINK)
        assert (await task.result())["answer"] == "By b."
    started = [event.data for event in await task.events() if event.type == "llm_call.started"]
    assert [data["model"] for data in started][-1] == "memory/b"
    assert started[-1]["because"]
    assert any("Switched to memory/b" in str(m.content.get("text")) for m in harness.chat.messages.values())


async def test_a_missing_key_of_the_first_model_is_no_end(temporal: Client) -> None:
    harness = with_fallback(temporal, done("By a."), windows=(0, 8_000))
    async with harness.workers():
        task = await harness.start()
        assert (await task.result())["answer"] == "By b."
    told = (await task.happened("llm_call.started", times=2)).data["because"]
    assert told == "The key of memory/a is not set."


async def test_without_any_model_that_can_be_used_the_first_ones_reason_is_told(temporal: Client) -> None:
    harness = with_fallback(temporal, done(), windows=(0, 0))
    async with harness.workers():
        task = await harness.start()
        await task.result()
    assert (await task.events())[-1].data["error"] == "The key of memory/a is not set."


async def test_too_long_a_conversation_goes_to_the_model_that_takes_more(temporal: Client) -> None:
    harness = with_fallback(temporal, ContextOverflow("Too long."), windows=(8_000, 100_000))
    async with harness.workers():
        task = await harness.start()
        assert (await task.result())["answer"] == "By b."
    assert "context.compacted" not in await task.types()


async def test_an_outage_is_waited_out_for_a_short_while_only(
    temporal: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "SHORT", timedelta(seconds=2))
    harness = with_fallback(temporal, AWAY)
    began = time.monotonic()
    async with harness.workers():
        task = await harness.start()
        assert (await task.result())["answer"] == "By b."
    assert 1 < [request.model for request in harness.model.requests].count("memory/a") < 4
    assert time.monotonic() - began < 60


async def test_answers_that_do_not_come_whole_are_asked_for_three_times_and_paid_by_what_came(temporal: Client) -> None:
    harness = WorkerHarness(temporal, [BrokenAnswer("It broke off in the middle of its answer.", 40)])
    async with harness.workers():
        task = await harness.start()
        result = await task.result()
    assert len(harness.model.requests) == 3
    prompt = await harness.model.count(harness.model.requests[0])
    assert result["spent"]["tokens"] == 3 * (prompt + 10)


async def test_an_answer_that_did_not_come_whole_is_paid_by_its_usage_where_that_came(temporal: Client) -> None:
    harness = WorkerHarness(temporal, [BrokenAnswer("It gave up.", 40, Usage(prompt=900, completion=50), 1_000)])
    async with harness.workers():
        result = await (await harness.start()).result()
    assert (result["spent"]["tokens"], result["spent"]["nanos"]) == (3 * 950, 3 * 1_000)


async def test_an_announcement_is_nudged_once_and_never_after_a_call(temporal: Client) -> None:
    said = says("Let me read the note first.")
    tools = MemoryToolBox((READ, lambda a: "text"))
    nudged = WorkerHarness(temporal, [said], tools=tools)
    acted = WorkerHarness(temporal, [says("", call("notes__read", name="a")), said], tools=tools)
    async with nudged.workers(), acted.workers():
        for harness in (nudged, acted):
            await (await harness.start()).result()
    assert [len(harness.model.requests) for harness in (nudged, acted)] == [2, 2]
    told = [str(harness.model.requests[-1].messages[-1]["content"]) for harness in (nudged, acted)]
    assert ["made no call" in words for words in told] == [True, False]


# --- patience by itself ---------------------------------------------------------------------------------

NOW = datetime(2026, 5, 1, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "wait"),
    [(None, None), (-5, None), (float("nan"), None), (float("inf"), None), (2.5, 2.5), (10**9, 7 * 86_400)],
)
def test_what_a_provider_asks_for_is_taken_where_it_can_be(asked: float | None, wait: float | None) -> None:
    taken = patience.asked_to_wait(ModelUnavailable("No.", retry_after=asked))
    assert (taken and taken.total_seconds()) == wait


@pytest.mark.parametrize(
    ("attempt", "wait", "since", "others", "patient"),
    [
        (19, 15, 280, False, True),
        (20, 15, 300, False, False),
        (1, 86_400, 0, False, True),
        (1, 86_400, 0, True, False),
        (5, 15, 40, True, True),
        (5, 15, 50, True, False),
    ],
)
def test_patience(attempt: int, wait: int, since: int, others: bool, patient: bool) -> None:
    assert patience.is_patient(attempt, timedelta(seconds=wait), timedelta(seconds=since), others) is patient


def test_people_read_until_when_and_what_to_do() -> None:
    soon = patience.waiting(AWAY, 2, NOW, timedelta(seconds=4), NOW + timedelta(minutes=12))
    assert soon == (
        "Cannot reach openai/gpt-5 at http://models. Trying again until 16:12 UTC, attempt 3. Check OPENAI_API_BASE."
    )
    late = patience.waiting(A_DAY, 1, NOW, timedelta(days=1), NOW + timedelta(days=1))
    assert late == "openai/gpt-5 is at its request limit. Trying again on 02 May at 16:00 UTC."
