"""The reconciler and the adapter together, while Discord fails: every card is there exactly once at the end."""

import random

from activities.reconciler import NotYet, Reconciler
from adapters.discord.chat import DiscordChat
from adapters.memory.store import MemoryStore
from tests.adapters.discord.posting import CHANNEL
from tests.adapters.discord.small_discord import ROOM, No, SmallDiscord
from tests.adapters.slack.card_cases import APPROVAL, QUESTION, RUNNING, changed
from workflows.cards import AnswerCard, NoticeCard, ThreadView
from workflows.chat import Bucket

pytest_plugins = ["tests.adapters.discord.posting_fixtures"]

TASK = "t23456789012"
VIEW = ThreadView(
    task_id=TASK,
    seq=9,
    status=RUNNING,
    cards=(
        changed(APPROVAL, arguments_ref=""),
        QUESTION,
        AnswerCard(key="answer:1", answer="A line of it.\n" * 600),
        NoticeCard(key="notice:4", text="Stopped by Anna."),
    ),
)


class NoLimits:
    async def take(self, buckets: list[Bucket], urgent: bool) -> float:
        return 0

    async def hold(self, bucket: Bucket, seconds: float) -> None: ...


async def test_lost_answers_errors_and_429s_leave_every_card_exactly_once(
    chat: DiscordChat, discord: SmallDiscord
) -> None:
    dice = random.Random(7)
    troubles = [No(500, 0), No(429, 0, "Slower.", retry_after=0.01), No(502, 0), None, None, None, None]
    discord.before = lambda method, path: dice.choice(troubles)
    discord.after = lambda method, path: dice.random() < 0.25
    store = MemoryStore()
    fence = await store.leases.lease(TASK, CHANNEL.key, "me", 600)
    assert fence
    ports = (chat, store.deliveries, store.doubts, NoLimits(), store.transcript)
    undelivered, passes = 1, 0
    while undelivered and passes < 300:
        passes += 1
        reconciler = Reconciler(*ports, TASK, CHANNEL, fence)  # type: ignore[arg-type]
        await reconciler.load()
        try:
            undelivered = await reconciler.reconcile(VIEW)
        except NotYet:
            undelivered = 1
    (root,) = discord.messages[ROOM]
    marks = [message["embeds"][0]["url"] for message in discord.messages[root["id"]]]
    assert undelivered == 0
    assert passes > 1
    assert len(marks) == len(set(marks)) == 6
    assert len([path for path in discord.paths("POST") if path.endswith("/messages")]) > 7
