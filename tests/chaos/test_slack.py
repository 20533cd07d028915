"""Slack under fire: lost answers, refusals, limits, cut sockets, doubles, bursts, and processes that are killed."""

import asyncio
import signal
from collections import Counter
from pathlib import Path
from typing import cast

import pytest
from temporalio.client import Client

from tests.chaos.burst import burst
from tests.chaos.crash_harness import dies
from tests.chaos.crowd import CARDS, Crowd, cards, model, writing
from tests.chaos.slack_crash_harness import SlackCrashHarness
from tests.chaos.slack_crowd import SlackCrowd, mark_of
from tests.fake_slack.client import FakeSlack
from tests.fake_slack.faults import Fault
from tests.slack_harness import AppHarness, Transport
from tests.worker_harness import WorkerHarness, done
from threadwork.adapters.memory.model import MemoryModel
from threadwork.adapters.slack.api import buckets
from threadwork.adapters.slack.api.clients import Clients, one_token
from threadwork.adapters.slack.chat import SlackChat
from threadwork.workflows.sinks import Sink
from threadwork.workflows.tasks import TaskFilter

pytestmark = [
    pytest.mark.timeout(500),
    # Of Temporal's SDK, where an activity ends just as its cancellation comes: as an error it would end the worker.
    pytest.mark.filterwarnings("ignore:Cannot find activity to cancel:UserWarning"),
]
MANY = 20  # tasks at once


async def test_with_every_fault_at_once_twenty_tasks_end_with_every_card_exactly_once_and_every_click_counted_once(
    temporal: Client, fake_slack: FakeSlack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buckets, "TIER", 400)  # two calls in five fail: within Slack's own tier it would take minutes
    fake_slack.begin(twice=True, cut_every=2, grace=0.5, retry_gap=2)
    written: list[str] = []
    app = AppHarness(temporal, fake_slack, tmp_path, model(), tools=writing(written))
    app.settings = app.settings.model_copy(update={"slack_lookups_per_minute": 400})
    async with app.open(), Crowd(app.harness, SlackCrowd(fake_slack)).looking() as crowd:
        fake_slack.faults(
            Fault(kind="lose_answer", methods=("chat.postMessage",), once=True),
            Fault(kind="server_error", every=10),
            Fault(kind="rate_limited", every=3, retry_after=1),
        )
        tasks = await asyncio.gather(*(crowd.play(job) for job in crowd.jobs(MANY)))
        await crowd.as_promised(tasks, written)
        assert fake_slack.violations() == []
        assert len(await app.tasks()) == MANY
    struck = Counter(call.outcome for call in fake_slack.calls())
    assert struck["answer_lost"] >= MANY * len(CARDS), struck
    assert struck["rate_limited"], struck
    assert struck["server_error"], struck


async def test_within_slacks_own_limits_twenty_tasks_end_and_nothing_that_goes_at_once_is_refused(
    temporal: Client, fake_slack: FakeSlack, tmp_path: Path
) -> None:
    fake_slack.begin(profile="slack")
    written: list[str] = []
    async with AppHarness(temporal, fake_slack, tmp_path, model(), tools=writing(written)).open() as app:
        async with Crowd(app.harness, SlackCrowd(fake_slack)).looking() as crowd:
            tasks = await asyncio.gather(*(crowd.play(job) for job in crowd.jobs(MANY)))
        await crowd.as_promised(tasks, written)
        assert fake_slack.violations() == []
    assert [(call.method, call.channel) for call in fake_slack.calls() if call.retry_after is not None] == []


# --- two bots ------------------------------------------------------------------------------------------


@pytest.fixture(params=["socket", "http"])
def transport(request: pytest.FixtureRequest) -> Transport:
    return cast(Transport, request.param)


async def test_two_bots_take_up_every_command_once(
    temporal: Client, fake_slack: FakeSlack, tmp_path: Path, transport: Transport
) -> None:
    fake_slack.begin(twice=True)
    ready = MemoryModel(lambda request: done("Ready."))
    async with AppHarness(temporal, fake_slack, tmp_path, ready, transport).open(bots=2) as app:
        crowd = Crowd(app.harness, SlackCrowd(fake_slack))
        wanted = crowd.jobs(30)
        await asyncio.gather(*(crowd.order(job) for job in wanted))
        tasks = await app.tasks()
        await asyncio.gather(*(task.happened("workflow.completed", within=60) for task in tasks))
        goals = [record.goal for record in await app.harness.store.tasks.list(TaskFilter(limit=500))]
    assert sorted(goals) == [job.goal for job in wanted]
    assert [(await task.types()).count("workflow.started") for task in tasks] == [1] * 30
    reached = {attempt.via for delivery in fake_slack.deliveries("slash_commands") for attempt in delivery.attempts}
    assert len(reached) == 2, "both bots were to be reached"


