"""What people on a chat platform are told: the bot's side of it on SQLite, a fake_run in place of the runs."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from tests.fake_run import AGENT, ANN, Front
from tests.receiver_harness import Heard
from tests.sqlite_file import migrated
from threadwork.adapters.memory.catalog import MemoryDirectory
from threadwork.adapters.memory.channels import MemoryChannels
from threadwork.adapters.sql.database import Database
from threadwork.adapters.sql.store import SqlStore
from threadwork.bot.chat.edits import READ, WITHDRAWN
from threadwork.bot.intake.outcomes import RECORDED
from threadwork.bot.intake.worker import intake_running
from threadwork.workflows.agents import Access, ApprovalPolicy
from threadwork.workflows.approval_events import (
    HumanApprovalReceived,
    HumanApprovalRequested,
    QuestionAnswered,
    QuestionAsked,
)
from threadwork.workflows.budget_events import BudgetExceeded
from threadwork.workflows.buttons import Click, Verb
from threadwork.workflows.calls import Claim, Message
from threadwork.workflows.cards import ApprovalCard, QuestionCard
from threadwork.workflows.domain.texts import TAKEN_BACK
from threadwork.workflows.errors import ChatUnavailable, NotFound, Rejected
from threadwork.workflows.event_types import Payload
from threadwork.workflows.inbound import Attachment, ButtonClick, MessageSource, Response, StartForm, ThreadMessage
from threadwork.workflows.run_events import FollowUpReceived, WorkflowCompleted
from threadwork.workflows.run_requests import EventBatch, Input
from threadwork.workflows.sinks import Delivery, Sink
from threadwork.workflows.slash_name import called
from threadwork.workflows.tasks import Command, Feedback, TaskFilter, TaskRecord
from threadwork.workflows.values import Principal, Status, Termination

BOB = ANN.model_copy(update={"user_id": "U2", "name": "Bob"})
CAT = ANN.model_copy(update={"user_id": "U3", "name": "Cat"})
EVE = Principal(platform="slack", workspace="T2", user_id="U9", name="Eve")
CHANNEL = Sink(platform="slack", workspace="T1", channel="C1")
OPS = AGENT.model_copy(
    update={
        "name": "ops",
        "description": "Keeps it running",
        "access": Access(run=("U2",), control=("U2",)),
        "approvals": ApprovalPolicy(approvers=("group:ops",), four_eyes=True),
    }
)
GROUPS = MemoryDirectory({BOB.key: ["group:ops"], CAT.key: ["group:ops"]})
_stamps = count(1)


class Thread:
    """What the platform could tell of a thread, and how often it was asked."""

    def __init__(self, mark: str = "", earlier: Sequence[ThreadMessage] = (), away: bool = False) -> None:
        self.mark, self.lines, self.away = mark, earlier, away
        self.asked: list[str] = []

    async def root_mark(self) -> str:
        self.asked.append("mark")
        return self.mark

    async def earlier(self) -> Sequence[ThreadMessage]:
        self.asked.append("earlier")
        if self.away:
            raise ChatUnavailable("Slack does not answer.")
        return self.lines


class Talk:
    """People who talk to a bot."""

    def __init__(self, front: Front) -> None:
        self.front, self.store = front, front.store
        self.listener = Heard(front.ports)

    def source(self, by: Principal = ANN, thread: str = "", key: str = "", **fields: Any) -> MessageSource:
        where = CHANNEL.model_copy(update={"thread": thread, "channel": fields.pop("channel", "C1")})
        return MessageSource(by=by, key=key or f"click-{next(_stamps)}", sink=where, **fields)

    async def command(self, text: str, by: Principal = ANN, **where: Any) -> Response:
        origin = self.source(by, **where)
        return await self.listener.command(origin, text)

    async def says(
        self,
        text: str,
        by: Principal = ANN,
        thread: str = "",
        stamp: str = "",
        source: Thread | None = None,
        **said: Any,
    ) -> tuple[Response | None, bool]:
        """The response, and whether it was stored by the time the platform was told."""
        stamp = stamp or self.stamp()
        origin = self.source(by, thread, f"C1:{stamp}", direct=said.pop("direct", False))
        response = await self.listener.says(origin, text, stamp, source or Thread(), **said)
        return response, self.listener.stored[-1]

    async def mention(self, text: str, **rest: Any) -> TaskRecord:
        """A mention that starts a task."""
        before = {task.task_id for task in await self.tasks()}
        assert await self.says(f"<@UBOT> {text}", mentioned=True, **rest) == (None, True)
        [task] = [task for task in await self.tasks() if task.task_id not in before]
        await self.begun(task.task_id)
        return task

    async def press(
        self, verb: Verb, task_id: str, about: str = "", detail: str = "", given: str = "", **who: Any
    ) -> Response:
        origin = self.source(**who)
        press = Click(verb=verb, task_id=task_id, about=about, detail=detail)
        try:
            return await self.listener.presses(origin, press, given)
        except Rejected:
            assert await self.store.intake.get("slack", origin.key) is None
            raise

    def stamp(self) -> str:
        return f"1700000{next(_stamps):03d}.000100"

    async def tasks(self) -> list[TaskRecord]:
        found: list[TaskRecord] = await self.store.tasks.list(TaskFilter())
        return found

    async def begun(self, task_id: str) -> None:
        async with asyncio.timeout(30):
            while not (await self.store.tasks.get(task_id)).last_seq:
                await asyncio.sleep(0.01)

    async def ordered(self, **order: Any) -> str:
        """A task from a command, whose root is posted as the message `root-<task>`."""
        answer = await self.command(f"run {order.pop('goal', 'Tidy up')}", **order)
        task: TaskRecord = (await self.tasks())[0]
        assert task.task_id in answer.text
        await self.begun(task.task_id)
        assert task.sink
        fence = await self.store.leases.lease(task.task_id, task.sink.key, "notifier", 60)
        root = f"root-{task.task_id}"
        facts = {"task_id": task.task_id, "sink": task.sink.key, "card_key": "status", "part": 0, "fence": fence}
        assert await self.store.deliveries.write(Delivery(**facts, message_id=root, state="posted"))
        return task.task_id

    async def happens(self, task_id: str, *payloads: Payload, status: Status = Status.RUNNING) -> None:
        await self.front.fake_run.tell(task_id, *payloads, status=status)

    async def ends(self, task_id: str) -> None:
        await self.happens(task_id, WorkflowCompleted(reason=Termination.GOAL_ACHIEVED), status=Status.COMPLETED)
        self.front.fake_run.running.discard(task_id)

    async def replies(self, task_id: str) -> list[str]:
        """Whole texts of the replies that the run was told of."""
        wakes = [call[2] for call in self.front.fake_run.calls if call[0] == "wake" and call[1] == task_id]
        return [(await self.store.transcript.get(task_id, wake.ref)).body["content"] for wake in wakes]

    async def told(self, task_id: str, times: int = 1) -> None:
        """Wait until so many replies have reached the run."""
        async with asyncio.timeout(30):
            while (
                len([one for one in await self.store.events.read(task_id) if one.type == "follow_up.received"]) < times
            ):
                await asyncio.sleep(0.01)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    database = Database(migrated(tmp_path / "threadwork.db"))
    yield SqlStore(database)
    await database.close()


@pytest.fixture
async def talk(store: SqlStore) -> AsyncIterator[Talk]:
    front = Front(store, AGENT, OPS, directory=GROUPS)
    async with intake_running(front.intake_worker):
        yield Talk(front)


def asked(approval_id: str = "1", **fields: Any) -> HumanApprovalRequested:
    facts: dict[str, Any] = {"tool": "notes.write", "arguments_preview": '{"path": …', "arguments_ref": "args:1"}
    facts |= {"digest": "d1", "effect": "destructive", "expires_at": datetime.now(UTC) + timedelta(hours=1)}
    return HumanApprovalRequested(approval_id=approval_id, **facts | fields)


# --- starting ------------------------------------------------------------------------------------------


async def test_a_command_starts_a_task_that_opens_its_own_thread_in_the_channel(talk: Talk) -> None:
    answer = await talk.command("run --budget 2,50 --model openai/gpt-5 “Tidy up the notes”")
    [task] = await talk.tasks()
    order = await talk.store.tasks.order(task.task_id)
    assert (order.goal, order.budget_usd, order.model) == ("Tidy up the notes", 2.5, "openai/gpt-5")
    assert (order.sink, order.joined, order.by) == (CHANNEL, False, ANN)
    assert (answer.tone, answer.asks) == ("info", "")
    assert answer.text.startswith("Started: **Tidy up the notes**")


async def test_a_command_delivered_twice_starts_one_task_and_is_answered_alike(talk: Talk) -> None:
    first = await talk.command("run Tidy up", key="trigger-1")
    again = await talk.command("run  Tidy up ", key="trigger-1")
    assert first == again
    assert len(await talk.tasks()) == 1


async def test_a_task_can_be_sent_to_another_channel(talk: Talk) -> None:
    talk.listener = Heard(replace(talk.front.ports, channels=MemoryChannels()))
    answer = await talk.command("run --in #General Tidy up", channels=(("general", "C7"),))
    [task] = await talk.tasks()
    assert task.sink == CHANNEL.model_copy(update={"channel": "C7"})
    assert answer.text.startswith("Started in #general: **Tidy up**")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("run --in #nowhere Tidy up", "cannot find the channel #nowhere"),
        ("run --agent nobody Tidy up", "no agent 'nobody'"),
        ("run --agent ops Tidy up", "may not run the agent ops"),
        ("run --budget lots Tidy up", "no amount in dollars"),
        ("run --budget -1 Tidy up", "no amount in dollars"),
        ("run --bugdet 1 Tidy up", "no option `--bugdet`"),
    ],
)
async def test_a_start_that_makes_no_sense_is_answered_and_starts_nothing(talk: Talk, text: str, why: str) -> None:
    answer = await talk.command(text)
    assert why in answer.text
    assert answer.tone == "warning"
    assert await talk.tasks() == []


@pytest.mark.parametrize("text", ["", "run", "run --agent default"])
async def test_without_a_goal_the_form_is_asked_for(talk: Talk, text: str) -> None:
    assert (await talk.command(text)).asks == "start"
    assert await talk.tasks() == []


async def test_a_form_starts_a_task_with_its_files(talk: Talk) -> None:
    form = StartForm(goal="Sum up.", budget="$1", files=(Attachment(name="a.txt", text="1\n2"),))
    origin = talk.source()
    answers = [await talk.listener.start(origin, form) for _ in range(2)]
    [task] = await talk.tasks()
    order = await talk.store.tasks.order(task.task_id)
    assert (order.goal, order.budget_usd) == ("Sum up.\n\nAttached file a.txt:\n```\n1\n2\n```", 1)
    assert answers[0].text.startswith(f"Started: **Sum up.**\nTask `{task.task_id}`")
    assert answers[1] == answers[0]


async def test_a_start_elsewhere_that_is_delivered_again_is_answered_like_the_first_time(talk: Talk) -> None:
    origin = talk.source(key="k7", channels=(("there", "C9"),))
    talk.listener = Heard(replace(talk.front.ports, channels=MemoryChannels({"C9": "public"})))
    first, again = [await talk.listener.command(origin, "run --in #there Tidy up") for _ in range(2)]
    assert first.text.startswith("Started in #there: **Tidy up**")
    assert again == first


@pytest.mark.parametrize(
    "form", [StartForm(goal=" "), StartForm(goal="x", budget="lots"), StartForm(goal="x", agent="nobody")]
)
async def test_a_form_that_cannot_be_used_is_told_before_anything_is_written_down(talk: Talk, form: StartForm) -> None:
    origin = talk.source()
    with pytest.raises(Rejected):
        await talk.listener.start(origin, form)
    assert (talk.listener.stored, await talk.tasks()) == ([], [])


async def test_while_the_database_is_away_the_platform_is_not_told_that_it_is_safe(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    talk = Talk(Front(SqlStore(database)))
    origin = talk.source()
    with pytest.raises(OperationalError):
        await talk.listener.command(origin, "run Tidy up")
    assert talk.listener.stored == []
    await database.close()


async def test_what_fails_after_it_was_written_down_is_recorded(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    task_id = await talk.ordered()

    async def away(*_: Any) -> Any:
        raise OSError("the database went away")

    press = Click(verb="pause", task_id=task_id)
    receipt = await talk.listener.receiver.receive(ButtonClick(source=talk.source(), press=press))
    monkeypatch.setattr(talk.store.events, "read", away)
    answer = await receipt.answer()
    assert answer is not None
    assert (answer.text, answer.tone) == (RECORDED, "info")


# --- lists and answers ---------------------------------------------------------------------------------


async def test_lists_show_tasks_with_the_way_to_their_threads(talk: Talk) -> None:
    mine, bobs = await talk.ordered(goal="Mine"), await talk.ordered(goal="His", by=BOB, channel="C2")
    await talk.ends(mine)
    listed = await talk.command("list")
    assert [item.message_id for item in listed.items] == [f"root-{mine}"]
    assert "**Mine** · done" in listed.items[0].text
    channel = await talk.command("list channel", channel="C2")
    assert [f"`{bobs}`" in item.text and "Bob" in item.text for item in channel.items] == [True]
    assert (await talk.command("list waiting")).text == "No task waits for you."


async def test_tasks_of_another_workspace_are_neither_listed_nor_found(talk: Talk) -> None:
    task_id = await talk.ordered()
    where = {"by": EVE, "sink": CHANNEL.model_copy(update={"workspace": "T2"}), "key": "k1"}
    for number, text in enumerate(("list channel", f"status {task_id}", f"stop {task_id}")):
        answer = await talk.listener.command(MessageSource(**where | {"key": f"k{number}"}), text)
        assert answer.items == ()
        assert "Tidy up" not in answer.text
    assert talk.front.fake_run.signals() == []
    with pytest.raises(NotFound):
        await talk.listener.details(MessageSource(**where), task_id)


async def test_the_status_of_a_task_is_told_shortly_with_its_buttons(talk: Talk) -> None:
    task_id = await talk.ordered()
    answer = await talk.command(f"status {task_id[:6]}")
    assert answer.text.startswith("**Tidy up**\nWorking · step ")
    assert [button.press.verb for button in answer.items[0].buttons] == ["pause", "stop", "details"]
    assert answer.items[0].message_id == f"root-{task_id}"
    assert (await talk.command("status")).text.startswith("**Tidy up**")
    assert (await talk.command("status tzzz7")).tone == "warning"


async def test_without_a_task_named_its_own_threads_is_meant_and_elsewhere_one_must_be_picked(talk: Talk) -> None:
    assert "no open task" in (await talk.command("pause")).text
    first, second = await talk.ordered(goal="First"), await talk.ordered(goal="Second")
    unclear = await talk.command("resume")
    assert (unclear.tone, len(unclear.items)) == ("warning", 2)
    assert "Which one?" in unclear.text
    assert (await talk.command(f"pause {first[:8]}")).text == "Paused: “First”."
    assert (await talk.command("stop", thread=f"root-{second}")).text == "Stopped: “Second”."


async def test_of_several_open_tasks_the_status_of_this_channels_is_meant(talk: Talk) -> None:
    here, _ = await talk.ordered(), await talk.ordered(channel="C2")
    assert f"`{here}`" in (await talk.command("status")).items[0].text


async def test_help_and_agents_name_only_what_the_person_may_use(talk: Talk) -> None:
    for_ann, for_bob = [(await talk.command("help", by=by)).text for by in (ANN, BOB)]
    assert "Your agents: default." in for_ann
    assert "Your agents: default, ops." in for_bob
    assert "Keeps it running" not in (await talk.command("agents")).text
    assert "**ops**: Keeps it running (demo/scripted)" in (await talk.command("agents", by=BOB)).text


async def test_costs_are_those_of_the_person_and_of_the_task_at_hand(talk: Talk) -> None:
    task_id = await talk.ordered()
    told = await talk.command("cost", thread=f"root-{task_id}")
    assert told.text == (
        "Your tasks spent **$0.00** in the last 24 hours and **$0.00** in the last 7 days.\nThis task: $0.00, 0 tokens."
    )


async def test_an_unknown_list_or_word_gets_the_nearest_one(talk: Talk) -> None:
    assert "`/agent list channel`" in (await talk.command("list chanel")).text
    assert "Did you mean `/agent list`?" in (await talk.command("lst")).text
    assert "write `/agent run look into the outage`" in (await talk.command("look into the outage")).text


# --- mentions and threads ------------------------------------------------------------------------------


async def test_a_mention_starts_a_task_in_the_thread_of_its_own_message(talk: Talk) -> None:
    task = await talk.mention("tidy up", stamp="1700000001.000100")
    order = await talk.store.tasks.order(task.task_id)
    assert (order.goal, order.joined) == ("tidy up", False)
    assert order.sink == CHANNEL.model_copy(update={"thread": "1700000001.000100"})


async def test_a_mention_in_a_thread_takes_along_what_was_said_before(talk: Talk) -> None:
    source = Thread(earlier=[ThreadMessage(name="Bob", text="It is down.")])
    task = await talk.mention("find out why", thread="1700000000.000001", source=source)
    order = await talk.store.tasks.order(task.task_id)
    assert order.goal == "find out why\n\nEarlier in this thread:\n```\nBob: It is down.\n```"
    assert (order.sink and order.sink.thread, order.joined) == ("1700000000.000001", True)
    assert task.goal.startswith("find out why")


async def test_a_thread_that_cannot_be_read_does_not_keep_a_task_from_starting(talk: Talk) -> None:
    task = await talk.mention("find out why", thread="1700000000.000001", source=Thread(away=True))
    assert "could not be read" in (await talk.store.tasks.order(task.task_id)).goal


async def test_a_mention_delivered_twice_is_one_task_and_no_reply_to_it(talk: Talk) -> None:
    stamp = talk.stamp()
    task = await talk.mention("tidy up", stamp=stamp, thread="1700000000.000001")
    again = await talk.says("<@UBOT> tidy up!", mentioned=True, stamp=stamp, thread="1700000000.000001")
    assert again == (None, True)
    assert [one.task_id for one in await talk.tasks()] == [task.task_id]
    assert await talk.replies(task.task_id) == []


async def test_a_direct_message_starts_a_task_too(talk: Talk) -> None:
    assert await talk.says("tidy up", mentioned=True, direct=True) == (None, True)
    [task] = await talk.tasks()
    assert (task.goal, (await talk.store.tasks.order(task.task_id)).private) == ("tidy up", True)


async def test_what_is_not_for_the_bot_changes_nothing_and_asks_nobody(talk: Talk) -> None:
    source = Thread()
    assert await talk.says("Lunch?", source=source) == (None, False)
    assert await talk.says("Lunch?", thread="1700000000.000001", source=source) == (None, False)
    assert (await talk.tasks(), source.asked) == ([], [])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", "/agent run"),
        ("help", "/agent run"),
        ("List!", "Your tasks"),
        ("list channel", "Tasks of this channel"),
        ("status", "**Tidy up**"),
    ],
)
async def test_a_mention_with_a_command_word_alone_is_the_command(talk: Talk, text: str, shown: str) -> None:
    await talk.ordered()
    response, stored = await talk.says(f"<@UBOT> {text}", mentioned=True)
    assert response is not None
    assert shown in response.text
    assert not stored
    assert len(await talk.tasks()) == 1


async def test_a_mention_by_who_may_not_run_anything_is_answered(store: SqlStore) -> None:
    talk = Talk(Front(store, AGENT.model_copy(update={"access": Access(run=("U2",))})))
    response, stored = await talk.says("<@UBOT> tidy up", mentioned=True)
    assert response is not None
    assert "may not run" in response.text
    assert not stored


async def test_a_reply_under_a_tasks_root_is_a_follow_up_with_its_files(talk: Talk) -> None:
    task_id = await talk.ordered()
    files = (Attachment(name="a.csv", text="1,2"), Attachment(name="b.png", link="https://files.example/b"))
    assert await talk.says("And this?", thread=f"root-{task_id}", files=files, by=BOB) == (None, True)
    await talk.told(task_id)
    assert await talk.replies(task_id) == [
        "And this?\n\nAttached file a.csv:\n```\n1,2\n```\n\nAttached file b.png: https://files.example/b"
    ]


async def test_a_reply_delivered_twice_counts_once(talk: Talk) -> None:
    task_id, stamp = await talk.ordered(), talk.stamp()
    for text in ("And this?", "And this? (edited)"):
        assert await talk.says(text, thread=f"root-{task_id}", stamp=stamp) == (None, True)
    await talk.told(task_id)
    assert await talk.replies(task_id) == ["And this?"]


async def test_a_reply_under_a_root_that_is_not_recorded_yet_is_known_by_its_mark(talk: Talk) -> None:
    await talk.command("run Tidy up")
    [task] = await talk.tasks()
    source = Thread(mark=f"{task.task_id}/status/0")
    assert await talk.says("And this?", thread="m1", source=source) == (None, True)
    await talk.told(task.task_id)
    assert await talk.replies(task.task_id) == ["And this?"]
    for mark in ("", f"{task.task_id}/answer:1/0", "tnobody/status/0"):
        assert await talk.says("And that?", thread="m2", source=Thread(mark=mark)) == (None, False)


async def test_a_reply_wakes_a_task_that_has_ended_in_its_own_thread(talk: Talk) -> None:
    task_id = await talk.ordered()
    await talk.ends(task_id)
    assert await talk.says("Once more.", thread=f"root-{task_id}") == (None, True)
    await talk.told(task_id)
    assert await talk.replies(task_id) == ["Once more."]


async def test_in_a_thread_of_people_a_task_that_has_ended_hears_only_its_name(talk: Talk) -> None:
    task = await talk.mention("find out why", thread="1700000000.000001")
    assert (await talk.says("It is the disk.", thread="1700000000.000001")) == (None, True)
    await talk.told(task.task_id)
    await talk.ends(task.task_id)
    assert (await talk.says("Lunch?", thread="1700000000.000001")) == (None, False)
    assert (await talk.says("stop", thread="1700000000.000001")) == (None, False)
    assert (await talk.says("<@UBOT> are you sure?", thread="1700000000.000001", mentioned=True)) == (None, True)
    await talk.told(task.task_id, 2)
    assert await talk.replies(task.task_id) == ["It is the disk.", "are you sure?"]


async def test_a_reply_by_who_may_not_talk_to_the_agent_is_answered_and_not_kept(talk: Talk) -> None:
    task_id = await talk.ordered(goal="--agent ops Tidy up", by=BOB)
    response, stored = await talk.says("Me too", thread=f"root-{task_id}")
    assert (response and response.text, stored) == ("This agent does not take messages from you.", False)


async def test_an_empty_reply_is_nothing(talk: Talk) -> None:
    task_id = await talk.ordered()
    assert await talk.says("  ", thread=f"root-{task_id}") == (None, False)


# --- stopping ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "mentioned"), [("stop", False), ("Cancel!", False), ("<@UBOT> stop", True)])
async def test_a_reply_that_says_stop_stops_and_the_thread_shows_it(talk: Talk, text: str, mentioned: bool) -> None:
    task_id = await talk.ordered()
    stamp = talk.stamp()
    for _ in range(2):
        assert await talk.says(text, thread=f"root-{task_id}", mentioned=mentioned, stamp=stamp) == (None, True)
    assert talk.front.fake_run.signals() == ["stop_execution"]
    assert await talk.replies(task_id) == []


async def test_a_stop_that_was_sent_before_a_newer_reply_does_not_stop_it(talk: Talk) -> None:
    task_id = await talk.ordered()
    thread, older, newer = f"root-{task_id}", talk.stamp(), talk.stamp()
    await talk.says("Also the attic.", thread=thread, stamp=newer)
    response, stored = await talk.says("stop", thread=thread, stamp=older)
    assert response is not None
    assert "a newer message came in after yours" in response.text
    assert not stored
    assert await talk.says("stop", thread=thread, stamp=talk.stamp()) == (None, True)
    assert talk.front.fake_run.signals() == ["stop_execution"]


async def test_a_stop_after_the_end_says_so(talk: Talk) -> None:
    task_id = await talk.ordered()
    await talk.ends(task_id)
    response, _ = await talk.says("stop", thread=f"root-{task_id}")
    assert response is not None
    assert (response.text, response.tone) == ("The task has ended already.", "warning")


async def test_a_sign_on_the_root_stops_its_task_and_elsewhere_nothing(talk: Talk) -> None:
    task_id = await talk.ordered()
    for message, key, text in (
        ("m9", "e1", None),
        (f"root-{task_id}", "e2", "Stopped: “Tidy up”."),
        (f"root-{task_id}", "e2", "Stopped: “Tidy up”."),
    ):
        origin = talk.source(key=key)
        response = await talk.listener.stops(origin, message)
        assert (response and response.text) == text
    await talk.ends(task_id)
    assert await talk.listener.stops(talk.source(), f"root-{task_id}") is None
    assert talk.front.fake_run.signals() == ["stop_execution"]


async def test_a_sign_that_arrives_after_a_newer_reply_does_not_stop_it(talk: Talk) -> None:
    task_id = await talk.ordered()
    thread, moment = f"root-{task_id}", talk.stamp()
    await talk.says("Also the attic.", thread=thread, stamp=talk.stamp())
    late = talk.source(key="e1", moment=f"C1:{moment}")
    response = await talk.listener.stops(late, thread)
    assert response is not None
    assert "a newer message came in after yours" in response.text
    assert talk.front.fake_run.signals() == []


async def test_the_command_is_called_as_on_its_platform_and_what_people_wrote_stays(talk: Talk) -> None:
    await talk.ordered(goal="Explain `/agent list` to me")
    with called("/ai"):
        help_, tasks, stop = [(await talk.command(text)) for text in ("help", "list", "stop it all")]
        refused = await talk.command("run --nonsense 1 `/agent help`")
    assert "`/ai run <goal>`" in help_.text
    assert "/agent list" in tasks.items[0].text
    assert "`/ai stop` takes a task only" in stop.text
    assert "/agent run" not in refused.text
    assert "`/agent run <goal>`" in (await talk.command("help")).text


# --- edits ---------------------------------------------------------------------------------------------


async def amended(talk: Talk, stamp: str, text: str | None, seconds: float = 1) -> Response | None:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    return await talk.listener.edits(talk.source(), stamp, text, at)


async def test_a_reply_that_was_not_read_yet_is_changed_and_taken_back(talk: Talk) -> None:
    task_id, stamp = await talk.ordered(), talk.stamp()
    await talk.says("Ad this", thread=f"root-{task_id}", stamp=stamp, files=(Attachment(name="a", text="x"),))
    await talk.told(task_id)
    assert await amended(talk, stamp, "And this") is None
    assert await talk.replies(task_id) == ["And this\n\nAttached file a:\n```\nx\n```"]
    assert await amended(talk, stamp, "An older edit", seconds=0) is None
    assert await amended(talk, stamp, None, seconds=2) is None
    assert await talk.replies(task_id) == ["(The author took this message back.)"]


async def test_a_reply_that_was_read_stays_and_its_author_is_told(talk: Talk) -> None:
    task_id, stamp = await talk.ordered(), talk.stamp()
    await talk.says("And this", thread=f"root-{task_id}", stamp=stamp)
    await talk.store.transcript.place(task_id, [Input(position=5, kind="follow_up", ref=f"reply:C1:{stamp}")])
    assert await amended(talk, stamp, "And this") is None
    response = await amended(talk, stamp, "And that")
    assert response is not None
    assert (response.text, response.tone) == (READ, "warning")
    assert (await amended(talk, stamp, None)) == response


async def test_a_reply_that_answered_a_question_was_read(talk: Talk) -> None:
    task_id, stamp = await talk.ordered(), talk.stamp()
    await talk.happens(task_id, QuestionAsked(question_id="1", question="Where?"))
    await talk.says("staging", thread=f"root-{task_id}", stamp=stamp)
    await talk.happens(task_id, QuestionAnswered(question_id="1", answer="staging", by=ANN, click_id=f"C1:{stamp}"))
    response = await amended(talk, stamp, "production")
    assert response is not None
    assert response.text == READ


async def test_an_emptied_reply_is_withdrawn_and_one_with_a_file_keeps_the_file(talk: Talk) -> None:
    task_id, bare, filed = await talk.ordered(), talk.stamp(), talk.stamp()
    await talk.says("And this", thread=f"root-{task_id}", stamp=bare)
    await talk.says("And that", thread=f"root-{task_id}", stamp=filed, files=(Attachment(name="a", text="x"),))
    await talk.told(task_id, times=2)
    assert (await amended(talk, bare, ""), await amended(talk, filed, "")) == (None, None)
    assert await talk.replies(task_id) == [TAKEN_BACK, "Attached file a:\n```\nx\n```"]


async def test_what_came_too_late_is_told_once_for_each_change(talk: Talk) -> None:
    """Discord tells of an old edit again when a message is pinned."""
    task_id, stamp = await talk.ordered(), talk.stamp()
    await talk.says("And this", thread=f"root-{task_id}", stamp=stamp)
    await talk.store.transcript.place(task_id, [Input(position=5, kind="follow_up", ref=f"reply:C1:{stamp}")])
    told = [await amended(talk, stamp, "And that", seconds=second) for second in (1, 1, 2)]
    assert [response and response.text for response in told] == [READ, None, READ]


async def test_a_reply_that_nobody_was_told_of_yet_is_told_as_it_is_now(talk: Talk) -> None:
    task_id, changed, gone = await talk.ordered(), talk.stamp(), talk.stamp()
    talk.front.fake_run.away = True
    for stamp in (changed, gone):
        await talk.says("production", thread=f"root-{task_id}", stamp=stamp)
    assert (await amended(talk, changed, "staging"), await amended(talk, gone, None)) == (None, None)
    rows = [await talk.store.intake.get("slack", f"C1:{stamp}") for stamp in (changed, gone)]
    assert [row and (row.command.action.message.preview, row.refused) for row in rows] == [  # type: ignore[union-attr]
        ("staging", ""),
        ("production", WITHDRAWN),
    ]


@pytest.mark.parametrize("now", ["<@UBOT> tidy", "<@UBOT> tidy up the attic", "tidy up, please"])
async def test_a_goal_that_no_model_has_read_is_changed(talk: Talk, now: str) -> None:
    stamp = talk.stamp()
    task = await talk.mention("tidy up now", stamp=stamp)
    assert await amended(talk, stamp, "<@UBOT> tidy up now") is None
    assert await amended(talk, stamp, now) is None
    goal = (await talk.store.transcript.get(task.task_id, "goal")).body["content"]
    assert goal == now.removeprefix("<@UBOT> ")
    assert [one.goal for one in await talk.tasks()] == [goal]


@pytest.mark.parametrize("now", ["<@UBOT>", "", None])
async def test_a_goal_that_is_emptied_or_taken_back_before_it_was_read_stops_its_task(
    talk: Talk, now: str | None
) -> None:
    stamp = talk.stamp()
    task = await talk.mention("tidy up", stamp=stamp)
    assert await amended(talk, stamp, now) is None
    assert (await talk.store.transcript.get(task.task_id, "goal")).body["content"] == TAKEN_BACK
    [stop] = [call[3] for call in talk.front.fake_run.calls if call[2:3] == ("stop_execution",)]
    assert (stop.by, stop.reason) == (ANN, WITHDRAWN)


async def test_a_goal_that_is_nothing_but_what_it_is_about_goes_on(talk: Talk) -> None:
    stamp, about = talk.stamp(), (ThreadMessage(name="CI", text="Build failed"),)
    task = await talk.mention("look at this", stamp=stamp, about=about)
    assert await amended(talk, stamp, "<@UBOT>") is None
    goal = (await talk.store.transcript.get(task.task_id, "goal")).body["content"]
    assert goal == "Deal with the message below.\n\nWhat this is about:\n```\nCI: Build failed\n```"


@pytest.mark.parametrize("now", ["<@UBOT> tidy", "", None])
async def test_a_goal_that_was_read_stays_and_its_author_is_told_while_the_task_runs(
    talk: Talk, now: str | None
) -> None:
    stamp = talk.stamp()
    task = await talk.mention("tidy up", stamp=stamp)
    batch = EventBatch(task_id=task.task_id, epoch=1, status=Status.RUNNING)
    claim = {"batch": batch, "call_id": "1.9", "attempt": "a", "kind": "model", "name": "m", "timeout": 0}
    assert (await talk.store.calls.claim(Claim(**claim))).state == "mine"
    response = await amended(talk, stamp, now)
    assert response is not None
    assert (response.text, response.tone) == (READ, "warning")
    assert (await talk.store.transcript.get(task.task_id, "goal")).body["content"] == "tidy up"
    await talk.ends(task.task_id)
    assert await amended(talk, stamp, None, seconds=3) is None


async def test_edits_of_what_was_never_ours_are_nothing(talk: Talk) -> None:
    assert await amended(talk, talk.stamp(), "Dinner?") is None


# --- buttons -------------------------------------------------------------------------------------------


async def test_every_button_of_a_run_is_answered_with_a_sentence(talk: Talk) -> None:
    task_id = await talk.ordered()
    await talk.happens(
        task_id,
        asked(),
        QuestionAsked(question_id="1", question="Where?", options=("here", "there")),
        BudgetExceeded(unit="usd", used=1, limit=1, share=1),
    )
    press, task = talk.press, "“Tidy up”"
    assert [
        (await press("pause", task_id)).text,
        (await press("resume", task_id)).text,
        (await press("approve", task_id, "1", "d1")).text,
        (await press("approve_task", task_id, "1", "d1")).text,
        (await press("deny", task_id, "1", "d1")).text,
        (await press("deny_because", task_id, "1", "d1", given="Too risky.")).text,
        (await press("edit", task_id, "1", "d1", given='{"path": "b.txt"}')).text,
        (await press("choose", task_id, "1", "2")).text,
        (await press("answer", task_id, "1", given="elsewhere")).text,
        (await press("add_amount", task_id, "usd", given="0,50")).text,
        (await press("good", task_id, "1")).text,
        (await press("stop", task_id)).text,
    ] == [
        f"Paused: {task}.",
        f"Resumed: {task}.",
        f"Allowed once: `Write (notes)` for {task}.",
        f"Allowed for this task: `Write (notes)` for {task}.",
        f"Denied: `Write (notes)` for {task}.",
        f"Denied: `Write (notes)` for {task}.",
        f"Allowed once: `Write (notes)` for {task}.",
        "Your answer was received: “there”.",
        "Your answer was received: “elsewhere”.",
        "The budget of “Tidy up” is $1.50 now.",
        "Thanks, that helps.",
        f"Stopped: {task}.",
    ]
    clicks = {call[2]: call[3] for call in talk.front.fake_run.calls if call[0] == "signal"}
    assert clicks["stop_execution"].up_to == ""  # no reply was shown beside it
    answers = [call[3].answer for call in talk.front.fake_run.calls if call[2:3] == ("answer_question",)]
    assert answers == ["there", "elsewhere"]
    decisions = [call[3] for call in talk.front.fake_run.calls if call[2:3] == ("decide_approval",)]
    assert [(one.decision, one.scope, one.seen) for one in decisions] == [
        ("approve", "once", "d1"),
        ("approve", "task", "d1"),
        ("deny", "once", "d1"),
        ("deny", "once", "d1"),
        ("approve", "once", "d1"),
    ]
    assert decisions[3].reason == "Too risky."
    edited = await talk.store.transcript.get(task_id, str(decisions[4].edited_ref))
    assert edited.body["content"] == '{"path": "b.txt"}'


async def test_half_of_the_limit_is_added_to_it(talk: Talk) -> None:
    task_id = await talk.ordered()
    response = await talk.press("add_half", task_id, "usd")
    assert (response.text, response.tone) == ("There is no such limit to raise.", "warning")
    await talk.press("add_amount", task_id, "usd", given="3")  # the limit is 4 now
    await talk.press("add_half", task_id, "usd")
    added = [call[3].add_usd for call in talk.front.fake_run.calls if call[2:3] == ("increase_budget",)]
    assert added == [3, 2]


async def test_a_click_delivered_twice_is_answered_alike_and_counts_once(talk: Talk) -> None:
    task_id = await talk.ordered()
    answers = [await talk.press("pause", task_id, key="action-1") for _ in range(2)]
    assert answers[0] == answers[1]
    assert talk.front.fake_run.signals() == ["pause_execution"]
    thanks = [await talk.press("bad", task_id, "1", key="action-2") for _ in range(2)]
    assert thanks[0] == thanks[1]


async def test_what_the_run_objects_to_is_told_as_a_warning(talk: Talk) -> None:
    task_id = await talk.ordered()
    talk.front.fake_run.objection = "This is not yours to decide."
    response = await talk.press("approve", task_id, "1", by=BOB)
    assert (response.text, response.tone) == ("This is not yours to decide.", "warning")


async def test_a_click_on_what_was_decided_names_who_did_it_also_after_the_end(talk: Talk) -> None:
    task_id = await talk.ordered()
    await talk.happens(task_id, asked())
    await talk.happens(task_id, HumanApprovalReceived(approval_id="1", decision="approve", by=BOB, click_id="x"))
    await talk.ends(task_id)
    response = await talk.press("deny", task_id, "1")
    assert response.text.startswith("Allowed already by Bob at ")
    assert response.tone == "warning"
    assert (await talk.press("pause", task_id)).text.startswith("Too late: the task has ended")


@pytest.mark.parametrize(
    ("verb", "given", "why"),
    [
        ("edit", "{path}", "not JSON"),
        ("edit", "[1]", "JSON object"),
        ("answer", "  ", "The answer is empty"),
        ("add_amount", "lots", "no amount"),
        ("add_amount", "0", "must add something"),
    ],
)
async def test_a_form_behind_a_button_says_what_cannot_be_used(talk: Talk, verb: Verb, given: str, why: str) -> None:
    task_id = await talk.ordered()
    with pytest.raises(Rejected, match=why):
        await talk.press(verb, task_id, "1", given=given)


async def test_a_button_that_makes_no_sense_any_more_is_answered(talk: Talk) -> None:
    task_id = await talk.ordered()
    for response in (
        await talk.press("choose", task_id, "9", "1"),
        await talk.press("pause", "tgone"),
        await talk.press("details", task_id),
    ):
        assert response.tone == "warning"


async def test_an_opinion_is_kept_with_its_author(talk: Talk) -> None:
    task_id = await talk.ordered()
    await talk.press("bad", task_id, "2", by=BOB, key="action-3")
    stored = await talk.store.intake.get("slack", "action-3")
    assert stored
    command: Command = stored.command
    assert (command.by, command.action) == (BOB, Feedback(task_id=task_id, answer="2", verdict="bad"))
    assert talk.front.fake_run.signals() == []


async def test_a_stop_button_stops_up_to_the_reply_that_was_shown_beside_it(talk: Talk) -> None:
    task_id = await talk.ordered()
    long = "k" * 150
    await talk.happens(task_id, FollowUpReceived(message_id=long, by=ANN, preview="x", ref="r"))
    await talk.press("stop", task_id, detail=long[:80])
    await talk.press("stop", task_id, detail="C1:5")
    stops = [call[3].up_to for call in talk.front.fake_run.calls if call[2:3] == ("stop_execution",)]
    assert stops == [long, "C1:5"]


# --- approvals -----------------------------------------------------------------------------------------


async def test_approvals_are_shown_to_those_who_may_decide_them(talk: Talk) -> None:
    task_id = await talk.ordered()
    whole = asked(approvers=("U1", "group:ops"), arguments_preview='{"path": "notes.txt"}')
    await talk.happens(task_id, whole, status=Status.WAITING_APPROVAL)
    for by, number in ((ANN, 1), (BOB, 1), (EVE, 0)):
        listed = await talk.command("approvals", by=by)
        assert len(listed.items) == number
        assert len((await talk.listener.home(by)).approvals) == number
    waiting = await talk.command("approvals")
    assert "**Write (notes)**" in waiting.items[0].text
    assert [button.press.verb for button in waiting.items[0].buttons][:2] == ["approve", "deny"]
    assert waiting.items[0].message_id == f"root-{task_id}"
    assert task_id in (await talk.command("list waiting", by=BOB)).items[0].text


async def test_anybody_may_decide_means_nobody_of_another_workspace(talk: Talk) -> None:
    task_id = await talk.ordered()
    await talk.happens(task_id, asked(approvers=("*",)), status=Status.WAITING_APPROVAL)
    where = {"by": EVE, "sink": CHANNEL.model_copy(update={"workspace": "T2"})}
    for number, text in enumerate(("approvals", "list waiting", "approve")):
        origin = MessageSource(**where | {"key": f"k{number}"})
        answer = await talk.listener.command(origin, text)
        assert answer.items == ()
    assert (await talk.listener.home(EVE)).approvals == ()
    assert talk.front.fake_run.signals() == []
    assert len((await talk.command("approvals", by=BOB)).items) == 1


async def test_what_somebody_does_elsewhere_is_nobodys_business_who_is_not_named(talk: Talk) -> None:
    """It may be a private channel, or a conversation with the bot alone."""
    task_id = await talk.ordered(channel="D1")
    await talk.happens(task_id, asked(approvers=("*", "U9")), status=Status.WAITING_APPROVAL)
    for text in ("list channel", "list waiting", "approvals", f"status {task_id}", f"stop {task_id}", "approve"):
        answer = await talk.command(text, by=BOB)
        assert (answer.items, "Tidy up" in answer.text) == ((), False), text
    assert (await talk.listener.home(BOB)).approvals == ()
    assert talk.front.fake_run.signals() == []
    named = BOB.model_copy(update={"user_id": "U9"})
    assert len((await talk.listener.home(named)).approvals) == 1
    assert task_id in (await talk.command(f"status {task_id}")).items[0].text, "whoever asked sees it everywhere"


async def test_who_is_named_to_steer_an_agent_finds_its_tasks_wherever_they_are(talk: Talk) -> None:
    task_id = await talk.ordered(goal="--agent ops Tidy up", by=BOB, channel="D2")
    assert task_id in (await talk.command(f"status {task_id}", by=CAT)).items[0].text


async def test_a_list_approves_nothing_that_it_does_not_show_whole(talk: Talk) -> None:
    task_id = await talk.ordered()
    long = asked(arguments_preview='{"text": "' + "harmless " * 20 + '", "force": true}')
    await talk.happens(task_id, long, status=Status.WAITING_APPROVAL)
    (item,) = (await talk.command("approvals")).items
    assert [button.press.verb for button in item.buttons] == ["deny", "deny_because", "edit"]


async def test_a_list_of_approvals_hides_no_character_of_what_will_run(talk: Talk) -> None:
    task_id = await talk.ordered()
    turned = asked(arguments_preview='{"path": "\u202egpj.exe"}')
    await talk.happens(task_id, turned, status=Status.WAITING_APPROVAL)
    assert "\\u202egpj.exe" in (await talk.command("approvals")).items[0].text


async def test_who_asked_does_not_see_what_another_must_approve(talk: Talk) -> None:
    task_id = await talk.ordered(goal="--agent ops Tidy up", by=BOB)
    await talk.happens(task_id, asked(approvers=("group:ops",)), status=Status.WAITING_APPROVAL)
    assert (await talk.command("approvals", by=BOB)).text == "No approval waits for you."


# --- windows and pages ---------------------------------------------------------------------------------


async def test_the_card_behind_a_button_has_its_arguments_in_full(talk: Talk) -> None:
    task_id = await talk.ordered()
    whole = '{"path": "' + "x" * 3_000 + '"}'
    await talk.store.transcript.put(task_id, Message(ref="args:1", kind="text", body={"content": whole}))
    await talk.happens(task_id, asked(), QuestionAsked(question_id="1", question="Where?"))
    card = await talk.listener.card(talk.source(), Click(verb="edit", task_id=task_id, about="1"))
    assert isinstance(card, ApprovalCard)
    assert card.arguments == whole
    await talk.happens(task_id, HumanApprovalReceived(approval_id="1", decision="deny", by=ANN, click_id="x"))
    stranger = talk.source(by=EVE).model_copy(update={"sink": CHANNEL.model_copy(update={"workspace": "T2"})})
    assert await talk.listener.card(stranger, Click(verb="edit", task_id=task_id, about="1")) is None
    question = await talk.listener.card(talk.source(), Click(verb="answer", task_id=task_id, about="1"))
    assert isinstance(question, QuestionCard)
    await talk.happens(task_id, QuestionAnswered(question_id="1", answer="here", by=ANN))
    assert await talk.listener.card(talk.source(), Click(verb="edit", task_id=task_id, about="1")) is None
    assert await talk.listener.card(talk.source(), Click(verb="edit", task_id="tgone", about="1")) is None


async def test_a_tasks_window_shows_its_goal_in_full_also_before_it_began(talk: Talk) -> None:
    goal = "Tidy up " * 200
    task_id = await talk.ordered(goal=goal)
    details = await talk.listener.details(talk.source(), task_id)
    assert (details.task_id, details.goal, details.status.agent) == (task_id, goal.strip(), "default")
    talk.front.fake_run.silent = True
    await talk.command("run Later")
    later = await talk.listener.details(talk.source(), (await talk.tasks())[0].task_id)
    assert (later.goal, later.status.goal, later.status.status) == ("Later", "Later", Status.QUEUED)
    with pytest.raises(NotFound):
        await talk.listener.details(talk.source(), "tgone")


async def test_a_persons_page_shows_their_open_tasks(talk: Talk) -> None:
    open_one, ended = await talk.ordered(goal="Open"), await talk.ordered(goal="Ended")
    await talk.ordered(goal="His", by=BOB)
    await talk.ends(ended)
    home = await talk.listener.home(ANN)
    [item] = home.running
    assert "**Open** · working" in item.text
    assert item.message_id == f"root-{open_one}"
    assert [button.press.verb for button in item.buttons] == ["pause", "stop", "details"]
    assert home.spent_week == 0


async def test_a_form_offers_first_what_the_person_may_run(talk: Talk) -> None:
    choices = await talk.listener.choices(ANN)
    assert choices.agents == (("default", "Helps with anything"), ("ops", "Keeps it running"))
    assert (choices.models, choices.agent) == (("demo/scripted",), "default")
