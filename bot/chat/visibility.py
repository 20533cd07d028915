"""Which tasks a person may act on from where they are: those of the place, and of these those that they may see."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from threadwork.activities.delivery.visibility import Visibility
from threadwork.activities.membership import is_among
from threadwork.bot.chat.places import is_foreign
from threadwork.bot.chat.rights import Rights, agent_of
from threadwork.bot.chat.rooms import is_open
from threadwork.bot.dependencies import BotDependencies
from threadwork.bot.threads import Threads
from threadwork.workflows.access import named_only
from threadwork.workflows.agents import AgentSpec
from threadwork.workflows.cards import ApprovalCard
from threadwork.workflows.errors import Rejected, ThreadworkError
from threadwork.workflows.inbound import MessageSource
from threadwork.workflows.sinks import Sink
from threadwork.workflows.subscriptions import Subscription
from threadwork.workflows.tasks import TaskOrder, TaskRecord

PLATFORM_TIMEOUT = 1.5  # seconds for what platforms say: a click is to be acknowledged within three
FOREIGN = (
    "This task belongs to another server or workspace. Nothing was changed.",
    "Use the buttons in the task's own thread.",
)
UNKNOWN_TASK = (
    "It cannot be checked right now whether you may see this task. Nothing was changed.",
    "Try again in a minute.",
)


class Unseen(Rejected):
    """The task is none of the person's business here."""


async def check_click(ports: BotDependencies, source: MessageSource, task_id: str) -> None:
    """The two questions of every button, selection and form, on whatever message it stands: on an old card too, or on a
    forged one. First the place, then the person. Whether they may decide or steer is the run's to say.

    Raises `NotFound` for a task there is not, and `Rejected`."""
    if await is_foreign(ports, await ports.tasks.get(task_id), source):
        raise Rejected(*FOREIGN)
    await check_sees(ports, source, task_id)


async def check_sees(ports: BotDependencies, source: MessageSource, task_id: str) -> None:
    """Raises `Unseen` unless the person may see the task, or the channel they are in is told of it; `NotFound`.

    Every button and form goes through here, on whatever message it stands: one on an old card too, or on a forged
    one. Whether the person may decide or steer is the run's to say."""
    task = await ports.tasks.get(task_id)
    try:
        async with asyncio.timeout(PLATFORM_TIMEOUT):
            seen = await _is_home(ports, task, source.sink) or await _sees(ports, source, task)
    except TimeoutError:
        raise Unseen(*UNKNOWN_TASK) from None
    if not seen:
        raise Unseen("You may not see this task from here. Nothing was changed.", "Open it in its own thread.")


async def _sees(ports: BotDependencies, source: MessageSource, task: TaskRecord) -> bool:
    order = await ports.tasks.order(task.task_id)
    agent = await agent_of(ports, task)
    sight = Visibility(ports.channels, ports.directory, ports.catalog)
    if await _is_named(ports, source, task.task_id) or await sight.is_involved(source.by, order, agent):
        return True
    here = await _told_here(ports, source.sink, order, agent)
    return await _any(*(_covers(ports, sight, one, order, agent) for one in here), sight.speaks(source.by, order))


async def sees(ports: BotDependencies, source: MessageSource, task_id: str) -> bool:
    """`check_click`, for what is shown rather than done. False also for a task that there is not."""
    try:
        await check_click(ports, source, task_id)
    except ThreadworkError:
        return False
    return True


async def _is_home(ports: BotDependencies, task: TaskRecord, here: Sink) -> bool:
    """Ids of channels are unique on their platform, whichever workspace's payload names them."""
    same = task.sink is not None and task.sink.place[:2] == here.place[:2]
    return same and await is_open(ports.channels, task, here)


async def _is_named(ports: BotDependencies, source: MessageSource, task_id: str) -> bool:
    """To decide what waits there, whatever the file says by now."""
    view = await Threads(ports.events, ports.views, ports.transcript).view(task_id)
    approvers = [member for card in view.cards if isinstance(card, ApprovalCard) for member in card.approvers]
    return await Rights(source.by, ports.directory).among(named_only(approvers))


async def _told_here(
    ports: BotDependencies, here: Sink, order: TaskOrder, agent: AgentSpec | None
) -> list[Subscription]:
    """Whoever reads a channel, or a thread, that is told of the task may act there on what they read."""
    name = agent.name if agent else order.agent
    in_force = [*await ports.catalog.subscriptions(), *await ports.subscriptions.all()]
    told = [one for one in in_force if one.sink.place[:2] == here.place[:2] and one.wants(order, name)]
    return [one for one in told if one.sink.thread in ("", here.thread)]


async def _covers(
    ports: BotDependencies, sight: Visibility, one: Subscription, order: TaskOrder, agent: AgentSpec | None
) -> bool:
    if one.by and agent and not await is_among(one.by, agent.access.run, ports.directory):
        return False
    return await sight.covers(one, order, agent)


async def _any(*asked: Coroutine[Any, Any, bool]) -> bool:
    """Raises `Unseen` where none says yes, and one that might is not known now."""
    answers = await asyncio.gather(*asked, return_exceptions=True)
    if True in answers:
        return True
    for error in (answer for answer in answers if isinstance(answer, BaseException)):
        if not isinstance(error, ThreadworkError):
            raise error
        raise Unseen(*UNKNOWN_TASK)
    return False
