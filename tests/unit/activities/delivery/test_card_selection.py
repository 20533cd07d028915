"""What a task's own thread shows, by how loud the agent is and whether the goal stands there already."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.worker_harness import WorkerHarness
from threadwork.activities.delivery.card_selection import OwnThread
from threadwork.adapters.discord.cards.card_renderers import render as discord
from threadwork.adapters.slack.cards.card_renderers import render as slack
from threadwork.workflows.cards import (
    AnswerCard,
    BudgetCard,
    Card,
    FileCard,
    NoticeCard,
    QuestionCard,
    StatusCard,
    ThreadView,
)
from threadwork.workflows.files import StoredFile
from threadwork.workflows.sinks import Part, Sink
from threadwork.workflows.values import Status, Verbosity

Render = Callable[[str, Card, str], list[Part]]
THREAD = Sink(platform="memory", channel="C1", thread="1.0")
HEAD = StatusCard(
    goal="Tidy up",
    agent="scout",
    model="openai/gpt-5-mini",
    status=Status.RUNNING,
    iteration=2,
    max_iterations=9,
    usd=0.5,
    usd_limit=2,
    tokens=1_234,
    log=("✓ notes.list",),
)
CARDS: tuple[Card, ...] = (
    NoticeCard(key="told", text="Switched."),
    NoticeCard(key="warned", text="The server is away.", level="warning"),
    NoticeCard(key="failed", text="No key.", level="error"),
    FileCard(key="file", tool="t", file=StoredFile(ref="f", name="a.png", media_type="image/png", size=1)),
    QuestionCard(key="asked", question_id="1", question="Well?"),
    BudgetCard(key="budget", unit="usd", used=1, limit=2),
    AnswerCard(key="answer:1", answer="It is done."),
)


async def shown(verbosity: Verbosity, *told: str) -> list[str]:
    view = ThreadView(task_id="t", status=HEAD.model_copy(update={"verbosity": verbosity}), cards=CARDS)
    return [card.key for card in await OwnThread(THREAD).cards(view, told)]


async def test_a_quiet_thread_has_its_head_decisions_warnings_and_the_answer() -> None:
    assert await shown("quiet") == ["status", "warned", "failed", "asked", "budget", "answer:1"]
    assert await shown("normal") == await shown("verbose") == ["status", *(card.key for card in CARDS)]


async def test_what_stands_there_already_stays_up_to_date_though_the_agent_is_quiet_by_now() -> None:
    assert "told" in await shown("quiet", "told")


@pytest.mark.parametrize("render", [slack, discord])
def test_only_a_verbose_head_has_tokens_log_agent_model_and_link(render: Render) -> None:
    inner = ("▰", "1,234 tokens", "✓ notes.list", "scout", "openai/gpt-5-mini", "Open in Temporal")
    for verbosity in ("quiet", "normal", "verbose"):
        (part,) = render("t", HEAD.model_copy(update={"verbosity": verbosity}), "https://temporal.example/t")
        assert [words in part.text for words in inner] == [verbosity == "verbose"] * len(inner)
        assert all(words in part.text for words in ("Tidy up", "Working", "step 2 of 9", "$0.50 of $2.00", "[Stop]"))


@pytest.mark.parametrize("render", [slack, discord])
def test_the_goal_is_not_repeated_below_the_message_that_says_it(render: Render) -> None:
    (part,) = render("t", HEAD.model_copy(update={"goal_above": True}), "")
    assert "Tidy up" not in part.text + str(part.content.get("text", ""))
    assert "Working" in part.text


@pytest.mark.parametrize(
    ("sink", "order", "above"),
    [
        (THREAD, {"goal_above": True}, True),
        (THREAD, {}, False),
        (THREAD.model_copy(update={"thread": ""}), {"goal_above": True}, False),
    ],
)
async def test_whether_the_goal_stands_above_is_what_the_order_says_of_its_own_thread(
    sink: Sink, order: dict[str, Any], above: bool
) -> None:
    nobody: Any = None  # no run is under way
    harness = WorkerHarness(nobody, [])
    task_id = await harness.order(sink=sink, **order)
    head, *_ = await OwnThread(sink, harness.store.tasks).cards(ThreadView(task_id=task_id, status=HEAD), ())
    assert isinstance(head, StatusCard)
    assert head.goal_above is above