async def test_what_a_bot_wrote_down_before_it_was_killed_the_other_starts(
    client: Client, fake_slack: FakeSlack, tmp_path: Path, transport: Transport
) -> None:
    fake_slack.begin(ack_seconds=20)  # frozen is only one of the bots, and only until the other has died
    harness = SlackCrashHarness(client, fake_slack, tmp_path, transport)
    try:
        harness.worker()
        killed, other = await harness.bots("command_stored:2", None)
        await harness.freeze(other)  # else it might take up everything before the crash point is reached
        wanted = Crowd(harness.harness, ground := SlackCrowd(fake_slack)).jobs(8)
        orders = (fake_slack.slash(job.person, job.channel, "/agent", f"run {job.goal}") for job in wanted)
        ordering = asyncio.gather(*orders)
        await dies(killed)
        other.send_signal(signal.SIGCONT)
        given = await ordering
        promised = {job.goal for job, delivery in zip(wanted, given, strict=True) if delivery.acked}
        await _all_ended(harness, len(promised))
        started = [record.goal for record in await harness.tasks()]
        assert len(started) == len(set(started)), "a command was taken up twice"
        assert promised <= set(started)
        assert len(promised) == len(wanted) if transport == "socket" else len(promised) >= 4
        shown = cards(ground.cards())
        assert shown == {record.task_id: ["answer:1/0", "status/0"] for record in await harness.tasks()}
    except (TimeoutError, AssertionError) as error:
        raise AssertionError(f"{error!r}\n{harness.log()}") from error
    finally:
        await harness.close()


async def _all_ended(harness: SlackCrashHarness, many: int) -> None:
    """Every task that was started in the harness has ended, its thread included."""
    async with asyncio.timeout(90):
        while len(tasks := await harness.tasks()) < many or not all(task.status.ended for task in tasks):
            await asyncio.sleep(0.3)
        for task in tasks:
            await harness.harness.client.get_workflow_handle(task.task_id).result()


# --- killed workers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("crash_at", "channel"), [("part_posted:1", "C1"), ("part_posted:2", "C2")])
async def test_a_card_whose_worker_was_killed_when_slack_had_taken_it_is_found_and_not_posted_again(
    client: Client, fake_slack: FakeSlack, tmp_path: Path, crash_at: str, channel: str
) -> None:
    fake_slack.begin()
    harness = SlackCrashHarness(client, fake_slack, tmp_path)
    try:
        first = harness.worker(crash_at)
        task = await harness.begin(channel)
        await dies(first)
        harness.worker()
        await task.happened("workflow.completed", within=90)
        await task.result(within=90)
    except (TimeoutError, AssertionError) as error:
        raise AssertionError(f"{error!r}\n{harness.log()}") from error
    finally:
        await harness.close()
    root, answer = fake_slack.messages(channel)
    assert [mark_of(seen).partition("/")[2] for seen in (root, answer)] == ["status/0", "answer:1/0"]
    assert (root.deleted, answer.deleted, answer.thread_ts) == (False, False, root.ts)
    assert len(fake_slack.calls("chat.postMessage")) == 2
    assert fake_slack.calls("conversations.history" if crash_at == "part_posted:1" else "conversations.replies")


@pytest.mark.parametrize("crash_at", ["file_uploaded", "file_posted", "part_posted:2"])
async def test_a_picture_of_a_tool_is_shown_once_wherever_its_worker_is_killed(
    client: Client, fake_slack: FakeSlack, tmp_path: Path, crash_at: str
) -> None:
    """`part_posted:2`: Slack has taken message and file, and nothing is recorded of it."""
    fake_slack.begin()
    harness = SlackCrashHarness(client, fake_slack, tmp_path)
    try:
        first = harness.worker(crash_at, pictures=True)
        task = await harness.begin("C1")
        await dies(first)
        harness.worker(pictures=True)
        await task.happened("workflow.completed", within=90)
        await task.result(within=90)
    except (TimeoutError, AssertionError) as error:
        raise AssertionError(f"{error!r}\n{harness.log()}") from error
    finally:
        await harness.close()
    standing = [message for message in fake_slack.messages("C1") if not message.deleted]
    pictures = [message for message in standing if mark_of(message).partition("/")[2].startswith("file:")]
    assert len(standing) == 3
    assert [[file.name for file in message.files] for message in pictures] == [["two.png"]]


# --- bursts --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("declared", [False, True], ids=["app", "agent"])
async def test_a_thousand_events_in_ten_seconds_cost_a_thread_at_most_twelve_calls_of_slack(
    temporal: Client, fake_slack: FakeSlack, declared: bool
) -> None:
    """Posts, edits, reactions and the agent's status together."""
    fake_slack.begin(profile="slack")
    clients = Clients(one_token(fake_slack.bot_token), fake_slack.api_url)
    chat = SlackChat(clients, agent=declared)
    try:
        harness = WorkerHarness(temporal, [], chats={"slack": chat})
        await burst(harness, Sink(platform="slack", workspace="T1", channel="C1"))
        async with asyncio.timeout(30):
            while "white_check_mark" not in fake_slack.messages("C1")[0].reactions:
                await asyncio.sleep(0.2)
    finally:
        await chat.close()
        await clients.close()
    calls = Counter(call.method for call in fake_slack.calls())
    assert sum(calls.values()) <= 12, calls
    assert [call for call in fake_slack.calls() if call.retry_after is not None] == []
    assert cards(SlackCrowd(fake_slack).cards()).popitem()[1] == ["answer:1/0", "status/0"]
