"""Whether an approval was shown where somebody decides on it by words: what was delivered there tells."""

from threadwork.activities.thread_reader import EVENTS_PER_READ
from threadwork.bot.chat.places import same_channel
from threadwork.bot.dependencies import BotDependencies
from threadwork.workflows.cards import ApprovalCard
from threadwork.workflows.event_types import EventType
from threadwork.workflows.events import Event
from threadwork.workflows.sinks import Delivery, Sink
from threadwork.workflows.tasks import TaskRecord


async def shown_digest(ports: BotDependencies, task: TaskRecord, card: ApprovalCard, here: Sink) -> str:
    """The digest of the arguments that the card shows there. Empty: it does not stand there, or says something else.

    `here`: a channel, for whatever was shown in it and its threads; or a thread, for that alone."""
    return card.digest if await shown_seq(ports, task, card, here) else ""


async def newest_shown(ports: BotDependencies, task: TaskRecord, card: ApprovalCard, here: Sink, newest: str) -> str:
    """`newest`, the newest reply, where the card shows it there; else empty: it may hold a decision back."""
    seq = await shown_seq(ports, task, card, here)
    while events := await ports.events.read(task.task_id, seq, EVENTS_PER_READ):
        if any(event.type is EventType.FOLLOW_UP_RECEIVED for event in events):
            return ""
        seq = events[-1].seq
    return newest


async def shown_seq(ports: BotDependencies, task: TaskRecord, card: ApprovalCard, here: Sink) -> int:
    """After which event the card was rendered that people see there. 0: it does not stand there, or says something
    else by now."""
    for sink in await _sinks(ports, task, here):
        rows = await ports.deliveries.rows(task.task_id, sink.key)
        if not (here.thread and not await _is_in(ports, task, sink, rows, here)):
            seq = _rendered([row for row in rows if row.card_key == card.key])
            if seq and not await _changed(ports, task.task_id, card, seq):
                return seq
    return 0


async def _sinks(ports: BotDependencies, task: TaskRecord, here: Sink) -> list[Sink]:
    known = [*await ports.deliveries.sinks(task.task_id), *await ports.deliveries.told(task.task_id)]
    return [sink for sink in known if same_channel(sink, here)]


async def _is_in(ports: BotDependencies, task: TaskRecord, sink: Sink, rows: list[Delivery], here: Sink) -> bool:
    """The thread is the one that the sink posts to, or hangs on a message of the task."""
    if here.thread == sink.thread or here.thread in {row.message_id for row in rows}:
        return True
    own = await ports.tasks.in_thread(here) if not sink.subscribed else None
    return own is not None and own.task_id == task.task_id


def _rendered(parts: list[Delivery]) -> int:
    """After which event the card was rendered that people see; 0 where it is not there, or not all of it."""
    if not parts or not all(row.state == "posted" and row.message_id and row.content_hash for row in parts):
        return 0
    return min(row.rendered_seq for row in parts)


async def _changed(ports: BotDependencies, task_id: str, card: ApprovalCard, seq: int) -> bool:
    """Whether other arguments are to run by now than those that were rendered after the event `seq`."""
    while events := await ports.events.read(task_id, seq, EVENTS_PER_READ):
        if any(_sets_arguments(event, card) for event in events):
            return True
        seq = events[-1].seq
    return False


def _sets_arguments(event: Event, card: ApprovalCard) -> bool:
    if event.data.get("approval_id") != card.approval_id:
        return False
    return event.type is EventType.HUMAN_APPROVAL_REQUESTED or bool(event.data.get("edited_ref"))
