"""The platform of our own: what it promises, how it misbehaves, and its adapter behind the port."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.chat_platform.adapter import PART, PlatformChat
from tests.chat_platform.client import ChatPlatform
from tests.chat_platform.faults import Fault
from tests.chat_platform.limits import REALISTIC, Limit
from tests.chat_platform.process import running_platform
from threadwork.workflows.cards import (
    AnswerCard,
    ApprovalCard,
    BudgetCard,
    Card,
    NoticeCard,
    QuestionCard,
    StatusCard,
)
from threadwork.workflows.errors import ChatUnavailable, Rejected, SinkGone
from threadwork.workflows.run_events import PlanItem
from threadwork.workflows.sinks import Part, Sink
from threadwork.workflows.values import LOCAL, Status

pytest_plugins = ["tests.chat_platform.fixture"]

ROOM = Sink(platform="test", channel="C1")
AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def chat(chat_platform: ChatPlatform) -> PlatformChat:
    return PlatformChat(chat_platform.url)


def part(text: str) -> Part:
    return Part(content={"text": text}, text=text)


def in_thread(root: str, channel: str = "C1") -> Sink:
    return Sink(platform="test", channel=channel, thread=root)


def just_now() -> datetime:
    return datetime.now(UTC) - timedelta(seconds=60)


async def eventually(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.05)


def raw(platform: ChatPlatform, method: str, **fields: Any) -> httpx.Response:
    return httpx.post(f"{platform.url}/api/{method}", json=fields, timeout=10, trust_env=False, verify=False)


# --- what it holds -------------------------------------------------------------------------------------


async def test_a_posted_message_is_held_with_its_mark_and_thread(
    chat: PlatformChat, chat_platform: ChatPlatform
) -> None:
    root = await chat.post(ROOM, part("head"), "t/status/0")
    reply = await chat.post(in_thread(root), part("below"), "t/answer:1/0")
    first, second = chat_platform.state()
    assert (first.id, first.channel, first.thread, first.text, first.mark) == (root, "C1", "", "head", "t/status/0")
    assert (second.id, second.thread, second.mark) == (reply, root, "t/answer:1/0")
    assert [m.id for m in chat_platform.messages("C1", thread="")] == [root]
    assert [m.id for m in chat_platform.messages("C1", thread=root)] == [reply]


async def test_every_version_of_an_edited_message_is_kept(chat: PlatformChat, chat_platform: ChatPlatform) -> None:
    message = await chat.post(ROOM, part("one"), "m")
    await chat.edit(ROOM, message, part("two"), "m")
    await chat.edit(ROOM, message, part("three"), "m")
    (held,) = chat_platform.state()
    assert [version.text for version in held.versions] == ["one", "two", "three"]
    assert held.text == "three"
    assert sorted(version.at for version in held.versions) == [version.at for version in held.versions]
    assert held.mark == "m"


async def test_a_deleted_message_is_remembered_and_no_longer_seen(
    chat: PlatformChat, chat_platform: ChatPlatform
) -> None:
    message = await chat.post(ROOM, part("one"), "m")
    await chat.delete(ROOM, message)
    assert chat_platform.messages("C1") == []
    assert chat_platform.state()[0].deleted
    assert await chat.find(ROOM, just_now()) == []


async def test_ids_grow_and_are_unique(chat: PlatformChat, chat_platform: ChatPlatform) -> None:
    ids = await asyncio.gather(*(chat.post(ROOM, part("x"), str(n)) for n in range(20)))
    held = [m.id for m in chat_platform.state()]
    assert len(set(ids)) == 20
    assert sorted(held) == held


async def test_a_repeated_nonce_finds_the_first_message(chat_platform: ChatPlatform) -> None:
    chat = PlatformChat(chat_platform.url, nonces=True)
    assert await chat.post(ROOM, part("one"), "m") == await chat.post(ROOM, part("one"), "m")
    assert await chat.post(ROOM, part("other"), "n")
    assert len(chat_platform.state()) == 2


async def test_calls_tell_method_mark_and_outcome(chat: PlatformChat, chat_platform: ChatPlatform) -> None:
    message = await chat.post(ROOM, part("one"), "m")
    await chat.edit(ROOM, message, part("two"), "m")
    posted, edited = chat_platform.calls()
    assert (posted.method, posted.channel, posted.mark, posted.outcome, posted.id) == ("post", "C1", "m", "ok", message)
    assert (edited.method, edited.mark, edited.status, edited.delivered) == ("update", "m", 200, True)
    assert edited.at >= posted.at > time.time() - 60
    assert chat_platform.calls("delete") == []


async def test_reset_forgets_everything(chat: PlatformChat, chat_platform: ChatPlatform) -> None:
    await chat.post(ROOM, part("one"), "m")
    chat_platform.faults(Fault(kind="server_error"))
    chat_platform.reset()
    assert (chat_platform.state(), chat_platform.calls(), chat_platform.violations()) == ([], [], [])
    assert await chat.post(ROOM, part("one"), "m")


async def test_a_call_under_way_during_a_reset_does_not_reach_what_comes_after(
    chat: PlatformChat, chat_platform: ChatPlatform
) -> None:
    chat_platform.faults(Fault(kind="stall", seconds=1))
    posting = asyncio.create_task(chat.post(ROOM, part("late"), "m"))
    await eventually(lambda: bool(chat_platform.calls()))
    chat_platform.reset()
    await posting
    assert chat_platform.state() == []


# --- the contract --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "fields"),
    [
        ("post", {"channel": "C1", "text": "  "}),
        ("post", {"channel": "C1", "text": "x" * 4_001}),
        ("post", {"channel": "C1", "blocks": [{}] * 51}),
        ("post", {"channel": "C1", "text": "x", "colour": "red"}),
        ("post", {"channel": "C1", "text": "x", "nonce": "n" * 26}),
        ("post", {"channel": "C1", "text": "x", "thread": "1700000000.000001"}),
        ("post", {"text": "x"}),
        ("update", {"channel": "C1", "id": "1700000000.000001", "text": "x"}),
        ("delete", {"channel": "C1", "id": "1700000000.000001"}),
        ("history", {"channel": "C1", "cursor": "elsewhere"}),
        ("history", {"channel": "C1", "oldest": "yesterday"}),
        ("shout", {"channel": "C1"}),
    ],
)
def test_what_breaks_the_contract_is_answered_400_and_written_down(
    chat_platform: ChatPlatform, method: str, fields: dict[str, Any]
) -> None:
    answer = raw(chat_platform, method, **fields)
    assert (answer.status_code, answer.json()["ok"]) == (400, False)
    (violation,) = chat_platform.violations()
    assert violation.method == method
    assert violation.problem == answer.json()["problem"]
    assert chat_platform.calls()[0].outcome == "breach"
    assert chat_platform.state() == []


def test_what_is_just_allowed_is_no_violation(chat_platform: ChatPlatform) -> None:
    assert raw(chat_platform, "post", channel="C1", text="x" * 4_000, nonce="n" * 25).is_success
    assert raw(chat_platform, "post", channel="C1", blocks=[{"type": "divider"}] * 50).is_success
    assert chat_platform.violations() == []


async def test_the_adapter_calls_a_breach_a_rejection(chat: PlatformChat) -> None:
    with pytest.raises(Rejected, match="text or blocks"):
        await chat.post(ROOM, part(""), "m")


def test_a_fault_nobody_knows_is_refused(chat_platform: ChatPlatform) -> None:
    answer = httpx.post(
        f"{chat_platform.url}/faults", json=[{"kind": "earthquake"}], timeout=10, trust_env=False, verify=False
    )
    assert answer.status_code == 400


# --- rates ---------------------------------------------------------------------------------------------


async def test_no_limit_holds_unless_one_is_set(chat: PlatformChat, chat_platform: ChatPlatform) -> None:
    for number in range(12):
        await chat.post(ROOM, part("x"), str(number))
    assert {call.outcome for call in chat_platform.calls()} == {"ok"}


async def test_a_burst_beyond_the_limit_is_told_when_to_come_back(
    chat: PlatformChat, chat_platform: ChatPlatform
) -> None:
    chat_platform.settings(limits=[Limit(method="post", rate=0.4, burst=5)])
    for number in range(5):
        await chat.post(ROOM, part("x"), str(number))
    with pytest.raises(ChatUnavailable) as refused:
        await chat.post(ROOM, part("x"), "6")
    assert refused.value.retry_after in (1, 2, 3)
    assert len(chat_platform.state()) == 5
    assert await chat.post(Sink(platform="test", channel="C2"), part("x"), "7")
    await asyncio.sleep(refused.value.retry_after)
    assert await chat.post(ROOM, part("x"), "6")
    assert chat_platform.violations() == []


async def test_whoever_comes_back_too_early_is_written_down(chat: PlatformChat, chat_platform: ChatPlatform) -> None:
    chat_platform.settings(limits=[Limit(method="post", rate=0.05)])
    await chat.post(ROOM, part("x"), "1")
    for _ in range(2):
        with pytest.raises(ChatUnavailable):
            await chat.post(ROOM, part("x"), "2")
    (violation,) = chat_platform.violations()
    assert (violation.method, violation.channel, violation.call) == ("post", "C1", 3)
    assert "Retry-After" in violation.problem


async def test_a_limit_of_the_workspace_is_shared_by_its_channels(
    chat: PlatformChat, chat_platform: ChatPlatform
) -> None:
    chat_platform.settings(limits=[Limit(method="update", per="workspace", rate=0.1, burst=2)])
    sinks = [Sink(platform="test", channel=f"C{number}") for number in range(3)]
    ids = [await chat.post(sink, part("x"), "m") for sink in sinks]
    for sink, message in list(zip(sinks, ids, strict=True))[:2]:
        await chat.edit(sink, message, part("y"), "m")
    with pytest.raises(ChatUnavailable) as refused:
        await chat.edit(sinks[2], ids[2], part("y"), "m")
    assert refused.value.retry_after
    assert 5 < refused.value.retry_after <= 10


async def test_within_the_grace_a_call_that_was_under_way_is_no_violation(
    chat: PlatformChat, chat_platform: ChatPlatform
) -> None:
    chat_platform.settings(limits=[Limit(method="post", rate=0.01)], grace=20)
    results = await asyncio.gather(
        *(chat.post(ROOM, part("x"), str(number)) for number in range(4)), return_exceptions=True
    )
    assert sum(isinstance(result, ChatUnavailable) for result in results) == 3
    assert chat_platform.violations() == []


# --- faults --------------------------------------------------------------------------------------------


async def test_a_lost_answer_leaves_the_message_and_says_unavailable(
    chat: PlatformChat, chat_platform: ChatPlatform
) -> None:
    chat_platform.faults(Fault(kind="lose_answer", next_calls=1))
    with pytest.raises(ChatUnavailable, match="connection") as lost:
        await chat.post(ROOM, part("one"), "m")
    assert lost.value.retry_after is None
    (call,) = chat_platform.calls()
    assert (call.outcome, call.delivered, call.status) == ("answer_lost", True, None)
    (found,) = await chat.find(ROOM, just_now())
    assert (found.mark, found.message_id) == ("m", chat_platform.state()[0].id)


@pytest.mark.parametrize(
    ("fault", "outcome", "delivered", "retry_after"),
    [
        (Fault(kind="server_error"), "server_error", False, None),
        (Fault(kind="server_error_after"), "server_error", True, None),
        (Fault(kind="cut"), "cut", False, None),
        (Fault(kind="down", seconds=30), "down", False, None),
        (Fault(kind="rate_limited", retry_after=7), "rate_limited", False, 7),
    ],
)
async def test_what_fails_for_now_says_unavailable(
    chat: PlatformChat,
    chat_platform: ChatPlatform,
    fault: Fault,
    outcome: str,
    delivered: bool,
    retry_after: float | None,
) -> None:
    chat_platform.faults(fault)
    with pytest.raises(ChatUnavailable) as failure:
        await chat.post(ROOM, part("one"), "m")
    assert failure.value.retry_after == retry_after
    (call,) = chat_platform.calls()
    assert (call.outcome, call.delivered) == (outcome, delivered)
    assert len(chat_platform.state()) == delivered


@pytest.mark.parametrize("kind", ["stall", "stall_after"])
async def test_a_stalled_call_times_out_and_takes_effect_all_the_same(chat_platform: ChatPlatform, kind: Any) -> None:
    chat_platform.faults(Fault(kind=kind, seconds=2, next_calls=1))
    with pytest.raises(ChatUnavailable, match=r"did not answer within 0\.7 s"):
        await PlatformChat(chat_platform.url, time_out=0.7).post(ROOM, part("one"), "m")
    assert chat_platform.calls()[0].outcome == "pending"
    assert len(chat_platform.state()) == (kind == "stall_after")
    await eventually(lambda: chat_platform.calls()[0].delivered)
    assert len(chat_platform.state()) == 1


async def test_every_nth_call_is_struck_and_no_other(chat: PlatformChat, chat_platform: ChatPlatform) -> None:
    chat_platform.faults(Fault(kind="server_error", every=3))
    results = await _outcomes(chat, chat_platform, 7)
    assert results == ["ok", "ok", "server_error", "ok", "ok", "server_error", "ok"]


async def test_a_fault_may_be_limited_to_the_next_calls(chat: PlatformChat, chat_platform: ChatPlatform) -> None:
    chat_platform.faults(Fault(kind="cut", next_calls=2))
    assert await _outcomes(chat, chat_platform, 4) == ["cut", "cut", "ok", "ok"]


async def test_a_fault_may_be_limited_to_methods_and_channels(chat: PlatformChat, chat_platform: ChatPlatform) -> None:
    chat_platform.faults(
        Fault(kind="server_error", methods=("update",)), Fault(kind="refuse", channels=("C9",), error="not_in_channel")
    )
    message = await chat.post(ROOM, part("one"), "m")
    with pytest.raises(ChatUnavailable):
        await chat.edit(ROOM, message, part("two"), "m")
    with pytest.raises(SinkGone, match="not a member of C9"):
        await chat.post(Sink(platform="test", channel="C9"), part("one"), "m")


async def test_a_platform_that_is_down_comes_back(chat: PlatformChat, chat_platform: ChatPlatform) -> None:
    chat_platform.faults(Fault(kind="down", seconds=1))
    with pytest.raises(ChatUnavailable):
        await chat.post(ROOM, part("one"), "m")
    async with asyncio.timeout(20):
        while not await _is_up(chat):
            await asyncio.sleep(0.05)


async def _is_up(chat: PlatformChat) -> bool:
    with suppress(ChatUnavailable):
        return bool(await chat.post(ROOM, part("one"), "m"))
    return False


async def test_calling_before_a_429_out_of_the_blue_is_over_is_a_violation(
    chat: PlatformChat, chat_platform: ChatPlatform
) -> None:
    chat_platform.faults(Fault(kind="rate_limited", retry_after=30, next_calls=1))
    assert await _outcomes(chat, chat_platform, 2) == ["rate_limited", "rate_limited"]
    assert len(chat_platform.violations()) == 1


async def test_a_channel_that_is_not_there_is_gone(chat: PlatformChat, chat_platform: ChatPlatform) -> None:
    chat_platform.settings(channels=("C1",))
    assert await chat.post(ROOM, part("one"), "m")
    with pytest.raises(SinkGone, match="C2"):
        await chat.post(Sink(platform="test", channel="C2"), part("one"), "m")


async def test_a_thread_whose_root_was_deleted_is_gone(chat: PlatformChat) -> None:
    root = await chat.post(ROOM, part("head"), "m")
    await chat.delete(ROOM, root)
    with pytest.raises(SinkGone, match="thread"):
        await chat.post(in_thread(root), part("below"), "n")


async def test_a_platform_that_is_not_there_is_unavailable() -> None:
    with running_platform() as platform:
        chat = PlatformChat(platform.url)
        assert await chat.post(ROOM, part("one"), "m")
    with pytest.raises(ChatUnavailable):
        await chat.post(ROOM, part("one"), "m")


async def _outcomes(chat: PlatformChat, platform: ChatPlatform, times: int) -> list[str]:
    for number in range(times):
        try:
            await chat.post(ROOM, part("x"), str(number))
        except ChatUnavailable:
            continue
    return [call.outcome for call in platform.calls()]


# --- finding -------------------------------------------------------------------------------------------


async def test_root_messages_are_found_over_all_pages_oldest_first(
    chat: PlatformChat, chat_platform: ChatPlatform
) -> None:
    chat_platform.settings(page=3)
    ids = [await chat.post(ROOM, part("x"), f"m{number}") for number in range(8)]
    await chat.post(in_thread(ids[0]), part("below"), "reply")
    await chat.post(Sink(platform="test", channel="C2"), part("x"), "elsewhere")
    found = await chat.find(ROOM, just_now())
    assert [one.message_id for one in found] == ids
    assert [one.mark for one in found] == [f"m{number}" for number in range(8)]
    assert all(datetime.now(UTC) - timedelta(seconds=30) < one.at <= datetime.now(UTC) for one in found)
    assert len(chat_platform.calls("history")) == 3


async def test_replies_are_found_over_all_pages_without_their_root(
    chat: PlatformChat, chat_platform: ChatPlatform
) -> None:
    chat_platform.settings(page=2)
    root = await chat.post(ROOM, part("head"), "root")
    ids = [await chat.post(in_thread(root), part("x"), f"m{number}") for number in range(5)]
    found = await chat.find(in_thread(root), just_now())
    assert [one.message_id for one in found] == ids
    assert len(chat_platform.calls("replies")) == 3


async def test_only_messages_since_then_and_with_a_mark_are_found(
    chat: PlatformChat, chat_platform: ChatPlatform
) -> None:
    root = await chat.post(ROOM, part("head"), "root")
    await chat.post(in_thread(root), part("early"), "early")
    (early,) = await chat.find(in_thread(root), just_now())
    since = early.at + timedelta(microseconds=1)
    raw(chat_platform, "post", channel="C1", thread=root, text="a person's words")
    await chat.post(in_thread(root), part("late"), "late")
    assert [one.mark for one in await chat.find(in_thread(root), since)] == ["late"]
    assert await chat.find(ROOM, since) == []


async def test_a_message_of_that_very_moment_is_found(chat: PlatformChat) -> None:
    await chat.post(ROOM, part("x"), "m")
    (found,) = await chat.find(ROOM, just_now())
    assert await chat.find(ROOM, found.at) == [found]
    assert await chat.find(ROOM, found.at + timedelta(microseconds=1)) == []


async def test_where_the_platform_gives_no_marks_back_nothing_is_found(
    chat: PlatformChat, chat_platform: ChatPlatform
) -> None:
    chat_platform.settings(marks_in_history=False)
    await chat.post(ROOM, part("x"), "m")
    assert await chat.find(ROOM, just_now()) == []
    assert chat_platform.state()[0].mark == "m"


async def test_doubles_are_told_until_they_are_deleted(chat: PlatformChat, chat_platform: ChatPlatform) -> None:
    await chat.post(ROOM, part("x"), "m")
    second = await chat.post(ROOM, part("x"), "m")
    assert chat_platform.doubles() == ["m"]
    await chat.delete(ROOM, second)
    assert chat_platform.doubles() == []


# --- cards ---------------------------------------------------------------------------------------------

CARDS: list[tuple[Card, list[str]]] = [
    (
        StatusCard(
            goal="Tidy the notes",
            agent="default",
            by=LOCAL,
            status=Status.RUNNING,
            iteration=2,
            max_iterations=9,
            plan=(PlanItem(text="Read", state="done"), PlanItem(text="Write")),
            doing="Thinking",
            log=("Iteration 2",),
        ),
        ["Tidy the notes", "running", "Iteration 2 of 9", "☑ Read", "☐ Write", "Thinking"],
    ),
    (
        ApprovalCard(
            key="approval:3",
            approval_id="3",
            tool="notes.delete",
            arguments='{"name":"old"}',
            arguments_ref="r",
            digest="d",
            effect="destructive",
            expires_at=AT,
        ),
        ["notes.delete", "destructive", '"name": "old"', "2026-03-01 09:00", "Approve or deny?"],
    ),
    (
        QuestionCard(key="question:1", question_id="1", question="Which tone?", options=("Short", "Formal")),
        ["Which tone?", "1. Short", "2. Formal"],
    ),
    (BudgetCard(key="budget:usd:1", unit="usd", used=0.5, limit=1), ["warning", "$0.5000 of $1.0000"]),
    (AnswerCard(key="answer:1", answer="All **good**."), ["All **good**."]),
    (NoticeCard(key="notice:4", text="A server did not come up.", level="warning"), ["A server did not come up."]),
]


@pytest.mark.parametrize(("card", "words"), CARDS, ids=[card.kind for card, _ in CARDS])
async def test_every_kind_of_card_is_readable_and_can_be_posted(
    chat: PlatformChat, chat_platform: ChatPlatform, card: Card, words: list[str]
) -> None:
    (rendered,) = chat.render("t1", card)
    await chat.post(ROOM, rendered, card.key)
    (held,) = chat_platform.messages("C1")
    assert [word for word in words if word not in held.text] == []
    assert rendered.text == held.text


def test_a_decided_approval_says_who_decided_and_what_came_of_it(chat: PlatformChat) -> None:
    pending = CARDS[1][0]
    decided = pending.model_copy(update={"state": "denied", "by": LOCAL, "reason": "too risky"})
    (rendered,) = chat.render("t1", decided)
    assert "denied by you: too risky" in rendered.text
    assert "Approve or deny?" not in rendered.text


def test_an_empty_answer_still_makes_a_message(chat: PlatformChat) -> None:
    assert len(chat.render("t1", AnswerCard(key="answer:1", answer=" "))) == 1


async def test_a_long_answer_becomes_messages_the_platform_takes(
    chat: PlatformChat, chat_platform: ChatPlatform
) -> None:
    code = "\n".join(f"line_{number} = {number}" for number in range(600))
    parts = chat.render("t1", AnswerCard(key="answer:1", answer=f"Here:\n\n```python\n{code}\n```\n\nDone."))
    for number, one in enumerate(parts):
        await chat.post(ROOM, one, f"t/answer:1/{number}")
    texts = [message.text for message in chat_platform.messages("C1")]
    assert len(texts) > 2
    assert all(len(text) <= PART and text.count("```") == 2 for text in texts)
    assert chat_platform.violations() == []


def test_calls_count_against_the_limits_of_the_platform() -> None:
    chat = PlatformChat("http://127.0.0.1:9", limits=REALISTIC)
    here, below, elsewhere = ROOM, in_thread("1.000000"), Sink(platform="test", channel="C2")
    (post,), (edit,) = chat.buckets(here, "post"), chat.buckets(here, "edit")
    assert (post.per_minute, edit.per_minute) == (60, 50)
    assert post.burst < 5
    assert chat.buckets(below, "post") == [post] != chat.buckets(elsewhere, "post")
    assert chat.buckets(elsewhere, "edit") == [edit]
    assert chat.buckets(here, "find") != chat.buckets(below, "find")
