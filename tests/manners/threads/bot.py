"""The bot behind a platform's door: its receiver and its rules, with a store in memory; and tasks for it."""

import asyncio
from datetime import UTC, datetime, timedelta

from tests.fake_run import AGENT, Front, caller, event_of
from tests.manners.threads.row import Setting
from threadwork.adapters.memory import MemoryStore
from threadwork.adapters.memory.catalog import MemoryDirectory
from threadwork.bot.chat.receive import Receiver
from threadwork.bot.chat.views import Views
from threadwork.bot.intake import commands
from threadwork.workflows.approval_events import HumanApprovalRequested, QuestionAsked
from threadwork.workflows.event_types import Payload
from threadwork.workflows.inbound import Inbound, IncomingMessage, Receipt
from threadwork.workflows.run_events import WorkflowCompleted
from threadwork.workflows.run_requests import EventBatch
from threadwork.workflows.sinks import Delivery, Sink
from threadwork.workflows.values import Principal, Standing, Status, Termination

ANN = Principal(platform="discord", user_id="201")
MEMBERS: dict[str, Standing] = {ANN.key: "member"}  # in direct messages Discord does not tell


class Bot(Views):
    """Begun anew for every row, while the door to it stays open."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self.front = Front(MemoryStore(), AGENT, directory=MemoryDirectory(standings=MEMBERS))
        super().__init__(self.front.ports)
        self._receiver = Receiver(self.front.ports)
        self.receipts: dict[str, Receipt] = {}  # of lines, by key
        self.tasks: list[str] = []

    async def known(self, key: str) -> bool:
        """Whether a message was stored, as the bot tells its platforms."""
        platform = "slack" if key[0] in "CD" else "discord"
        return await self.front.store.intake.get(platform, key) is not None

    async def receive(self, inbound: Inbound) -> Receipt:
        receipt = await self._receiver.receive(inbound)
        if isinstance(inbound, IncomingMessage):
            self.receipts[inbound.source.key] = receipt
        return receipt

    async def task(self, by: Principal, sink: Sink, setting: Setting, root: str, since: datetime) -> None:
        """A task whose thread is the sink. `root`: a message of its own there. `since`: when what it shows happened."""
        store = self.front.store
        order = await commands.run(self.front.ports, caller(by=by), "Deploy the app", sink=sink, joined=setting.joined)
        task_id: str = (await store.intake.store(order)).task_id
        self.tasks.append(task_id)
        await self.take_up()
        await self._shown(task_id, sink, "status", root)
        for number, effect in enumerate(setting.approvals, 1):
            await self._happens(task_id, _approval(str(number), effect), Status.WAITING_APPROVAL, since)
            await self._shown(task_id, sink, f"approval:{number}", f"{root}-{number}")
        if setting.options is not None:
            question = QuestionAsked(question_id="1", question="Where?", options=setting.options)
            await self._happens(task_id, question, Status.WAITING_ANSWER, since)
        if setting.ended is not None:
            end = WorkflowCompleted(reason=Termination.GOAL_ACHIEVED)
            await self._happens(task_id, end, Status.COMPLETED, since - timedelta(minutes=setting.ended))
        if setting.mode:
            await store.tasks.set_follow_ups(task_id, setting.mode)

    async def take_up(self) -> None:
        """What was stored reaches the runs."""
        for row in await self.front.store.intake.lease("test", 100, 60):
            await self.front.intake_worker.process(row)

    async def _happens(self, task_id: str, payload: Payload, status: Status, at: datetime) -> None:
        store = self.front.store
        seq = (await store.tasks.get(task_id)).last_seq + 1
        event = event_of(task_id, seq, payload).model_copy(update={"at": at})
        epoch = self.front.fake_run.epochs[task_id]
        await store.events.append(EventBatch(task_id=task_id, epoch=epoch, status=status, events=(event,)))

    async def _shown(self, task_id: str, sink: Sink, card: str, message_id: str) -> None:
        store = self.front.store
        fence = await store.leases.lease(task_id, sink.key, "notifier", 60)
        place = {"task_id": task_id, "sink": sink.key, "card_key": card, "part": 0, "fence": fence}
        seq = (await store.tasks.get(task_id)).last_seq
        posted = Delivery(**place, message_id=message_id, state="posted", content_hash="h", rendered_seq=seq)
        assert await store.deliveries.write(posted)


async def is_past(moment: datetime) -> None:
    """What is said from now on was said later, also by an id that counts milliseconds."""
    while datetime.now(UTC) < moment + timedelta(milliseconds=1):
        await asyncio.sleep(0.001)


def _approval(number: str, effect: str) -> HumanApprovalRequested:
    facts = {"tool": "notes.write", "arguments_preview": '{"path": "a.md"}', "arguments_ref": f"args:{number}"}
    until = datetime.now(UTC) + timedelta(hours=1)
    return HumanApprovalRequested.model_validate(
        facts | {"approval_id": number, "digest": "d1", "effect": effect, "expires_at": until}
    )
