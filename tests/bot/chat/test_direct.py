"""`run` where the bot may not post: nothing starts until its author chooses, and then once."""

from typing import Any

import pytest

from tests.fake_run import AGENT, ANN, Front
from tests.receiver_harness import Heard
from threadwork.workflows.buttons import Button, Click
from threadwork.workflows.errors import ChatUnavailable, SinkGone
from threadwork.workflows.inbound import Attachment, Item, MessageSource, Response, StartForm
from threadwork.workflows.sinks import Sink
from threadwork.workflows.tasks import TaskFilter, TaskRecord
from threadwork.workflows.values import Principal

BOB = ANN.model_copy(update={"user_id": "U2", "name": "Bob"})
CLOSED = Sink(platform="slack", workspace="T1", channel="C8")
OPEN = CLOSED.model_copy(update={"channel": "C1"})


class Talk:
    """Ann, who gives commands in a channel that the bot is not in."""

    def __init__(self) -> None:
        self.front = Front(None, AGENT)
        self.front.channels.closed = {"C8"}
        self.bot = Heard(self.front.ports)
        self._keys = 0

    def source(self, by: Principal = ANN, sink: Sink = CLOSED, **fields: Any) -> MessageSource:
        self._keys += 1
        return MessageSource(**{"by": by, "key": f"k{self._keys}", "sink": sink, **fields})

    async def run(self, goal: str = "Paint the shed", **fields: Any) -> Response:
        return await self.bot.command(self.source(**fields), f"run {goal}")

    async def press(self, offered: Response, by: Principal = ANN) -> Response:
        return await self.bot.presses(self.source(by), offered.items[0].buttons[0].press)

    async def tasks(self) -> list[TaskRecord]:
        return await self.front.ports.tasks.list(TaskFilter())


@pytest.fixture
def talk() -> Talk:
    return Talk()


async def test_nothing_is_started_before_its_author_chooses(talk: Talk) -> None:
    offered = await talk.run("--budget 0.50 Paint the shed")
    assert offered.text.startswith("Nothing was started: I cannot post in that channel.")
    assert offered.items[0].text == "**Paint the shed**"
    (button,) = offered.items[0].buttons
    assert (button.label, button.press.verb) == ("Run it in my direct messages", "direct")
    assert Click.decode(button.press.encode()) == button.press
    assert await talk.tasks() == []
    assert await talk.front.ports.intake.lease("test", 9, 60) == []
    assert talk.front.channels.greetings == []


async def test_one_press_starts_it_in_the_persons_direct_messages_and_a_second_is_the_same(talk: Talk) -> None:
    offered = await talk.run("--budget 0.50 Paint the shed")
    told = await talk.press(offered)
    assert told.text.startswith("Started in your direct messages: **Paint the shed**")
    (task,) = await talk.tasks()
    order = await talk.front.ports.tasks.order(task.task_id)
    assert order.sink == Sink(platform="slack", workspace="T1", channel="D-U1")
    assert (order.goal, order.budget_usd, order.private, order.by) == ("Paint the shed", 0.5, True, ANN)
    assert (await talk.press(offered)).text == told.text
    assert [one.task_id for one in await talk.tasks()] == [task.task_id]
    assert len(talk.front.channels.greetings) == 1


async def test_a_redelivered_command_is_offered_again_and_starts_nothing(talk: Talk) -> None:
    first, again = await talk.run(key="same"), await talk.run(key="same")
    assert first == again
    assert await talk.tasks() == []


async def test_nobody_else_starts_it(talk: Talk) -> None:
    told = await talk.press(await talk.run(), by=BOB)
    assert (told.tone, told.text) == ("warning", "Only Ann can start this task.")
    unknown = Button(label="Run", press=Click(verb="direct", task_id="", detail="k999"))
    told = await talk.press(Response(text="", items=(Item(text="", buttons=(unknown,)),)))
    assert told.text == "This task is not kept any more. Ask again."
    assert await talk.tasks() == []


async def test_what_the_delivery_tells_needs_no_question(talk: Talk) -> None:
    assert (await talk.run(sink=OPEN, posts=False)).items[0].buttons
    assert (await talk.run(sink=OPEN)).text.startswith("Started: ")


async def test_a_form_and_another_channel_are_looked_at_too(talk: Talk) -> None:
    form = StartForm(goal="Look", files=(Attachment(name="a.png", size=3, link="https://example.com/a"),))
    assert (await talk.bot.start(talk.source(), form)).items[0].buttons
    offered = await talk.run("--in #closed Look", sink=OPEN, channels=(("closed", "C8"),))
    assert offered.items[0].buttons
    assert await talk.tasks() == []


async def test_where_the_platform_does_not_tell_the_first_post_does(talk: Talk) -> None:
    talk.front.channels.away = True
    assert (await talk.run()).text.startswith("Started: ")


async def test_direct_messages_that_are_closed_cost_nothing_either(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    offered = await talk.run()
    for error in (SinkGone("No direct messages.", "Allow them."), ChatUnavailable("Away.")):

        async def refused(*_: Any, error: Exception = error) -> Sink:
            raise error

        monkeypatch.setattr(talk.front.channels, "direct", refused)
        told = await talk.press(offered)
        assert told.text == f"Nothing was started: your direct messages cannot be reached. {error}"
    assert await talk.tasks() == []
    monkeypatch.undo()
    assert (await talk.press(offered)).text.startswith("Started in your direct messages")
