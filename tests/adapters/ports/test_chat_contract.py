"""What every chat adapter promises behind the port `ChatAdapter`, at Slack, Discord and the test platform alike."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.adapters.card_cases import APPROVAL, GOLDEN, QUESTION, RUNNING, changed
from tests.adapters.ports.chat_harnesses import FALLIBLE, GROUNDS, TIME_OUT, WRITES_TO_PEOPLE, Harness, Loss, Method
from tests.sample_files import image
from threadwork.activities.delivery.rate_limited_calls import NotYet
from threadwork.activities.delivery.reconciler import Reconciler
from threadwork.adapters.memory.chat import MemoryChat
from threadwork.adapters.memory.store import MemoryStore
from threadwork.workflows.cards import AnswerCard, NoticeCard, ThreadView
from threadwork.workflows.errors import ChatUnavailable, NotFound, SinkGone
from threadwork.workflows.sinks import Bucket, Part, Sink

TASK = "t23456789012"
METHODS: tuple[Method, ...] = ("post", "edit", "delete", "find")


@pytest.fixture(params=GROUNDS)
async def harness(request: pytest.FixtureRequest) -> AsyncIterator[Harness]:
    made: Harness = GROUNDS[request.param](request.getfixturevalue(request.param))
    yield made
    made.struck()
    await made.close()


@pytest.fixture
def memory_chat() -> MemoryChat:
    return MemoryChat()


fallible = pytest.mark.parametrize("harness", FALLIBLE, indirect=True)


def said(harness: Harness, text: str) -> Part:
    (part,) = harness.chat.render(TASK, NoticeCard(key="notice:1", text=text))
    return part


def under(harness: Harness, root: str) -> Sink:
    return harness.sink.model_copy(update={"thread": root})


def just_now() -> datetime:
    return datetime.now(UTC) - timedelta(seconds=60)


def mark(card: str, part: int = 0) -> str:
    return f"{TASK}/{card}/{part}"


def call(harness: Harness, method: Method, message: str, text: str = "again") -> Awaitable[object]:
    calls: dict[Method, Callable[[], Awaitable[object]]] = {
        "post": lambda: harness.chat.post(harness.sink, said(harness, text), mark("notice:9")),
        "edit": lambda: harness.chat.edit(harness.sink, message, said(harness, text), mark("status")),
        "delete": lambda: harness.chat.delete(harness.sink, message),
        "find": lambda: harness.chat.find(harness.sink, just_now()),
    }
    return calls[method]()


# --- posting, editing, deleting --------------------------------------------------------------------------


async def test_cards_stand_in_the_order_they_were_posted_the_root_in_the_channel_and_the_others_below_it(
    harness: Harness,
) -> None:
    root = await harness.chat.post(harness.sink, said(harness, "the root"), mark("status"))
    cards = [
        await harness.chat.post(under(harness, root), said(harness, f"card {n}"), mark(f"notice:{n}")) for n in range(4)
    ]
    (top,) = harness.seen()
    assert top.id == root
    assert "the root" in top.text
    below = harness.seen(root)
    assert [one.id for one in below] == cards
    assert [f"card {n}" in one.text for n, one in enumerate(below)] == [True] * 4


async def test_an_edit_changes_the_words_and_neither_the_place_nor_the_mark(harness: Harness) -> None:
    ids = [await harness.chat.post(harness.sink, said(harness, f"card {n}"), mark(f"notice:{n}")) for n in range(3)]
    await harness.chat.edit(harness.sink, ids[1], said(harness, "other words"), mark("notice:1"))
    assert [one.id for one in harness.seen()] == ids
    assert "other words" in harness.seen()[1].text
    assert "card 1" not in harness.seen()[1].text
    assert [one.mark for one in await harness.chat.find(harness.sink, just_now())] == [
        mark(f"notice:{n}") for n in range(3)
    ]


async def test_what_was_deleted_is_seen_and_found_no_more_and_may_be_deleted_again(harness: Harness) -> None:
    first = await harness.chat.post(harness.sink, said(harness, "first"), mark("notice:1"))
    second = await harness.chat.post(harness.sink, said(harness, "second"), mark("notice:2"))
    await harness.chat.delete(harness.sink, first)
    await harness.chat.delete(harness.sink, first)
    assert [one.id for one in harness.seen()] == [second]
    assert [one.message_id for one in await harness.chat.find(harness.sink, just_now())] == [second]


async def test_an_edit_of_a_message_that_a_person_deleted_is_not_found(harness: Harness) -> None:
    message = await harness.chat.post(harness.sink, said(harness, "card"), mark("notice:1"))
    await harness.removed(message)
    with pytest.raises(NotFound, match="gone"):
        await harness.chat.edit(harness.sink, message, said(harness, "new"), mark("notice:1"))


async def test_a_card_under_a_root_that_a_person_deleted_is_found_where_people_see_it_or_its_sink_is_gone(
    harness: Harness,
) -> None:
    root = await harness.chat.post(harness.sink, said(harness, "root"), mark("status"))
    await harness.chat.post(under(harness, root), said(harness, "before"), mark("notice:1"))
    await harness.removed(root)
    card = await posted_or_gone(harness, under(harness, root))
    if card is None:
        return
    assert card in [one.id for one in (*harness.seen(), *harness.seen(root))]
    found = [one for one in await harness.chat.find(under(harness, root), just_now()) if one.mark == mark("notice:2")]
    assert [one.message_id for one in found] == [card]
    await harness.chat.edit(under(harness, root), card, said(harness, "edited"), mark("notice:2"))


@pytest.mark.parametrize("harness", WRITES_TO_PEOPLE, indirect=True)
async def test_a_person_is_written_to_where_the_channel_of_a_direct_sink_is_their_user_id(harness: Harness) -> None:
    sink = harness.sink.model_copy(update={"channel": harness.person, "direct": True})
    assert await harness.chat.post(sink, said(harness, "to you alone"), mark("notice:1"))
    assert ["to you alone" in text for text in harness.told(harness.person)] == [True]
    assert harness.seen() == []


async def posted_or_gone(harness: Harness, sink: Sink) -> str | None:
    try:
        return await harness.chat.post(sink, said(harness, "after"), mark("notice:2"))
    except SinkGone:
        return None


# --- marks -----------------------------------------------------------------------------------------------


async def test_marks_are_found_oldest_first_roots_in_the_channel_and_cards_under_theirs(harness: Harness) -> None:
    root = await harness.chat.post(harness.sink, said(harness, "root"), mark("status"))
    cards = [
        await harness.chat.post(under(harness, root), said(harness, "card"), mark(f"notice:{n}")) for n in range(3)
    ]
    await harness.chat.post(harness.elsewhere, said(harness, "elsewhere"), mark("notice:7"))
    (top,) = await harness.chat.find(harness.sink, just_now())
    below = await harness.chat.find(under(harness, root), just_now())
    assert (top.mark, top.message_id) == (mark("status"), root)
    assert [(one.mark, one.message_id) for one in below] == [(mark(f"notice:{n}"), id_) for n, id_ in enumerate(cards)]
    assert all(abs((one.at - datetime.now(UTC)).total_seconds()) < 30 for one in (top, *below))
    assert await harness.chat.find(under(harness, root), datetime.now(UTC) + timedelta(seconds=5)) == []


async def test_every_part_of_a_long_answer_carries_its_mark_and_none_of_its_words_is_lost(harness: Harness) -> None:
    code = [f"line_{number} = {number:_}" for number in range((harness.much or 9_000) // 15)]
    answer = "\n".join(("Here is the beginning.\n\n```python", *code, "```\n\nHere is the end."))
    parts = harness.chat.render(TASK, AnswerCard(key="answer:1", answer=answer))
    root = await harness.chat.post(harness.sink, said(harness, "root"), mark("status"))
    ids = [
        await harness.chat.post(under(harness, root), part, mark("answer:1", number))
        for number, part in enumerate(parts)
    ]
    assert len(ids) > 1 or not harness.much
    found = await harness.chat.find(under(harness, root), just_now())
    assert [(one.mark, one.message_id) for one in found] == [(mark("answer:1", n), id_) for n, id_ in enumerate(ids)]
    shown = "\n".join(one.text for one in harness.seen(root))
    assert [line for line in ("the beginning", "the end", *code) if line not in shown] == []


async def test_a_very_long_answer_is_whole_in_parts_or_in_a_file_whose_message_carries_the_mark(
    harness: Harness,
) -> None:
    text = "".join(f"Paragraph {number} of many.\n\n" for number in range(2_000))
    parts = harness.chat.render(TASK, AnswerCard(key="answer:1", answer=text))
    for number, part in enumerate(parts):
        await harness.chat.post(harness.sink, part, mark("answer:1", number))
    found = await harness.chat.find(harness.sink, just_now())
    assert [one.mark for one in found] == [mark("answer:1", number) for number in range(len(parts))]
    files = [part.file for part in parts if part.file]
    assert [file.text for file in files] == [text] or not files
    if not files:
        assert "Paragraph 1999 of many." in harness.seen()[-1].text


def with_content(part: Part) -> Part:
    """With what is in its stored file, as the reconciler sends it."""
    if part.file is None or not part.file.ref:
        return part
    return part.model_copy(update={"file": part.file.model_copy(update={"content": image()})})


async def test_every_golden_card_is_taken_posted_and_edited_and_found_by_its_mark(harness: Harness) -> None:
    root = await harness.chat.post(harness.sink, said(harness, "root"), mark("status"))
    drawn = {name: map(with_content, harness.chat.render(TASK, card)) for name, card in GOLDEN.items()}
    cards = [(name, part) for name, parts in drawn.items() for part in enumerate(parts)]
    ids = {
        mark(name, n): await harness.chat.post(under(harness, root), part, mark(name, n)) for name, (n, part) in cards
    }
    for name, (n, part) in cards:
        await harness.chat.edit(under(harness, root), ids[mark(name, n)], part, mark(name, n))
    found = await harness.chat.find(under(harness, root), just_now())
    assert {one.mark: one.message_id for one in found} == ids
    assert len(ids) >= len(GOLDEN)
    assert harness.objections() == []


# --- trouble that passes ---------------------------------------------------------------------------------


@fallible
async def test_a_post_whose_answer_was_lost_is_made_once_and_found_by_its_mark(harness: Harness) -> None:
    harness.struck({"kind": "lose_answer", "methods": ("post",), "next_calls": 1})
    with pytest.raises(ChatUnavailable) as lost:
        await harness.chat.post(harness.sink, said(harness, "card"), mark("notice:1"))
    assert lost.value.retry_after is None
    (message,) = harness.seen()
    (found,) = await harness.chat.find(harness.sink, just_now())
    assert (found.mark, found.message_id) == (mark("notice:1"), message.id)
    assert harness.calls("post") == 1


@fallible
@pytest.mark.parametrize("method", ["edit", "delete"])
async def test_a_change_whose_answer_was_lost_may_be_made_again(harness: Harness, method: Method) -> None:
    message = await harness.chat.post(harness.sink, said(harness, "card"), mark("status"))
    harness.struck({"kind": "lose_answer", "methods": (method,), "next_calls": 1})
    with pytest.raises(ChatUnavailable) as lost:
        await call(harness, method, message)
    assert lost.value.retry_after is None
    assert harness.calls(method) == 1
    await call(harness, method, message)
    assert ["again" in one.text for one in harness.seen()] == [True] * (method == "edit")


@fallible
@pytest.mark.parametrize("method", METHODS)
async def test_a_429_says_for_how_long_and_after_that_the_call_is_taken(harness: Harness, method: Method) -> None:
    message = await harness.chat.post(harness.sink, said(harness, "card"), mark("status"))
    harness.struck({"kind": "rate_limited", "methods": (method,), "retry_after": 1, "next_calls": 1})
    before = harness.calls(method)
    with pytest.raises(ChatUnavailable, match="too fast") as later:
        await call(harness, method, message)
    assert later.value.retry_after == pytest.approx(1, abs=0.01)
    assert harness.calls(method) == before + 1
    await asyncio.sleep(later.value.retry_after or 0)
    await call(harness, method, message)
    assert harness.objections() == []


@fallible
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", ["server_error", "server_error_after", "cut", "down"])
async def test_no_call_that_failed_is_made_twice_and_nobody_claims_to_know_its_effect(
    harness: Harness, method: Method, kind: str
) -> None:
    message = await harness.chat.post(harness.sink, said(harness, "card"), mark("status"))
    harness.struck({"kind": kind, "methods": (method,), "seconds": 60})
    before = harness.calls(method)
    with pytest.raises(ChatUnavailable) as failed:
        await call(harness, method, message)
    assert failed.value.retry_after is None
    assert harness.calls(method) == before + 1


@fallible
async def test_an_answer_that_does_not_come_in_time_leaves_it_open_and_the_post_is_found(harness: Harness) -> None:
    harness.struck({"kind": "stall_after", "methods": ("post",), "seconds": TIME_OUT + 2, "next_calls": 1})
    began = asyncio.get_running_loop().time()
    with pytest.raises(ChatUnavailable, match="not answer") as late:
        await harness.chat.post(harness.sink, said(harness, "card"), mark("notice:1"))
    assert asyncio.get_running_loop().time() - began < TIME_OUT + 1.9
    assert late.value.retry_after is None
    assert [one.mark for one in await harness.chat.find(harness.sink, just_now())] == [mark("notice:1")]


# --- gone for good ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("loss", ["channel", "access", "token"])
async def test_a_sink_that_is_gone_says_so_in_a_sentence_whatever_is_wanted_of_it(
    harness: Harness, method: Method, loss: Loss
) -> None:
    message = await harness.chat.post(harness.sink, said(harness, "card"), mark("status"))
    harness.lose(loss)
    with pytest.raises(SinkGone) as gone:
        await call(harness, method, message)
    assert gone.value.detail.endswith((".", ")"))
    assert " " in gone.value.detail


# --- rates -----------------------------------------------------------------------------------------------


@fallible
@pytest.mark.parametrize("method", METHODS)
def test_every_call_counts_against_limits_that_let_something_through(harness: Harness, method: Method) -> None:
    buckets = harness.chat.buckets(harness.sink, method)
    assert buckets
    assert all(bucket.per_minute > 0 and bucket.burst >= 1 for bucket in buckets)
    assert len({bucket.key for bucket in buckets}) == len(buckets)


@fallible
def test_channels_have_limits_of_their_own_for_posts_and_methods_have_theirs(harness: Harness) -> None:
    here, there = harness.chat.buckets(harness.sink, "post"), harness.chat.buckets(harness.elsewhere, "post")
    assert here[0].key != there[0].key
    assert len({harness.chat.buckets(harness.sink, method)[0].key for method in METHODS}) == len(METHODS)


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
async def test_lost_answers_errors_and_429s_leave_every_part_of_every_card_exactly_once(harness: Harness) -> None:
    harness.struck(
        {"kind": "lose_answer", "every": 4},
        {"kind": "server_error", "every": 5},
        {"kind": "server_error_after", "every": 7},
        {"kind": "rate_limited", "every": 11, "retry_after": 0},
    )
    store = MemoryStore()
    fence = await store.leases.lease(TASK, harness.sink.key, "me", 600)
    assert fence
    undelivered, passes = 1, 0
    while undelivered and passes < 100:
        passes += 1
        undelivered = await reconciled(harness, store, fence)
    harness.struck()
    (root,) = harness.seen()
    parts = [mark(card.key, n) for card in VIEW.cards for n, _ in enumerate(harness.chat.render(TASK, card))]
    found = await harness.chat.find(under(harness, root.id), just_now())
    assert undelivered == 0
    assert passes > 1
    assert sorted(one.mark for one in found) == sorted(parts)
    assert [one.message_id for one in found] == [one.id for one in harness.seen(root.id)]


async def reconciled(harness: Harness, store: MemoryStore, fence: int) -> int:
    """What is still undelivered after one pass of a reconciler that begins anew."""
    ports = (harness.chat, store.deliveries, store.doubts, NoLimits(), store.transcript)
    reconciler = Reconciler(*ports, TASK, harness.sink, fence)  # type: ignore[arg-type]
    await reconciler.load()
    try:
        return (await reconciler.reconcile(VIEW)).undelivered
    except NotYet:
        return 1
