"""Lines of lists and answers in a chat."""

from datetime import UTC, datetime

from threadwork.bot.chat import answers
from threadwork.bot.chat.lists import task_line
from threadwork.workflows.cards import StatusCard, ThreadView
from threadwork.workflows.tasks import TaskRecord
from threadwork.workflows.values import Ledger, Principal, Status

NOW = datetime(2030, 1, 1, tzinfo=UTC)
ANN = Principal(platform="slack", workspace="T1", user_id="U1", name="Ann")


def task(goal: str = "Tidy up", usd: float = 0) -> TaskRecord:
    return TaskRecord(
        task_id="t1", goal=goal, agent="default", by=ANN, status=Status.RUNNING, usd=usd, created_at=NOW, updated_at=NOW
    )


def test_what_was_spent_reads_as_it_does_on_the_card_also_below_a_cent() -> None:
    cheap = task(usd=0.0042)
    view = ThreadView(task_id="t1", status=StatusCard(usd_limit=0.05))
    assert "· $0.0042 ·" in task_line(cheap)
    assert "$0.0042 of $0.05" in answers.status(cheap, view).text
    assert "This task: $0.0042," in answers.cost(Ledger(), Ledger(nanos=1_234_560_000_000), cheap).text
    least = ThreadView(task_id="t1", status=StatusCard(usd_limit=0.05, unpriced=True))
    told = answers.cost(Ledger(), Ledger(), cheap, unpriced=True, task_unpriced=True).text
    assert told.count("at least ") == 3
    assert "at least $0.0042 of $0.05" in answers.status(cheap, least).text
    assert "**$1,234.56** in the last 7 days" in answers.cost(Ledger(), Ledger(nanos=1_234_560_000_000), None).text


def test_a_goal_stands_on_one_line_without_what_turns_it_round() -> None:
    assert task_line(task("Pay\n\u202eyna ti")).startswith("**Pay yna ti** ·")
