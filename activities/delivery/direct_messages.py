"""A word to a person directly, where a thread or a channel takes no messages."""

import asyncio

import structlog

from threadwork.activities.dependencies import ActivityDependencies
from threadwork.activities.ports.chat import ChatAdapter
from threadwork.workflows.cards import NoticeCard
from threadwork.workflows.errors import ChatUnavailable, ThreadworkError
from threadwork.workflows.sinks import Part, Sink
from threadwork.workflows.slash_name import AGENT, SLASH, called
from threadwork.workflows.values import Principal, preview

MAX_MESSAGE_GOAL = 80  # characters of the goal
KEY = "notice:unreachable"
MAX_TRIES = 3  # at a person, where the platform does not take it
PAUSE, LONGEST = 1.0, 15.0  # seconds between two of them, where the platform does not say; and at most
CALL_TIMEOUT = 10.0  # seconds that a try may take

log = structlog.get_logger(__name__)


async def tell_in_person(ports: ActivityDependencies, task_id: str, thread: Sink, failure: str) -> bool:
    """Whoever asked for the task. A courtesy: it never raises. False: they were not told, and might be later."""
    try:
        order = await ports.tasks.order(task_id)
    except ThreadworkError as error:
        log.warning("person_not_told", task_id=task_id, error=str(error))
        return False
    goal = preview(" ".join(order.goal.split()), MAX_MESSAGE_GOAL)
    with called(ports.commands.get(order.by.platform, AGENT)):
        text = (
            f"The task “{goal}” cannot post in its thread. {failure} "
            f"The task is still running: use `{SLASH} list` to see or stop it."
        )
        return await _tell(ports, task_id, order.by, thread, text)


async def tell_subscriber(
    ports: ActivityDependencies, task_id: str, by: Principal, channel: Sink, failure: str
) -> None:
    """Whoever subscribed a channel. A courtesy: it never raises."""
    with called(ports.commands.get(channel.platform, AGENT)):
        text = f"{channel.address} no longer gets updates. {failure} To start again, write `{SLASH} notify on` there."
        await _tell(ports, task_id, by, channel, text)


async def _tell(ports: ActivityDependencies, task_id: str, by: Principal, place: Sink, text: str) -> bool:
    """Whether nothing is left to be told: a person who takes no messages is told as much as they can be."""
    if (chat := ports.chats.get(by.platform)) is None:
        return True
    card = NoticeCard(key=KEY, text=text, level="warning")
    try:
        for number, part in enumerate(chat.render(task_id, card)):
            await _post(chat, _person(by, place), part, f"{task_id}/{KEY}/{number}")
    except ThreadworkError as error:
        log.warning("person_not_told", task_id=task_id, error=str(error))
        return not isinstance(error, ChatUnavailable)
    return True


async def _post(chat: ChatAdapter, person: Sink, part: Part, mark: str) -> None:
    """Once more where it was not taken: better told twice than not at all."""
    for attempt in range(1, MAX_TRIES + 1):
        try:
            async with asyncio.timeout(CALL_TIMEOUT):
                await chat.post(person, part, mark)
            return
        except (ChatUnavailable, TimeoutError) as error:
            wait = getattr(error, "retry_after", None)
            if attempt == MAX_TRIES:
                raise ChatUnavailable(str(error) or "No answer.", retry_after=wait) from error
        await asyncio.sleep(min(PAUSE * 2**attempt if wait is None else wait, LONGEST))


def _person(by: Principal, place: Sink) -> Sink:
    """In a channel that workspaces share, the app speaks in the one it is installed in."""
    workspace = place.workspace if place.platform == by.platform else by.workspace
    return Sink(platform=by.platform, workspace=workspace or by.workspace, channel=by.user_id, direct=True)
