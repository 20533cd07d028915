"""What every chat adapter promises behind the port `ChatAdapter`, at Slack, Discord and the test platform alike."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from datetime import UTC, datetime, timedelta

import pytest

from activities.delivery.platform_calls import NotYet
from activities.delivery.reconciler import Reconciler
from adapters.memory.chat import MemoryChat
from adapters.memory.store import MemoryStore
from tests.adapters.card_cases import APPROVAL, GOLDEN, QUESTION, RUNNING, changed
from tests.adapters.chat_grounds import FALLIBLE, GROUNDS, TIME_OUT, Ground, Loss, Method
from tests.documents import image
from workflows.cards import AnswerCard, NoticeCard, ThreadView
from workflows.errors import ChatUnavailable, NotFound, SinkGone
from workflows.sinks import Bucket, Part, Sink

TASK = "t23456789012"
METHODS: tuple[Method, ...] = ("post", "edit", "delete", "find")


@pytest.fixture(params=GROUNDS)
async def ground(request: pytest.FixtureRequest) -> AsyncIterator[Ground]:
    made: Ground = GROUNDS[request.param](request.getfixturevalue(request.param))
    yield made
    made.struck()
    await made.close()


@pytest.fixture
def memory_chat() -> MemoryChat:
    return MemoryChat()


fallible = pytest.mark.parametrize("ground", FALLIBLE, indirect=True)


def said(ground: Ground, text: str) -> Part:
    (part,) = ground.chat.render(TASK, NoticeCard(key="notice:1", text=text))
    return part


def under(ground: Ground, root: str) -> Sink:
    return ground.sink.model_copy(update={"thread": root})


def just_now() -> datetime:
    return datetime.now(UTC) - timedelta(seconds=60)


def mark(card: str, part: int = 0) -> str:
    return f"{TASK}/{card}/{part}"


def call(ground: Ground, method: Method, message: str, text: str = "again") -> Awaitable[object]:
    calls = {
        "post": lambda: ground.chat.post(ground.sink, said(ground, text), mark("notice:9")),
        "edit": lambda: ground.chat.edit(ground.sink, message, said(ground, text), mark("status")),
        "delete": lambda: ground.chat.delete(ground.sink, message),
        "find": lambda: ground.chat.find(ground.sink, just_now()),
    }
    return calls[method]()


# --- posting, editing, deleting --------------------------------------------------------------------------


async def test_cards_stand_in_the_order_they_were_posted_the_root_in_the_channel_and_the_others_below_it(
    ground: Ground,
) -> None:
    root = await ground.chat.post(ground.sink, said(ground, "the root"), mark("status"))
    cards = [
        await ground.chat.post(under(ground, root), said(ground, f"card {n}"), mark(f"notice:{n}")) for n in range(4)
    ]
    (top,) = ground.seen()
    assert top.id == root
    assert "the root" in top.text
    below = ground.seen(root)
    assert [one.id for one in below] == cards
    assert [f"card {n}" in one.text for n, one in enumerate(below)] == [True] * 4


async def test_an_edit_changes_the_words_and_neither_the_place_nor_the_mark(ground: Ground) -> None:
    ids = [await ground.chat.post(ground.sink, said(ground, f"card {n}"), mark(f"notice:{n}")) for n in range(3)]
    await ground.chat.edit(ground.sink, ids[1], said(ground, "other words"), mark("notice:1"))
    assert [one.id for one in ground.seen()] == ids
    assert "other words" in ground.seen()[1].text
    assert "card 1" not in ground.seen()[1].text
    assert [one.mark for one in await ground.chat.find(ground.sink, just_now())] == [
        mark(f"notice:{n}") for n in range(3)
    ]


async def test_what_was_deleted_is_seen_and_found_no_more_and_may_be_deleted_again(ground: Ground) -> None:
    first = await ground.chat.post(ground.sink, said(ground, "first"), mark("notice:1"))
    second = await ground.chat.post(ground.sink, said(ground, "second"), mark("notice:2"))
    await ground.chat.delete(ground.sink, first)
    await ground.chat.delete(ground.sink, first)
    assert [one.id for one in ground.seen()] == [second]
    assert [one.message_id for one in await ground.chat.find(ground.sink, just_now())] == [second]


async def test_an_edit_of_a_message_that_a_person_deleted_is_not_found(ground: Ground) -> None:
    message = await ground.chat.post(ground.sink, said(ground, "card"), mark("notice:1"))
    await ground.removed(message)
    with pytest.raises(NotFound, match="gone"):
        await ground.chat.edit(ground.sink, message, said(ground, "new"), mark("notice:1"))


async def test_a_card_under_a_root_that_a_person_deleted_is_found_where_people_see_it_or_its_sink_is_gone(
    ground: Ground,
) -> None:
    root = await ground.chat.post(ground.sink, said(ground, "root"), mark("status"))
    await ground.chat.post(under(ground, root), said(ground, "before"), mark("notice:1"))
    await ground.removed(root)
    card = await posted_or_gone(ground, under(ground, root))
    if card is None:
        return
    assert card in [one.id for one in (*ground.seen(), *ground.seen(root))]
    found = [one for one in await ground.chat.find(under(ground, root), just_now()) if one.mark == mark("notice:2")]
    assert [one.message_id for one in found] == [card]
    await ground.chat.edit(under(ground, root), card, said(ground, "edited"), mark("notice:2"))


async def posted_or_gone(ground: Ground, sink: Sink) -> str | None:
    try:
        return await ground.chat.post(sink, said(ground, "after"), mark("notice:2"))
    except SinkGone:
        return None


# --- marks -----------------------------------------------------------------------------------------------


async def test_marks_are_found_oldest_first_roots_in_the_channel_and_cards_under_theirs(ground: Ground) -> None:
    root = await ground.chat.post(ground.sink, said(ground, "root"), mark("status"))
    cards = [await ground.chat.post(under(ground, root), said(ground, "card"), mark(f"notice:{n}")) for n in range(3)]
    await ground.chat.post(ground.elsewhere, said(ground, "elsewhere"), mark("notice:7"))
    (top,) = await ground.chat.find(ground.sink, just_now())
    below = await ground.chat.find(under(ground, root), just_now())
    assert (top.mark, top.message_id) == (mark("status"), root)
    assert [(one.mark, one.message_id) for one in below] == [(mark(f"notice:{n}"), id_) for n, id_ in enumerate(cards)]
    assert all(abs((one.at - datetime.now(UTC)).total_seconds()) < 30 for one in (top, *below))
    assert await ground.chat.find(under(ground, root), datetime.now(UTC) + timedelta(seconds=5)) == []


async def test_every_part_of_a_long_answer_carries_its_mark_and_none_of_its_words_is_lost(ground: Ground) -> None:
    code = [f"line_{number} = {number:_}" for number in range((ground.much or 9_000) // 15)]
    answer = "\n".join(("Here is the beginning.\n\n```python", *code, "```\n\nHere is the end."))
    parts = ground.chat.render(TASK, AnswerCard(key="answer:1", answer=answer))
    root = await ground.chat.post(ground.sink, said(ground, "root"), mark("status"))
    ids = [
        await ground.chat.post(under(ground, root), part, mark("answer:1", number)) for number, part in enumerate(parts)
    ]
    assert len(ids) > 1 or not ground.much
    found = await ground.chat.find(under(ground, root), just_now())
    assert [(one.mark, one.message_id) for one in found] == [(mark("answer:1", n), id_) for n, id_ in enumerate(ids)]
    shown = "\n".join(one.text for one in ground.seen(root))
    assert [line for line in ("the beginning", "the end", *code) if line not in shown] == []


async def test_a_very_long_answer_is_whole_in_parts_or_in_a_file_whose_message_carries_the_mark(
    ground: Ground,
) -> None:
    text = "".join(f"Paragraph {number} of many.\n\n" for number in range(2_000))
    parts = ground.chat.render(TASK, AnswerCard(key="answer:1", answer=text))
    for number, part in enumerate(parts):
        await ground.chat.post(ground.sink, part, mark("answer:1", number))
    found = await ground.chat.find(ground.sink, just_now())
    assert [one.mark for one in found] == [mark("answer:1", number) for number in range(len(parts))]
    files = [part.file for part in parts if part.file]
    assert [file.text for file in files] == [text] or not files
    if not files:
        assert "Paragraph 1999 of many." in ground.seen()[-1].text


def with_content(part: Part) -> Part:
    """With what is in its stored file, as the reconciler sends it."""
    stored = part.file is not None and part.file.ref
    return part.model_copy(update={"file": part.file.model_copy(update={"content": image()})}) if stored else part


async def test_every_golden_card_is_taken_posted_and_edited_and_found_by_its_mark(ground: Ground) -> None:
    root = await ground.chat.post(ground.sink, said(ground, "root"), mark("status"))
    drawn = {name: map(with_content, ground.chat.render(TASK, card)) for name, card in GOLDEN.items()}
    cards = [(name, part) for name, parts in drawn.items() for part in enumerate(parts)]
    ids = {mark(name, n): await ground.chat.post(under(ground, root), part, mark(name, n)) for name, (n, part) in cards}
    for name, (n, part) in cards:
        await ground.chat.edit(under(ground, root), ids[mark(name, n)], part, mark(name, n))
    found = await ground.chat.find(under(ground, root), just_now())
    assert {one.mark: one.message_id for one in found} == ids
    assert len(ids) >= len(GOLDEN)
    assert ground.objections() == []


# --- trouble that passes ---------------------------------------------------------------------------------


@fallible
async def test_a_post_whose_answer_was_lost_is_made_once_and_found_by_its_mark(ground: Ground) -> None:
    ground.struck({"kind": "lose_answer", "methods": ("post",), "next_calls": 1})
    with pytest.raises(ChatUnavailable) as lost:
        await ground.chat.post(ground.sink, said(ground, "card"), mark("notice:1"))
    assert lost.value.retry_after is None
    (message,) = ground.seen()
    (found,) = await ground.chat.find(ground.sink, just_now())
    assert (found.mark, found.message_id) == (mark("notice:1"), message.id)
    assert ground.calls("post") == 1


@fallible
@pytest.mark.parametrize("method", ["edit", "delete"])
async def test_a_change_whose_answer_was_lost_may_be_made_again(ground: Ground, method: Method) -> None:
    message = await ground.chat.post(ground.sink, said(ground, "card"), mark("status"))
    ground.struck({"kind": "lose_answer", "methods": (method,), "next_calls": 1})
    with pytest.raises(ChatUnavailable) as lost:
        await call(ground, method, message)
    assert lost.value.retry_after is None
    assert ground.calls(method) == 1
    await call(ground, method, message)
    assert ["again" in one.text for one in ground.seen()] == [True] * (method == "edit")


@fallible
@pytest.mark.parametrize("method", METHODS)
async def test_a_429_says_for_how_long_and_after_that_the_call_is_taken(ground: Ground, method: Method) -> None:
    message = await ground.chat.post(ground.sink, said(ground, "card"), mark("status"))
    ground.struck({"kind": "rate_limited", "methods": (method,), "retry_after": 1, "next_calls": 1})
    before = ground.calls(method)
    with pytest.raises(ChatUnavailable, match="too fast") as later:
        await call(ground, method, message)
    assert later.value.retry_after == pytest.approx(1, abs=0.01)
    assert ground.calls(method) == before + 1
    await asyncio.sleep(later.value.retry_after or 0)
    await call(ground, method, message)
    assert ground.objections() == []


@fallible
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", ["server_error", "server_error_after", "cut", "down"])
async def test_no_call_that_failed_is_made_twice_and_nobody_claims_to_know_its_effect(
    ground: Ground, method: Method, kind: str
) -> None:
    message = await ground.chat.post(ground.sink, said(ground, "card"), mark("status"))
    ground.struck({"kind": kind, "methods": (method,), "seconds": 60})
    before = ground.calls(method)
    with pytest.raises(ChatUnavailable) as failed:
        await call(ground, method, message)
    assert failed.value.retry_after is None
    assert ground.calls(method) == before + 1


@fallible
async def test_an_answer_that_does_not_come_in_time_leaves_it_open_and_the_post_is_found(ground: Ground) -> None:
    ground.struck({"kind": "stall_after", "methods": ("post",), "seconds": TIME_OUT + 2, "next_calls": 1})
    began = asyncio.get_running_loop().time()
    with pytest.raises(ChatUnavailable, match="not answer") as late:
        await ground.chat.post(ground.sink, said(ground, "card"), mark("notice:1"))
    assert asyncio.get_running_loop().time() - began < TIME_OUT + 1.9
    assert late.value.retry_after is None
    assert [one.mark for one in await ground.chat.find(ground.sink, just_now())] == [mark("notice:1")]


# --- gone for good ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("loss", ["channel", "access", "token"])
async def test_a_sink_that_is_gone_says_so_in_a_sentence_whatever_is_wanted_of_it(
    ground: Ground, method: Method, loss: Loss
) -> None:
    message = await ground.chat.post(ground.sink, said(ground, "card"), mark("status"))
    ground.lose(loss)
    with pytest.raises(SinkGone) as gone:
        await call(ground, method, message)
    assert gone.value.detail.endswith((".", ")"))
    assert " " in gone.value.detail


# --- rates -----------------------------------------------------------------------------------------------


@fallible
@pytest.mark.parametrize("method", METHODS)
def test_every_call_counts_against_limits_that_let_something_through(ground: Ground, method: Method) -> None:
    buckets = ground.chat.buckets(ground.sink, method)
    assert buckets
    assert all(bucket.per_minute > 0 and bucket.burst >= 1 for bucket in buckets)
    assert len({bucket.key for bucket in buckets}) == len(buckets)


@fallible
def test_channels_have_limits_of_their_own_for_posts_and_methods_have_theirs(ground: Ground) -> None:
    here, there = ground.chat.buckets(ground.sink, "post"), ground.chat.buckets(ground.elsewhere, "post")
    assert here[0].key != there[0].key
    assert len({ground.chat.buckets(ground.sink, method)[0].key for method in METHODS}) == len(METHODS)


# --- exactly once ----------------------------------------------------------------------------------------


class NoLimits:
    async def take(self, buckets: list[Bucket], urgent: bool) -> float:
        return 0

    async def hold(self, bucket: Bucket, seconds: float) -> None: ...


VIEW = ThreadView(
    task_id=TASK,
    seq=9,
    status=RUNNING,
    cards=(
        changed(APPROVAL, arguments_ref=""),
        QUESTION,
        AnswerCard(key="answer:1", answer="A line of it.\n" * 900),
        NoticeCard(key="notice:4", text="Stopped by Anna."),
    ),
)


@fallible
async def test_lost_answers_errors_and_429s_leave_every_part_of_every_card_exactly_once(ground: Ground) -> None:
    ground.struck(
        {"kind": "lose_answer", "every": 4},
        {"kind": "server_error", "every": 5},
        {"kind": "server_error_after", "every": 7},
        {"kind": "rate_limited", "every": 11, "retry_after": 0},
    )
    store = MemoryStore()
    fence = await store.leases.lease(TASK, ground.sink.key, "me", 600)
    assert fence
    undelivered, passes = 1, 0
    while undelivered and passes < 100:
        passes += 1
        undelivered = await reconciled(ground, store, fence)
    ground.struck()
    (root,) = ground.seen()
    parts = [mark(card.key, n) for card in VIEW.cards for n, _ in enumerate(ground.chat.render(TASK, card))]
    found = await ground.chat.find(under(ground, root.id), just_now())
    assert undelivered == 0
    assert passes > 1
    assert sorted(one.mark for one in found) == sorted(parts)
    assert [one.message_id for one in found] == [one.id for one in ground.seen(root.id)]


async def reconciled(ground: Ground, store: MemoryStore, fence: int) -> int:
    """What is still undelivered after one pass of a reconciler that begins anew."""
    ports = (ground.chat, store.deliveries, store.doubts, NoLimits(), store.transcript)
    reconciler = Reconciler(*ports, TASK, ground.sink, fence)  # type: ignore[arg-type]
    await reconciler.load()
    try:
        return (await reconciler.reconcile(VIEW)).undelivered
    except NotYet:
        return 1
