"""Buttons and forms, on old cards and forged ones: they act only for those who may see the task."""

from itertools import count
from typing import Any, get_args

import pytest

from tests.fake_run import AGENT, ANN, Front, caller
from tests.receiver_harness import Heard
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.adapters.memory.channels import MemoryChannels
from threadwork.bot.chat.buttons import MAKERS, OF_NO_TASK
from threadwork.bot.dependencies import BotDependencies
from threadwork.bot.intake import commands
from threadwork.workflows.agents import AgentSpec, ApprovalPolicy
from threadwork.workflows.approval_events import HumanApprovalRequested
from threadwork.workflows.buttons import Click, Verb
from threadwork.workflows.errors import NotFound, Rejected
from threadwork.workflows.inbound import MessageSource, Response
from threadwork.workflows.sinks import Sink
from threadwork.workflows.subscriptions import Subscription
from threadwork.workflows.values import Principal, Status

SECRET = Sink(platform="slack", workspace="T1", channel="C5")
OPS = Sink(platform="slack", workspace="T1", channel="C3")
SERVER = Sink(platform="discord", workspace="666", channel="9")
DAVE = ANN.model_copy(update={"user_id": "U3", "name": "Dave"})
MAL = Principal(platform="discord", workspace="666", user_id="99", name="Mal")
GIVEN = {"edit": "{}", "answer": "yes", "add_amount": "1"}
_keys = count(1)


class Talk:
    """A task in C5 that waiting for approval, and people who press elsewhere."""

    def __init__(self, *rules: Subscription, agent: AgentSpec = AGENT) -> None:
        self.front = Front(None, agent)
        self.store, self.channels = self.front.store, MemoryChannels({"C5": "private"})
        catalog = MemoryCatalog(agent, subscriptions=rules)
        self.ports = BotDependencies.on(
            self.store, catalog, self.front.bus, wake_intake=self.front.intake_worker.wake, channels=self.channels
        )
        self.listener = Heard(self.ports)

    async def task(self, sink: Sink | None = SECRET, by: Principal = ANN, **asked: Any) -> str:
        command = await commands.run(self.ports, caller(by=by), "Pay everybody.", sink=sink)
        task_id = (await self.store.intake.store(command)).task_id
        await self.front.fake_run.begin(task_id)
        facts = {
            "tool": "bank.pay",
            "arguments_preview": "{}",
            "arguments_ref": "a",
            "digest": "d",
            "effect": "changes",
        }
        waits = {"approvers": ("*",), "quorum": 1, "expires_at": "2030-01-01T00:00:00Z"} | asked
        requested = HumanApprovalRequested.model_validate({"approval_id": "1", **facts, **waits})
        await self.front.fake_run.tell(task_id, requested, status=Status.WAITING_APPROVAL)
        return task_id

    async def presses(self, task_id: str, by: Principal, sink: Sink, verb: Verb = "approve") -> Response:
        press = Click(verb=verb, task_id=task_id, about="1", detail="d")
        origin = MessageSource(by=by, key=f"press-{next(_keys)}", sink=sink)
        return await self.listener.presses(origin, press, GIVEN.get(verb, ""))

    async def refuses(self, task_id: str, by: Principal, sink: Sink, verb: Verb = "approve") -> bool:
        try:
            answer = await self.presses(task_id, by, sink, verb)
        except Rejected as error:
            return "may not see this task" in str(error)
        return answer.tone == "warning" and "may not see this task" in answer.text


@pytest.mark.parametrize("verb", sorted(MAKERS.keys() - OF_NO_TASK))
@pytest.mark.parametrize(("by", "sink"), [(DAVE, OPS), (MAL, SERVER)])
async def test_no_button_acts_on_a_task_that_the_person_may_not_see(verb: Verb, by: Principal, sink: Sink) -> None:
    talk = Talk()
    task_id = await talk.task()
    assert await talk.refuses(task_id, by, sink, verb)
    rows = await talk.store.intake.lease("test", 9, 60)
    assert [row.command.action.kind for row in rows] == ["run"], "nothing is written down"


def test_every_button_is_among_those_that_are_tried() -> None:
    windows = {verb for verb in get_args(Verb) if verb not in MAKERS}
    assert windows == {"details", "revoke"}, "what takes a grant back: see tests/bot/chat/commands/test_grants.py"
    assert {"direct"} == OF_NO_TASK, "of what a person ordered: see tests/bot/chat/test_direct.py"


async def test_a_window_shows_nothing_of_it_either() -> None:
    talk = Talk()
    task_id = await talk.task()
    press = Click(verb="edit", task_id=task_id, about="1", detail="d")
    elsewhere, home = (MessageSource(by=DAVE, key=f"w-{next(_keys)}", sink=sink) for sink in (OPS, SECRET))
    assert await talk.listener.card(elsewhere, press) is None
    assert await talk.listener.card(home, press) is not None
    with pytest.raises(NotFound):
        await talk.listener.details(elsewhere, task_id)
    assert (await talk.listener.details(home, task_id)).goal == "Pay everybody."


async def test_in_its_channel_and_whoever_asked_or_is_named_or_speaks_there_may_press() -> None:
    talk = Talk()
    task_id = await talk.task(approvers=("*", "U7"))
    assert not await talk.refuses(task_id, DAVE, SECRET)
    assert not await talk.refuses(task_id, ANN, OPS)
    named = DAVE.model_copy(update={"user_id": "U7"})
    assert not await talk.refuses(task_id, named, OPS)
    talk.channels.members["C5"] = {"U3"}
    assert not await talk.refuses(task_id, DAVE, OPS)


async def test_who_is_named_by_the_agent_may_press_anywhere() -> None:
    talk = Talk(agent=AGENT.model_copy(update={"approvals": ApprovalPolicy(approvers=("99",))}))
    assert not await talk.refuses(await talk.task(), MAL, SERVER)


async def test_a_channel_that_is_told_of_the_task_may_decide_it_for_as_long_as_it_is() -> None:
    talk = Talk()
    task_id = await talk.task()
    subscription = Subscription(subscription_id="s", sink=OPS, by=DAVE)
    await talk.store.subscriptions.put(subscription)
    assert await talk.refuses(task_id, DAVE, OPS), "the channel of the task is private"
    talk.channels.kinds.clear()
    assert not await talk.refuses(task_id, DAVE, OPS)
    await talk.store.subscriptions.remove("s")
    assert await talk.refuses(task_id, DAVE, OPS), "an old card"


async def test_what_the_file_tells_a_channel_its_people_may_decide_also_while_the_platform_is_away() -> None:
    talk = Talk(Subscription(subscription_id="file:1", sink=SERVER, source="file"))
    task_id = await talk.task()
    assert not await talk.refuses(task_id, MAL, SERVER)
    talk.channels.away = True
    assert not await talk.refuses(task_id, MAL, SERVER)


async def test_while_nobody_can_say_who_may_see_it_nothing_is_decided() -> None:
    talk = Talk()
    task_id = await talk.task()
    talk.channels.away = True
    answer = await talk.presses(task_id, DAVE, OPS)
    assert "It cannot be checked right now" in answer.text
    assert "Try again" in answer.text
    assert talk.front.fake_run.signals() == []


async def test_what_was_started_in_a_terminal_is_decided_by_nobody_in_chat_who_is_not_named() -> None:
    talk = Talk()
    task_id = await talk.task(sink=None, by=Principal(platform="local", user_id="local"))
    assert await talk.refuses(task_id, DAVE, OPS)
