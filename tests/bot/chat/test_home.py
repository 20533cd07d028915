"""What is a person's own in one picture, and where an answer can be read again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.fake_run import AGENT, ANN, Front
from tests.receiver_harness import Heard
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.adapters.memory.store import MemoryStore
from threadwork.bot.intake import commands
from threadwork.bot.intake.commands import Caller
from threadwork.workflows.agents import Access, ChannelSpec
from threadwork.workflows.approval_events import QuestionAsked
from threadwork.workflows.budget_events import BudgetExceeded
from threadwork.workflows.calls import Message
from threadwork.workflows.event_types import Payload
from threadwork.workflows.inbound import MessageSource, Response
from threadwork.workflows.run_events import WorkflowCompleted, WorkflowFailed
from threadwork.workflows.sinks import Sink
from threadwork.workflows.values import LOCAL, Principal, Status, Termination

BOB = ANN.model_copy(update={"user_id": "U2", "name": "Bob"})
HERE = Sink(platform="slack", workspace="T1", channel="C1")
ELSEWHERE = Sink(platform="slack", workspace="T9", channel="C9")
OPS = AGENT.model_copy(update={"name": "ops", "description": "Keeps it running"})
SECRET = AGENT.model_copy(update={"name": "secret", "access": Access(run=("U2",))})
WHOLE = "It is **12**.\n" + "And more of it.\n" * 60


class House:
    """Tasks of several people."""

    def __init__(self) -> None:
        self.back = timedelta()  # how far the store's clock is behind
        self.front = Front(MemoryStore(lambda: datetime.now(UTC) - self.back), AGENT, OPS, SECRET)
        channels = {"C1": ChannelSpec(agent="ops")}
        catalog = MemoryCatalog(AGENT, OPS, SECRET, channels=channels)
        self.bot = Heard(replace(self.front.ports, catalog=catalog))
        self._keys = 0

    def source(self, by: Principal = ANN, sink: Sink = HERE) -> MessageSource:
        self._keys += 1
        return MessageSource(by=by, key=f"k{self._keys}", sink=sink)

    async def task(
        self, goal: str, *events: Payload, by: Principal = ANN, sink: Sink | None = HERE, status: Any = Status.RUNNING
    ) -> str:
        self._keys += 1
        caller = Caller(platform=by.platform, platform_id=f"k{self._keys}", by=by)
        command = await commands.run(self.front.ports, caller, goal, sink=sink)
        task_id = (await self.front.store.intake.store(command)).task_id
        await self.front.fake_run.begin(task_id)
        await self.front.fake_run.tell(task_id, *events, status=status)
        return task_id

    async def done(self, goal: str, **where: Any) -> str:
        ended = WorkflowCompleted(answer=f"{WHOLE[:300]}…", answer_ref="answer:1", reason=Termination.GOAL_ACHIEVED)
        task_id = await self.task(goal, ended, status=Status.COMPLETED, **where)
        await self.front.store.transcript.put(
            task_id, Message(ref="answer:1", kind="text", body={"role": "assistant", "content": WHOLE})
        )
        return task_id


@pytest.fixture
def house() -> House:
    return House()


async def test_home_has_what_asks_runs_and_has_ended_of_the_person_alone(house: House) -> None:
    await house.task("Runs")
    asks = await house.task("Asks", QuestionAsked(question_id="1", question="Which one?", options=("A", "B")))
    spent = BudgetExceeded(unit="usd", used=1, limit=1, share=1)
    waits = await house.task("Spends", spent, status=Status.WAITING_BUDGET)
    done = await house.done("Done")
    failed = await house.task("Fails", WorkflowFailed(error="No key."), status=Status.FAILED)
    await house.done("His", by=BOB)

    page = await house.bot.home(ANN, house.source())

    assert [item.text.partition("**")[2].partition("**")[0] for item in page.running] == ["Spends", "Asks", "Runs"]
    assert [item.text for item in page.questions] == [
        "**Spends**\nThe budget is used up: it waits for more.",
        "**Asks**\nIt asks: Which one?",
    ]
    assert [button.label for button in page.questions[1].buttons] == ["A", "B", "Answer …"]
    assert {button.press.task_id for item in page.questions for button in item.buttons} == {waits, asks}
    ended = {one.where.buttons[0].press.task_id: one for one in page.ended}
    assert set(ended) == {done, failed}
    assert ended[done].answer.startswith("It is **12**.\nAnd more of it.")
    assert ended[done].answer.endswith("…")
    assert ended[done].where.buttons[0].label == "Read the answer"
    assert ended[failed].answer == "No key."


async def test_what_ended_long_ago_is_not_lately(house: House) -> None:
    house.back = timedelta(days=8)
    await house.done("Done")
    house.back = timedelta(days=6)
    lately = await house.done("Done later")
    (ended,) = (await house.bot.home(ANN)).ended
    assert ended.where.buttons[0].press.task_id == lately


async def test_home_names_the_agents_a_person_may_run_the_channels_own_first(house: House) -> None:
    assert (await house.bot.home(ANN)).agents == (("default", "Helps with anything"), ("ops", "Keeps it running"))
    assert [name for name, _ in (await house.bot.home(ANN, house.source())).agents] == ["ops", "default"]


async def test_an_answer_is_read_whole_wherever_its_task_lives(house: House) -> None:
    for sink in (None, HERE, ELSEWHERE):
        task_id = await house.done("Done", sink=sink)
        assert (await house.bot.details(house.source(), task_id)).answer == WHOLE
        told = await house.bot.command(house.source(), f"status {task_id}")
        assert "\n\nIt is **12**.\nAnd more of it." in told.text


async def test_home_as_a_command_is_for_platforms_that_draw_it_and_others(house: House) -> None:
    await house.done("Done")
    told = await house.bot.command(house.source(), "home")
    assert told.home == await house.bot.home(ANN, house.source())
    assert "Spent: $0.00 in 24 hours" in told.text
    assert [item.text.startswith("**Done** · done") for item in told.items] == [True]
    goal = await house.bot.command(house.source(), "home page, please")
    assert (goal.tone, goal.home) == ("warning", None)
    assert "`/agent run home page, please`" in goal.text
    loud = await house.bot.says(house.source(), "home", "1700.1", mentioned=True)
    assert loud is None or loud.home is None


async def test_buttons_that_would_not_count_there_are_left_out(house: House) -> None:
    """A task on another server is shown to its own person, with the way to it."""
    there, here = (Principal(platform="discord", workspace=guild, user_id="11") for guild in ("500", "600"))
    far = Sink(platform="discord", workspace="500", channel="101")
    await house.task("Far", by=there, sink=far)
    near = far.model_copy(update={"workspace": "600", "channel": "102"})
    page = await house.bot.home(here, house.source(here, near))
    assert [(item.buttons, item.sink) for item in page.running] == [((), far)]
    assert (await house.bot.home(there, house.source(there, far))).running[0].buttons


async def test_nobody_else_reads_what_is_a_persons_own(house: House) -> None:
    await house.done("Secret matter", by=BOB)
    page = await house.bot.home(ANN, house.source())
    assert "Secret matter" not in page.model_dump_json()
    assert (await house.bot.home(LOCAL)).ended == ()
    assert isinstance(await house.bot.command(house.source(BOB), "home"), Response)
