"""What is pressed counts only where the task, or what is told of it, is at home. A press travels in the button, so
whoever can send one chooses every part of it; Discord binds a press to its message, and this does not rely on it."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count
from typing import Any

import pytest

from tests.bot.chat.test_receive import asked
from tests.fake_run import AGENT, Front
from tests.receiver_harness import Heard
from threadwork.bot.chat.visibility import FOREIGN
from threadwork.bot.intake.worker import intake_running
from threadwork.workflows.agents import ApprovalPolicy
from threadwork.workflows.approval_events import QuestionAsked
from threadwork.workflows.budget_events import BudgetExceeded
from threadwork.workflows.buttons import Click, Verb
from threadwork.workflows.errors import NotFound, Rejected
from threadwork.workflows.inbound import MessageSource, Response
from threadwork.workflows.sinks import Delivery, Sink
from threadwork.workflows.tasks import TaskFilter
from threadwork.workflows.values import Principal, Status

HOME = Sink(platform="discord", workspace="500", channel="101")
OTHER = Sink(platform="discord", workspace="600", channel="201")
DIRECT = Sink(platform="discord", channel="301")
ANN = Principal(platform="discord", workspace="500", user_id="11", name="Ann")
NAMED = AGENT.model_copy(update={"approvals": ApprovalPolicy(approvers=("*", "12"))})
_keys = count(1)


class Server:
    """A task of Ann's on one server, and presses from anywhere."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self.front.channels.members["101"] = {"11", "12", "99"}  # so all of them may see the task
        self.listener = Heard(front.ports)
        self.task_id = ""

    async def begin(self) -> None:
        await self.listener.command(self.source(HOME, "11"), "run Tidy up")
        [task] = await self.front.store.tasks.list(TaskFilter())
        self.task_id = task.task_id
        async with asyncio.timeout(30):
            while not (await self.front.store.tasks.get(self.task_id)).last_seq:
                await asyncio.sleep(0.01)
        question = QuestionAsked(question_id="1", question="Where?", options=("here", "there"))
        budget = BudgetExceeded(unit="usd", used=1, limit=1, share=1)
        await self.front.fake_run.tell(self.task_id, asked(), question, budget, status=Status.WAITING_APPROVAL)

    def source(self, sink: Sink, user: str) -> MessageSource:
        by = Principal(platform="discord", workspace=sink.workspace, user_id=user, name=f"user {user}")
        return MessageSource(by=by, key=f"interaction:{next(_keys)}", sink=sink, direct=not sink.workspace)

    async def press(self, sink: Sink, user: str, verb: Verb = "approve", **press: Any) -> Response:
        made = Click(verb=verb, task_id=self.task_id, **{"about": "1", "detail": "d1", **press})
        return await self.listener.presses(self.source(sink, user), made, GIVEN.get(verb, ""))

    async def told(self, sink: Sink) -> None:
        """A channel shows a card of the task."""
        subscribed = sink.model_copy(update={"kinds": ("approval",)})
        fence = await self.front.store.leases.lease(self.task_id, subscribed.key, "notifier", 60)
        facts = {"task_id": self.task_id, "sink": subscribed.key, "card_key": "approval:1", "part": 0, "fence": fence}
        assert await self.front.store.deliveries.write(Delivery(**facts, state="posted", message_id="m1"))


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server(Front(None, NAMED))
    async with intake_running(server.front.intake_worker):
        await server.begin()
        yield server


PRESSES: list[tuple[Verb, dict[str, str]]] = [
    ("pause", {}),
    ("resume", {}),
    ("stop", {"detail": ""}),
    ("approve", {}),
    ("approve_task", {}),
    ("deny", {}),
    ("deny_because", {}),
    ("edit", {}),
    ("choose", {"detail": "1"}),
    ("answer", {}),
    ("add_half", {"about": "usd"}),
    ("add_amount", {"about": "usd"}),
    ("good", {}),
]
GIVEN: dict[str, str] = {"edit": '{"path": "b"}', "answer": "there", "add_amount": "5", "deny_because": "No."}
FORMS = ("edit", "answer", "add_amount", "deny_because")


async def refused(server: Server, sink: Sink, user: str, verb: Verb, **press: str) -> str:
    if verb not in FORMS:
        answer = await server.press(sink, user, verb, **press)
        assert answer.tone == "warning"
        return answer.text
    with pytest.raises(Rejected) as told:  # for the form to show
        await server.press(sink, user, verb, **press)
    return str(told.value)


@pytest.mark.parametrize(("verb", "press"), PRESSES)
async def test_a_press_from_another_server_has_no_effect_and_is_answered(
    server: Server, verb: Verb, press: dict[str, str]
) -> None:
    assert FOREIGN[0] in await refused(server, OTHER, "99", verb, **press)
    assert FOREIGN[0] in await refused(server, DIRECT, "99", verb, **press)
    assert server.front.fake_run.signals() == []
    assert await server.front.store.intake.lease("test", 10, 1) == []


async def test_a_press_on_its_own_server_counts_in_every_channel(server: Server) -> None:
    assert (await server.press(HOME, "99")).text.startswith("Allowed once: ")
    assert (await server.press(HOME.model_copy(update={"channel": "102"}), "99")).text.startswith("Allowed once: ")


async def test_a_press_in_a_channel_that_is_told_of_the_task_counts_and_beside_it_not(server: Server) -> None:
    await server.told(OTHER)
    assert (await server.press(OTHER, "99")).text.startswith("Allowed once: ")
    assert (await server.press(OTHER.model_copy(update={"thread": "202"}), "99")).text.startswith("Allowed once: ")
    assert FOREIGN[0] in (await server.press(OTHER.model_copy(update={"channel": "209"}), "99")).text


@pytest.mark.parametrize("user", ["11", "12"])
async def test_with_the_bot_alone_who_has_to_do_with_the_task_presses_its_buttons(server: Server, user: str) -> None:
    """Whoever asked for it, and who is named to decide; that anybody may decide names nobody."""
    assert (await server.press(DIRECT, user)).text.startswith("Allowed once: ")
    assert (await server.listener.details(server.source(DIRECT, user), server.task_id)).goal == "Tidy up"


async def test_forms_and_windows_do_not_open_elsewhere(server: Server) -> None:
    press = Click(verb="edit", task_id=server.task_id, about="1", detail="d1")
    for sink in (OTHER, DIRECT):
        assert await server.listener.card(server.source(sink, "99"), press) is None
        with pytest.raises(NotFound):
            await server.listener.details(server.source(sink, "99"), server.task_id)
    await server.told(OTHER)
    assert await server.listener.card(server.source(OTHER, "99"), press) is not None


@pytest.mark.parametrize("typed", ["approvals", "approve", "stop"])
async def test_a_list_on_another_server_has_no_button_that_would_not_count(server: Server, typed: str) -> None:
    elsewhere = await server.listener.command(server.source(OTHER, "11"), typed)
    alone = await server.listener.command(server.source(DIRECT, "11"), typed)
    assert [bool(item.buttons) for item in (*elsewhere.items, *alone.items)] == [False, True]


async def test_a_press_on_a_task_there_is_not_is_answered(server: Server) -> None:
    server.task_id = "tgone"
    assert (await server.press(HOME, "11")).tone == "warning"
