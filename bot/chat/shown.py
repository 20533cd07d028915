"""Whether an approval was shown where somebody decides on it by words: what was delivered there tells."""

from threadwork.bot.chat.places import same_channel
from threadwork.bot.dependencies import BotDependencies
from threadwork.workflows.cards import ApprovalCard
from threadwork.workflows.events import Event, EventType
from threadwork.workflows.sinks import Delivery, Sink
from threadwork.workflows.tasks import TaskRecord

PAGE_SIZE = 1_000  # events read at once


async def shown_digest(ports: BotDependencies, task: TaskRecord, card: ApprovalCard, here: Sink) -> str:
    """The digest of the arguments that the card shows there. Empty: it does not stand there, or says something else.

    `here`: a channel, for whatever was shown in it and its threads; or a thread, for that alone."""
    for sink in await _sinks(ports, task, here):
        rows = [row for row in await ports.deliveries.rows(task.task_id, sink.key) if row.part >= 0]
        if not (here.thread and not await _is_in(ports, task, sink, rows, here)):
            seq = _rendered([row for row in rows if row.card_key == card.key])
            if seq and not await _changed(ports, task.task_id, card, seq):
                return card.digest
    return ""


async def _sinks(ports: BotDependencies, task: TaskRecord, here: Sink) -> list[Sink]:
    known = [*await ports.deliveries.sinks(task.task_id), *await ports.deliveries.told(task.task_id)]
    return [sink for sink in known if same_channel(sink, here)]


async def _is_in(ports: BotDependencies, task: TaskRecord, sink: Sink, rows: list[Delivery], here: Sink) -> bool:
    """The thread is the one that the sink posts to, or hangs on a message of the task."""
    if here.thread == sink.thread or here.thread in {row.message_id for row in rows}:
        return True
    own = await ports.tasks.in_thread(here) if not sink.kinds else None
    return own is not None and own.task_id == task.task_id


def _rendered(parts: list[Delivery]) -> int:
    """After which event the card was rendered that people see; 0 where it is not there, or not all of it."""
    if not parts or not all(row.state == "posted" and row.message_id and row.content_hash for row in parts):
        return 0
    return min(row.rendered_seq for row in parts)


async def _changed(ports: BotDependencies, task_id: str, card: ApprovalCard, seq: int) -> bool:
    """Whether other arguments are to run by now than those that were rendered after the event `seq`."""
    while events := await ports.events.read(task_id, seq, PAGE_SIZE):
        if any(_sets_arguments(event, card) for event in events):
            return True
        seq = events[-1].seq
    return False


def _sets_arguments(event: Event, card: ApprovalCard) -> bool:
    if event.data.get("approval_id") != card.approval_id:
        return False
    return event.type is EventType.HUMAN_APPROVAL_REQUESTED or bool(event.data.get("edited_ref"))
