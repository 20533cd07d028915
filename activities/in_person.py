"""A word to a person directly, where a thread or a channel takes no messages."""

import structlog

from activities.dependencies import ActivityDependencies
from workflows.cards import NoticeCard
from workflows.chat import Sink
from workflows.errors import ThreadworkError
from workflows.values import Principal, preview

GOAL = 80  # characters of the goal
KEY = "notice:unreachable"
AGAIN = "/agent notify on"

log = structlog.get_logger(__name__)


async def tell_in_person(ports: ActivityDependencies, task_id: str, thread: Sink, failure: str) -> None:
    """Whoever asked for the task. A courtesy: it never raises."""
    try:
        order = await ports.tasks.order(task_id)
    except ThreadworkError as error:
        log.warning("person_not_told", task_id=task_id, error=str(error))
        return
    goal = preview(" ".join(order.goal.split()), GOAL)
    text = (
        f"“{goal}” cannot report in its thread. {failure} The task goes on unseen: list your tasks to see or stop it."
    )
    await _tell(ports, task_id, order.by, thread, text)


async def tell_subscriber(
    ports: ActivityDependencies, task_id: str, by: Principal, channel: Sink, failure: str
) -> None:
    """Whoever subscribed a channel. A courtesy: it never raises."""
    text = f"A channel that you subscribed is told of no task any more. {failure} To begin again, say `{AGAIN}` there."
    await _tell(ports, task_id, by, channel, text)


async def _tell(ports: ActivityDependencies, task_id: str, by: Principal, place: Sink, text: str) -> None:
    if (chat := ports.chats.get(by.platform)) is None:
        return
    card = NoticeCard(key=KEY, text=text, level="warning")
    try:
        for number, part in enumerate(chat.render(task_id, card)):
            await chat.post(_person(by, place), part, mark=f"{task_id}/{KEY}/{number}")
    except ThreadworkError as error:
        log.warning("person_not_told", task_id=task_id, error=str(error))


def _person(by: Principal, place: Sink) -> Sink:
    """In a channel that workspaces share, the app speaks in the one it is installed in."""
    workspace = place.workspace if place.platform == by.platform else by.workspace
    return Sink(platform=by.platform, workspace=workspace or by.workspace, channel=by.user_id, direct=True)
