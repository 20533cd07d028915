"""Notifications from one platform to the other under fire: lost answers, and workers that are killed."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from tests.both_harness import AppHarness
from tests.chaos.crash_harness import CrashHarness, dies
from tests.chat_platform.client import ChatPlatform
from tests.discord_harness import ANN, GENERAL, discord_settings
from tests.fake_discord.client import FakeDiscord
from tests.fake_discord.faults import Fault as DiscordFault
from tests.fake_discord.seed_data import BOT, OTHER_GUILD
from tests.fake_slack.client import FakeSlack
from tests.fake_slack.faults import Fault as SlackFault
from tests.slack_harness import slack_settings
from tests.worker_harness import agent, call, done
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.adapters.memory.model import MemoryModel, says
from threadwork.workflows.agents import ApprovalPolicy
from threadwork.workflows.models import Delta, ModelRequest
from threadwork.workflows.sinks import Sink
from threadwork.workflows.subscriptions import Subscription
from threadwork.workflows.values import Principal

pytestmark = pytest.mark.timeout(300)
EACH = 4  # tasks on either platform
IN_SLACK = Sink(platform="slack", workspace="T1", channel="C1")
IN_DISCORD = Sink(platform="discord", workspace="500", channel=GENERAL)
SLACK_OPS = IN_SLACK.model_copy(update={"channel": "C3"})
DISCORD_OPS = IN_DISCORD.model_copy(update={"channel": "103"})
BOB = Principal(platform="slack", workspace="T1", user_id="U2", name="Bob")


def told_of(sink: Sink, *kinds: Any) -> Subscription:
    return Subscription(subscription_id=sink.address, sink=sink, on=kinds, by=BOB)


def read(slack: FakeSlack, discord: FakeDiscord, sink: Sink) -> list[str]:
    """The cards of a channel, as people read them."""
    seen: list[Any] = slack.messages(sink.channel) if sink.platform == "slack" else discord.messages(sink.channel)
    return [m.readable for m in seen if m.bot and not m.visible_to and not m.deleted]


# --- answers that are lost --------------------------------------------------------------------------------


def writes_then_ends(request: ModelRequest) -> Delta:
    before = any(message["role"] == "assistant" for message in request.messages)
    return done("Ready.") if before else says("", call("notes__write", name="b"))


async def test_with_the_answer_of_each_post_lost_once_every_notification_is_there_once_on_both_platforms(
    temporal: Client, fake_slack: FakeSlack, fake_discord: FakeDiscord, tmp_path: Path
) -> None:
    catalog = MemoryCatalog(agent(approvals=ApprovalPolicy(approvers=("U2",))))
    model = MemoryModel(writes_then_ends)
    async with AppHarness(temporal, fake_slack, fake_discord, tmp_path, model, catalog=catalog).open() as app:
        fake_discord.leave(BOT, OTHER_GUILD)  # one workspace and one server are told of each other's tasks
        for ops in (SLACK_OPS, DISCORD_OPS):
            await app.harness.store.subscriptions.put(told_of(ops, "approval", "completed"))
        fake_slack.faults(SlackFault(kind="lose_answer", methods=("chat.postMessage",), once=True))
        fake_discord.faults(DiscordFault(kind="lose_answer", methods=("create_message",), once=True))
        goals = [f"Job {place}{number}." for place in "AB" for number in range(EACH)]
        await asyncio.gather(
            *(fake_slack.slash("U1", "C1", "/agent", f"run {goal}") for goal in goals[:EACH]),
            *(fake_discord.slash(ANN, GENERAL, "agent run", {"goal": goal}) for goal in goals[EACH:]),
        )
        async with asyncio.timeout(90):
            for ops in (SLACK_OPS, DISCORD_OPS):  # what is decided before it was told is told no more
                while len(await asyncio.to_thread(read, fake_slack, fake_discord, ops)) < len(goals):
                    await asyncio.sleep(0.2)
        for task in (tasks := await app.tasks()):
            await task.decide(await task.happened("human_approval.requested"), "approve", by=BOB)
        await asyncio.gather(*(task.result(within=120) for task in tasks))
    for ops in (SLACK_OPS, DISCORD_OPS):
        shown = read(fake_slack, fake_discord, ops)
        decided = Counter(goal for text in shown for goal in goals if "allowed by Bob" in text and goal in text)
        ended = Counter(goal for text in shown for goal in goals if "Ready." in text and goal in text)
        assert (decided, ended) == (Counter(goals), Counter(goals)), shown
        assert len(shown) == 2 * len(goals)
    lost = [call.outcome for fake in (fake_slack, fake_discord) for call in fake.calls()]
    assert lost.count("answer_lost") >= 4 * len(goals)


# --- a worker that is killed ------------------------------------------------------------------------------


class BothCrashHarness(CrashHarness):
    """As the other harness; its workers post on both platforms."""

    def __init__(self, client: Client, slack: FakeSlack, discord: FakeDiscord, folder: Path) -> None:
        super().__init__(client, ChatPlatform(slack.url), folder)
        settings = slack_settings(slack) | discord_settings(discord)
        self._credentials = {name.upper(): str(value) for name, value in settings.items()}

    def worker(self, crash_at: str | None = None, pause: float = 0.05) -> Any:
        story = {"CHAOS_JOURNAL": str(self.journal), "CHAOS_PAUSE": str(pause)}
        return self._spawn("tests.chaos.worker", crash_at, self._credentials | story)


@pytest.mark.parametrize(
    ("home", "ops"), [(IN_SLACK, DISCORD_OPS), (IN_DISCORD, SLACK_OPS)], ids=["to_discord", "to_slack"]
)
async def test_a_worker_killed_before_it_records_a_notification_leaves_one_of_it(
    client: Client, fake_slack: FakeSlack, fake_discord: FakeDiscord, tmp_path: Path, home: Sink, ops: Sink
) -> None:
    harness = BothCrashHarness(client, fake_slack, fake_discord, tmp_path)
    fake_discord.leave(BOT, OTHER_GUILD)
    try:
        await harness.harness.store.subscriptions.put(told_of(ops, "completed"))
        killed = harness.worker(crash_at="part_posted:3")  # its own thread first: the root and the answer
        task = await harness.harness.start("Mind the notes.", sink=home)
        await dies(killed)
        assert len(read(fake_slack, fake_discord, ops)) == 1, "it was to die after the notification was posted"
        harness.worker()
        await task.result(within=120)
        (told,) = read(fake_slack, fake_discord, ops)
        assert "Answer 8." in told
        recorded = await harness.harness.store.deliveries.rows(
            task.task_id, ops.model_copy(update={"kinds": ("x",)}).key
        )
        assert [(row.state, bool(row.message_id)) for row in recorded] == [("posted", True)]
    finally:
        await harness.close()
