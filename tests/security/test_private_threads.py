"""A closed thread has fewer readers than its channel: what is done in it is none of the channel's business."""

import pytest

from tests.fake_run import AGENT, Front, caller
from tests.heard import Heard
from threadwork.adapters.memory.catalog import MemoryCatalog
from threadwork.adapters.memory.channels import MemoryChannels
from threadwork.bot.dependencies import BotDependencies
from threadwork.bot.intake import commands
from threadwork.workflows.buttons import Press, Verb
from threadwork.workflows.errors import Rejected, ThreadworkError
from threadwork.workflows.events import HumanApprovalRequested
from threadwork.workflows.inbound import MessageSource
from threadwork.workflows.sinks import Sink
from threadwork.workflows.values import Principal, Status

CHANNEL = Sink(platform="discord", workspace="900", channel="100")
CLOSED, OPEN = (CHANNEL.model_copy(update={"thread": thread}) for thread in ("700", "701"))
ANN, DAVE = (
    Principal(platform="discord", workspace="900", user_id=id_, name=name, standing="member")
    for id_, name in (("201", "Ann"), ("203", "Dave"))
)
GOAL = "Prepare the payroll"
COMMANDS = ("list channel", "list waiting", "approvals", "approve", "status {task}", "stop {task}", "approve {task} 1")


class Talk:
    """A task in a closed thread that waiting for approval which anybody may give."""

    def __init__(self) -> None:
        self.front = Front(None, AGENT)
        self.channels = MemoryChannels({"700": "thread"})
        self.channels.members["100"] = set()
        self.ports = BotDependencies.on(
            self.front.store,
            MemoryCatalog(AGENT),
            self.front.bus,
            wake_intake=self.front.intake_worker.wake,
            channels=self.channels,
        )
        self.listener = Heard(self.ports)
        self.count = 0

    async def task(self, sink: Sink = CLOSED) -> str:
        command = await commands.run(self.ports, caller(by=ANN), GOAL, sink=sink, joined=True)
        task_id = (await self.front.store.intake.store(command)).task_id
        await self.front.fake_run.begin(task_id)
        call = {"tool": "bank.pay", "arguments_preview": '{"to": "Carol"}', "arguments_ref": "a", "digest": "d"}
        waits = {"approvers": ("*",), "quorum": 1, "expires_at": "2030-01-01T00:00:00Z", "effect": "changes"}
        asked = HumanApprovalRequested.model_validate({"approval_id": "1", **call, **waits})
        await self.front.fake_run.tell(task_id, asked, status=Status.WAITING_APPROVAL)
        return task_id

    def source(self, by: Principal, sink: Sink) -> MessageSource:
        self.count += 1
        return MessageSource(by=by, key=f"at-{self.count}", sink=sink)

    async def says(self, by: Principal, sink: Sink, text: str) -> str:
        answer = await self.listener.command(self.source(by, sink), text)
        return "\n".join((answer.text, *(item.text for item in answer.items)))

    async def presses(self, by: Principal, sink: Sink, task_id: str, verb: Verb) -> str:
        press = Press(verb=verb, task_id=task_id, about="1", detail="d")
        try:
            return (await self.listener.presses(self.source(by, sink), press)).text
        except Rejected as error:
            return str(error)

    async def written(self) -> list[str]:
        """What people did that was written down."""
        rows = [await self.front.store.intake.get("discord", f"at-{number + 1}") for number in range(self.count)]
        return [row.command.action.kind for row in rows if row]


@pytest.mark.parametrize("away", [False, True])
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("here", [CHANNEL, OPEN], ids=["channel", "open thread"])
async def test_its_task_is_named_nowhere_else_in_the_channel(command: str, here: Sink, away: bool) -> None:
    talk = Talk()
    task_id = await talk.task()
    talk.channels.away = away
    told = await talk.says(DAVE, here, command.format(task=task_id))
    assert GOAL not in told
    assert "Carol" not in told
    assert await talk.written() == []


@pytest.mark.parametrize("verb", ["approve", "deny", "stop", "pause"])
async def test_a_button_of_it_has_no_effect_elsewhere_in_the_channel(verb: Verb) -> None:
    talk = Talk()
    task_id = await talk.task()
    assert "You may not see this task" in await talk.presses(DAVE, CHANNEL, task_id, verb)
    assert "You may not see this task" in await talk.presses(DAVE, OPEN, task_id, verb)
    with pytest.raises(ThreadworkError):
        await talk.listener.details(talk.source(DAVE, CHANNEL), task_id)
    assert await talk.written() == []


async def test_in_it_people_list_and_decide_as_in_any_thread() -> None:
    talk = Talk()
    task_id = await talk.task()
    for command in ("list channel", "approvals", f"status {task_id}"):
        assert GOAL in await talk.says(DAVE, CLOSED, command)
    assert "You may not see this task" not in await talk.presses(DAVE, CLOSED, task_id, "approve")
    assert await talk.written() == ["decide"]


async def test_whoever_asked_finds_it_from_everywhere() -> None:
    talk = Talk()
    task_id = await talk.task()
    for command in ("list", "list channel", "approvals", f"status {task_id}"):
        assert GOAL in await talk.says(ANN, CHANNEL, command)


async def test_tasks_of_open_threads_are_the_whole_channels() -> None:
    talk = Talk()
    task_id = await talk.task(OPEN)
    for command in ("list channel", "list waiting", "approvals", f"status {task_id}"):
        assert GOAL in await talk.says(DAVE, CHANNEL, command)
    assert "You may not see this task" not in await talk.presses(DAVE, CHANNEL, task_id, "deny")
