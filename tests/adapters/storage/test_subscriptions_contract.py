"""Channels that are told of tasks, and which of them were told of one."""

import asyncio

from threadwork.workflows.sinks import NOTHING_NEW, Delivery, Sink
from threadwork.workflows.subscriptions import DUE, Subscription

OPS = Sink(platform="discord", workspace="7", channel="9")


def subscription(story, name="s1", **fields):
    return Subscription(subscription_id=name, sink=OPS, by=story.anna, **fields)


async def test_subscriptions_come_back_as_they_were_put_oldest_first(story):
    ports = story.store.subscriptions
    whole = {
        "on": ("failed", "approval"),
        "agents": ("ops",),
        "requesters": ("U1",),
        "channels": ("C1",),
        "failure": "gone\x00",
    }
    first = subscription(story, "z", created_at=story.clock.now, **whole)
    await ports.put(first)
    story.clock.pass_by(1)
    await ports.put(subscription(story, "a", source="file").model_copy(update={"by": None}))
    [oldest, newest] = await ports.all()
    assert oldest == first
    assert (newest.subscription_id, newest.source, newest.by, newest.created_at) == ("a", "file", None, story.clock.now)


async def test_a_subscription_with_the_same_id_is_replaced_and_keeps_its_age(story):
    ports, began = story.store.subscriptions, story.clock.now
    await ports.put(subscription(story))
    story.clock.pass_by(60)
    await ports.put(subscription(story, on=("completed",), failure="The channel is gone."))
    [one] = await ports.all()
    assert (one.on, one.failure, one.created_at) == (("completed",), "The channel is gone.", began)


async def test_a_subscription_is_removed_alone_and_removing_it_again_is_no_error(story):
    ports = story.store.subscriptions
    await ports.put(subscription(story, "s1"))
    await ports.put(subscription(story, "s2"))
    await ports.remove("s1")
    await ports.remove("s1")
    assert [one.subscription_id for one in await ports.all()] == ["s2"]


async def test_a_notice_that_is_due_is_given_by_one_task_however_many_would(story):
    ports = story.store.subscriptions
    for name, notice in (("s1", DUE), ("s2", DUE), ("s3", "")):
        await ports.put(subscription(story, name, notice=notice))
    claims = await asyncio.gather(*(ports.claim_notice(["s1", "s2", "s3"], f"t{number}") for number in range(5)))
    assert sorted(claims) == [False] * 4 + [True]
    notices = {one.subscription_id: one.notice for one in await ports.all()}
    assert (notices["s1"] == notices["s2"] != DUE, notices["s3"]) == (True, "")
    await ports.put(subscription(story, "s1", failure="gone", notice=DUE))
    assert not await ports.claim_notice(["s1"], "t9"), "put again it is not due again"


async def test_the_channels_that_were_told_of_a_task_are_known_and_its_own_thread_is_none_of_them(story):
    home = Sink(platform="slack", workspace="T1", channel="C1")
    told = OPS.model_copy(update={"kinds": ("failed",)})
    for task_id, sink, card in (
        ("t1", home, "status"),
        ("t1", told, "end:3"),
        ("t1", told, "end:9"),
        ("t2", told, "x"),
    ):
        fence = await story.store.leases.lease(task_id, sink.key, "me", 30)
        row = Delivery(task_id=task_id, sink=sink.key, card_key=card, part=0, state="posted", fence=fence)
        assert await story.store.deliveries.write(row)
    assert await story.store.deliveries.told("t1") == [OPS.model_copy(update={"kinds": NOTHING_NEW})]
    assert await story.store.deliveries.told("t3") == []
